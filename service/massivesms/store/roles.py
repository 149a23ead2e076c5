"""Roles: named sets of permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..domain.campaigns import name_taken, not_found
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import audit
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

ALL = """
SELECT r.id, r.name, r.permissions, r.built_in,
       (SELECT COUNT(*) FROM user u WHERE u.role_id = r.id) AS users
FROM role r ORDER BY r.built_in DESC, r.name"""


def all_roles(tx: Transaction) -> list[Row]:
    """Every role with `permissions` (a set) and the number of its `users`."""
    return [_read(row) for row in tx.rows(ALL)]


BY_ID = "SELECT id, name, permissions, built_in FROM role WHERE id = %(id)s"


def by_id(tx: Transaction, role_id: int) -> Row | None:
    """One role or None."""
    row = tx.row(BY_ID, {"id": role_id})
    return _read(row) if row else None


BY_NAME = "SELECT id, name, permissions, built_in FROM role WHERE name = %(name)s"


def by_name(tx: Transaction, name: str) -> Row:
    """The role of that name; StoreError that lists the roles when there is none."""
    row = tx.row(BY_NAME, {"name": name})
    if row is None:
        known = ", ".join(role["name"] for role in all_roles(tx))
        raise StoreError(
            Problem(
                "role_unknown",
                N_("There is no role called %(name)s. The roles are: %(known)s."),
                name=name,
                known=known,
            )
        )
    return _read(row)


INSERT = "INSERT INTO role (name, permissions) VALUES (%(name)s, %(permissions)s)"


def create(tx: Transaction, name: str, permissions: Iterable[str], actor: Actor) -> int:
    """A new role; its id. StoreError when the name is taken."""
    values = {"name": name, "permissions": ",".join(sorted(permissions))}
    with unique(name_taken("role", name)):
        role_id = tx.insert(INSERT, values)
    audit.record(tx, actor, "role.create", name, _audited(values))
    return role_id


ADMINISTRATORS = """
SELECT COUNT(*) FROM user u JOIN role r ON r.id = u.role_id
WHERE u.active = 1 AND u.source = 'own' AND FIND_IN_SET('users', r.permissions)"""
UPDATE = """
UPDATE role SET name = %(name)s, permissions = %(permissions)s
WHERE id = %(id)s AND built_in = 0"""


def update(
    tx: Transaction, role_id: int, name: str, permissions: Iterable[str], actor: Actor
) -> None:
    """Changes what a role may do; the administrator's cannot be changed.

    StoreError when nobody could manage users any more.
    """
    listed = ",".join(sorted(permissions))
    values = {"id": role_id, "name": name, "permissions": listed}
    before = tx.row(BY_ID, values) or {}
    had = tx.value(ADMINISTRATORS)
    with unique(name_taken("role", name)):
        tx.execute(UPDATE, values)
    if had and not tx.value(ADMINISTRATORS):
        raise StoreError(last_administrator(name))
    after = {"name": name, "permissions": listed}
    details = audit.changes(_audited(before), _audited(after))
    audit.record(tx, actor, "role.change", name, details)


USERS_OF = "SELECT COUNT(*) FROM user WHERE role_id = %(id)s"
GROUPS_OF = "SELECT COUNT(*) FROM pbx_group WHERE role_id = %(id)s"
DELETE = "DELETE FROM role WHERE id = %(id)s AND built_in = 0"


def remove(tx: Transaction, role: Row, actor: Actor) -> None:
    """Deletes a role that no user and no group of the PBX has, or StoreError."""
    if tx.value(USERS_OF, {"id": role["id"]}):
        raise StoreError(
            Problem(
                "role_in_use",
                N_("Users have the role %(name)s. Give them another one first."),
                name=role["name"],
            )
        )
    if tx.value(GROUPS_OF, {"id": role["id"]}):
        raise StoreError(
            Problem(
                "role_of_groups",
                N_(
                    "Groups of the PBX have the role %(name)s."
                    " Give them another one first."
                ),
                name=role["name"],
            )
        )
    if not tx.execute(DELETE, {"id": role["id"]}):
        raise StoreError(not_found("role", role["name"]))
    details = {"permissions": ", ".join(sorted(role["permissions"]))}
    audit.record(tx, actor, "role.remove", role["name"], details)


def _audited(role: Mapping[str, str]) -> dict[str, str]:
    permissions = sorted(role.get("permissions", "").split(","))
    return {"name": role.get("name", ""), "permissions": ", ".join(permissions)}


def last_administrator(name: str) -> Problem:
    """Why the last user (or role) that may manage users stays as it is."""
    return Problem(
        "last_administrator",
        N_(
            "%(name)s is the only one left who may manage users."
            " Give another user that permission first."
        ),
        name=name,
    )


def _read(row: Row) -> Row:
    row["permissions"] = frozenset(p for p in row["permissions"].split(",") if p)
    row["built_in"] = bool(row["built_in"])
    return row
