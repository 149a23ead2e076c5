"""Owns Issabel's menu and rights in SQLite, and the rules by which a menu.xml joins.

The rules are those of issabel-menumerge, stated anew: the type of an entry, what
becomes of groups that do not exist, and where grants are made. The PHP stubs read
what this writes.
"""

from __future__ import annotations

import hashlib
import sqlite3
import xml.etree.ElementTree as ET
from pathlib import Path

ACL = """
CREATE TABLE acl_user (
  id INTEGER PRIMARY KEY, name, description, md5_password, extension);
CREATE TABLE acl_group (id INTEGER PRIMARY KEY, name, description);
CREATE TABLE acl_membership (id INTEGER PRIMARY KEY, id_user INTEGER, id_group INTEGER);
CREATE TABLE acl_resource (id INTEGER PRIMARY KEY, name, description);
CREATE TABLE acl_action (id INTEGER PRIMARY KEY, name, description);
CREATE TABLE acl_group_permission (
  id INTEGER PRIMARY KEY, id_action INTEGER, id_group INTEGER, id_resource INTEGER);
CREATE TABLE acl_module_privileges (
  id INTEGER PRIMARY KEY, id_resource INTEGER, privilege, desc_privilege);
CREATE TABLE acl_module_group_permissions (
  id INTEGER PRIMARY KEY, id_group INTEGER, id_module_privilege INTEGER);
CREATE TABLE acl_module_user_permissions (
  id INTEGER PRIMARY KEY, id_user INTEGER, id_module_privilege INTEGER);
INSERT INTO acl_action (id, name) VALUES (1, 'access');
INSERT INTO acl_group (id, name)
VALUES (1, 'administrator'), (2, 'operator'), (3, 'extension');
"""
MENU = "CREATE TABLE menu (id TEXT PRIMARY KEY, IdParent, Link, Name, Type, order_no)"


class Rights:
    """Issabel's two databases in a directory."""

    def __init__(self, directory: Path) -> None:
        self.acl_file, self.menu_file = directory / "acl.db", directory / "menu.db"
        self._acl = sqlite3.connect(self.acl_file, isolation_level=None)
        self._menu = sqlite3.connect(self.menu_file, isolation_level=None)
        self._acl.executescript(ACL)
        self._menu.execute(MENU)

    def close(self) -> None:
        """The files stay."""
        self._acl.close()
        self._menu.close()

    def add_user(
        self, name: str, password: str, *groups: str, extension: str = ""
    ) -> int:
        """Somebody who may sign in to the PBX; the id there."""
        digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
        made = self._acl.execute(
            "INSERT INTO acl_user (name, md5_password, extension) VALUES (?, ?, ?)",
            (name, digest, extension),
        )
        for group in groups:
            self._acl.execute(
                "INSERT INTO acl_membership (id_user, id_group) VALUES (?, ?)",
                (made.lastrowid, self.group(group)),
            )
        return int(made.lastrowid or 0)

    def add_group(self, name: str) -> int:
        """A group; the PBX gives it the next id, whatever was asked for."""
        made = self._acl.execute("INSERT INTO acl_group (name) VALUES (?)", (name,))
        return int(made.lastrowid or 0)

    def group(self, name: str) -> int | None:
        """The id of a group."""
        return self._one("SELECT id FROM acl_group WHERE name = ?", name)

    def merge(self, file: Path) -> None:
        """Joins a menu.xml, as often as one likes. ValueError says what is wrong."""
        for item in ET.parse(file).getroot().findall("./menulist/menuitem"):
            self._merge_item(item)

    def entries(self) -> dict[str, tuple[str, str]]:
        """id -> (parent, type)."""
        found = self._menu.execute("SELECT id, IdParent, Type FROM menu")
        return {row[0]: (row[1], row[2]) for row in found}

    def opens(self, entry: str) -> set[str]:
        """The groups that may open an entry."""
        found = self._acl.execute(
            "SELECT g.name FROM acl_group g JOIN acl_group_permission p"
            " ON p.id_group = g.id JOIN acl_resource r ON r.id = p.id_resource"
            " WHERE r.name = ?",
            (entry,),
        )
        return {row[0] for row in found}

    def granted(self) -> dict[str, set[str]]:
        """privilege -> the groups that have it."""
        found: dict[str, set[str]] = {}
        for privilege, group in self._acl.execute(
            "SELECT p.privilege, g.name FROM acl_module_privileges p"
            " JOIN acl_module_group_permissions m ON m.id_module_privilege = p.id"
            " LEFT JOIN acl_group g ON g.id = m.id_group"
        ):
            found.setdefault(privilege, set()).add(group)
        return found

    def _merge_item(self, item: ET.Element) -> None:
        entry, parent = item.get("menuid", ""), item.get("parent", "")
        link, name = item.get("link", ""), item.get("desc", "")
        kind = ("framed" if link else "module") if parent else ""
        if not entry or not name:
            raise ValueError("an entry without id or name")
        if parent and parent not in self.entries():
            raise ValueError(f"{entry}: the parent {parent} does not exist")
        is_new = entry not in self.entries()
        self._menu.execute(
            "REPLACE INTO menu VALUES (?, ?, ?, ?, ?, ?)",
            (entry, parent, link, name, kind, int(item.get("order", "-1"))),
        )
        if parent:  # the first level has no rights of its own
            self._resource(entry, name)
        if parent and is_new:
            self._open_to_groups(entry, item)
        for privilege in item.findall("privilege"):
            self._privilege(entry, privilege)

    def _resource(self, entry: str, name: str) -> None:
        if self._one("SELECT id FROM acl_resource WHERE name = ?", entry) is None:
            self._acl.execute(
                "INSERT INTO acl_resource (name, description) VALUES (?, ?)",
                (entry, name),
            )

    def _open_to_groups(self, entry: str, item: ET.Element) -> None:
        ids = []
        for group in item.findall("./permissions/group"):
            found = self.group(group.get("name", ""))
            # An unknown name falls back to whichever group has that id.
            by_id = "SELECT id FROM acl_group WHERE id = ?"
            found = found or self._one(by_id, group.get("id", ""))
            ids.append(found or self.add_group(group.get("name", "")))
        for group_id in ids or [1]:
            self._acl.execute(
                "INSERT INTO acl_group_permission (id_action, id_group, id_resource)"
                " SELECT 1, ?, id FROM acl_resource WHERE name = ?",
                (group_id, entry),
            )

    def _privilege(self, entry: str, privilege: ET.Element) -> None:
        resource = self._one("SELECT id FROM acl_resource WHERE name = ?", entry)
        if resource is None:
            raise ValueError(f"{entry}: no rights at the first level")
        name = privilege.get("name", "")
        mine = "SELECT id FROM acl_module_privileges WHERE privilege = ?"
        if self._one(mine, name) is None:
            self._acl.execute(
                "INSERT INTO acl_module_privileges (id_resource, privilege)"
                " VALUES (?, ?)",
                (resource, name),
            )
        for grant in privilege.findall("grant2group"):
            pair = (self.group(grant.get("name", "")), self._one(mine, name))
            known = self._acl.execute(
                "SELECT 1 FROM acl_module_group_permissions"
                " WHERE id_group IS ? AND id_module_privilege = ?",
                pair,
            )
            if known.fetchone() is None:
                self._acl.execute(
                    "INSERT INTO acl_module_group_permissions"
                    " (id_group, id_module_privilege) VALUES (?, ?)",
                    pair,
                )

    def _one(self, sql: str, value: object) -> int | None:
        row = self._acl.execute(sql, (value,)).fetchone()
        return int(row[0]) if row else None
