"""The PBX's groups as we know them, and the role that each of them gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping

from ..domain import pbx_groups as domain
from . import audit, roles, users
from .audit import Actor
from .db import Row, Transaction

ALL = """
SELECT g.name, g.role_id, r.name AS role, g.seen_at
FROM pbx_group g LEFT JOIN role r ON r.id = g.role_id
WHERE g.source = %(source)s ORDER BY g.name"""


def all_groups(tx: Transaction, source: str) -> list[Row]:
    """Every group that we have heard of; `role_id` None = no access."""
    return tx.rows(ALL, {"source": source})


NOTE = """
INSERT INTO pbx_group (source, name, seen_at)
VALUES (%(source)s, %(name)s, IF(%(is_seen)s, UTC_TIMESTAMP(3), NULL))
ON DUPLICATE KEY UPDATE seen_at = COALESCE(VALUES(seen_at), seen_at)"""


def note(
    tx: Transaction, source: str, seen: Collection[str], known: Collection[str]
) -> None:
    """Keeps the names of groups: those of a visitor, and others that the PBX has.

    In the order of their names, so that two visitors at once do not lock each other.
    """
    for name in sorted({*seen, *known}):
        is_seen = int(name in seen)
        tx.execute(NOTE, {"source": source, "name": name, "is_seen": is_seen})


def role_of(tx: Transaction, source: str, groups: Collection[str]) -> int | None:
    """The id of the role that these groups give; None = not let in."""
    return _judge(tx, source)(groups)


SET_ROLE = """
UPDATE pbx_group SET role_id = %(role_id)s
WHERE source = %(source)s AND name = %(name)s"""


def set_roles(
    tx: Transaction, source: str, wanted: Mapping[str, int | None], actor: Actor
) -> int:
    """Gives groups other roles and their members with them; how many changed.

    Names that are not in the list are passed over. Members without a role are
    signed out.
    """
    groups = {row["name"]: row for row in all_groups(tx, source)}
    names = {role["id"]: role["name"] for role in roles.all_roles(tx)}
    changed = 0
    for name, role_id in wanted.items():
        if name not in groups or role_id == groups[name]["role_id"]:
            continue
        tx.execute(SET_ROLE, {"source": source, "name": name, "role_id": role_id})
        details = {"role": [groups[name]["role"], names.get(role_id)]}
        audit.record(tx, actor, "pbx_group.role", name, details)
        changed += 1
    if changed:
        _follow(tx, source)
    return changed


MEMBERS = """
SELECT id, role_id, pbx_groups FROM user WHERE source = %(source)s FOR UPDATE"""
SET_MEMBER = "UPDATE user SET role_id = %(role_id)s WHERE id = %(id)s"


def _follow(tx: Transaction, source: str) -> None:
    judge = _judge(tx, source)
    for member in tx.rows(MEMBERS, {"source": source}):
        role_id = judge(json.loads(member["pbx_groups"] or "[]"))
        if role_id != member["role_id"]:
            tx.execute(SET_MEMBER, {"id": member["id"], "role_id": role_id})
        if role_id is None:
            users.end_sessions(tx, member["id"])


def _judge(tx: Transaction, source: str) -> Callable[[Collection[str]], int | None]:
    chosen = {row["name"]: row["role_id"] for row in all_groups(tx, source)}
    permissions = {role["id"]: role["permissions"] for role in roles.all_roles(tx)}
    return lambda groups: domain.role_for(groups, chosen, permissions)
