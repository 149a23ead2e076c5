"""Users of the web module: our own with a password, and those of the PBX without.

`find` and `by_name` see our own only: nobody of the PBX signs in by a name.
"""

from __future__ import annotations

import json

from ..domain.campaigns import name_taken, not_found
from ..domain.pbx_groups import full_name, looks_foreign
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import audit
from .audit import Actor
from .db import Row, Transaction
from .failures import unique
from .roles import last_administrator

COLUMNS = """
u.id, u.source, u.name, u.pbx_id, u.extension, u.pbx_groups, u.role_id,
u.password_hash, u.active, u.language, u.created_at, u.signed_in_at, r.name AS role,
COALESCE(r.permissions, '') AS permissions"""
FROM = "FROM user u LEFT JOIN role r ON r.id = u.role_id"

ALL = f"SELECT {COLUMNS} {FROM} ORDER BY u.source, u.name, u.id"  # noqa: S608


def all_users(tx: Transaction) -> list[Row]:
    """Every user with `role` (None = no access) and `permissions` (a set)."""
    return [_read(row) for row in tx.rows(ALL)]


BY_ID = f"SELECT {COLUMNS} {FROM} WHERE u.id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, user_id: int) -> Row | None:
    """One user or None."""
    row = tx.row(BY_ID, {"id": user_id})
    return _read(row) if row else None


BY_NAME = f"""
SELECT {COLUMNS} {FROM} WHERE u.source = 'own' AND u.name = %(name)s"""  # noqa: S608


def find(tx: Transaction, name: str) -> Row | None:
    """Our own user of that name or None."""
    row = tx.row(BY_NAME, {"name": name})
    return _read(row) if row else None


def by_name(tx: Transaction, name: str) -> Row:
    """Our own user of that name; StoreError when there is none."""
    if looks_foreign(name):
        raise StoreError(
            Problem(
                "user_of_the_pbx",
                N_(
                    "%(name)s is a user of the PBX."
                    " The page Users of the web module shuts out and lets in."
                ),
                name=name,
            )
        )
    row = find(tx, name)
    if row is None:
        raise StoreError(not_found("user", name))
    return row


INSERT = """
INSERT INTO user (name, role_id, password_hash, created_at)
VALUES (%(name)s, %(role_id)s, %(password_hash)s, UTC_TIMESTAMP(3))"""


ROLE_NAME = "SELECT name FROM role WHERE id = %(role_id)s"


def create(
    tx: Transaction, name: str, role_id: int, password_hash: str, actor: Actor
) -> int:
    """A new user of our own; its id. StoreError when the name is taken."""
    if looks_foreign(name):
        raise StoreError(
            Problem(
                "name_of_the_pbx",
                N_("Names that end in %(end)s are those of users of the PBX."),
                end="@" + name.rpartition("@")[2],
            )
        )
    values = {"name": name, "role_id": role_id, "password_hash": password_hash}
    with unique(name_taken("user", name)):
        user_id = tx.insert(INSERT, values)
    details = {"role": tx.value(ROLE_NAME, {"role_id": role_id})}
    audit.record(tx, actor, "user.create", name, details)
    return user_id


SET_ROLE = "UPDATE user SET role_id = %(role_id)s WHERE id = %(id)s"


def set_role(tx: Transaction, user: Row, role_id: int, actor: Actor) -> None:
    """Gives a user another role; StoreError for the last administrator."""
    if role_id != user["role_id"]:
        _keep_an_administrator(tx, user)
        tx.execute(SET_ROLE, {"id": user["id"], "role_id": role_id})
        details = {"role": [user["role"], tx.value(ROLE_NAME, {"role_id": role_id})]}
        audit.record(tx, actor, "user.role", user["full_name"], details)


SET_ACTIVE = "UPDATE user SET active = %(active)s WHERE id = %(id)s"


def set_active(tx: Transaction, user: Row, active: bool, actor: Actor) -> None:
    """Lets a user in or not; a disabled one is signed out everywhere at once."""
    if not active:
        _keep_an_administrator(tx, user)
        end_sessions(tx, user["id"])
    tx.execute(SET_ACTIVE, {"id": user["id"], "active": int(active)})
    action = "user.enable" if active else "user.disable"
    details = {"active": [user["active"], active]}
    audit.record(tx, actor, action, user["full_name"], details)


SET_PASSWORD = "UPDATE user SET password_hash = %(password_hash)s WHERE id = %(id)s"  # noqa: S105


def set_password(tx: Transaction, user: Row, password_hash: str, actor: Actor) -> None:
    """Changes a password; all sessions of the user end."""
    tx.execute(SET_PASSWORD, {"id": user["id"], "password_hash": password_hash})
    end_sessions(tx, user["id"])
    audit.record(tx, actor, "user.password", user["name"])


SET_LANGUAGE = "UPDATE user SET language = %(language)s WHERE id = %(id)s"


def set_language(tx: Transaction, user: Row, language: str, actor: Actor) -> None:
    """The language of a user's pages; '' = the browser's."""
    if language != user["language"]:
        tx.execute(SET_LANGUAGE, {"id": user["id"], "language": language})
        details = {"language": [user["language"], language]}
        audit.record(tx, actor, "user.language", user["full_name"], details)


SIGNED_IN = "UPDATE user SET signed_in_at = UTC_TIMESTAMP(3) WHERE id = %(id)s"


def signed_in(tx: Transaction, user_id: int) -> None:
    """Notes a sign-in."""
    tx.execute(SIGNED_IN, {"id": user_id})


DELETE = "DELETE FROM user WHERE id = %(id)s"


def remove(tx: Transaction, user: Row, actor: Actor) -> None:
    """Deletes a user; what they did stays in the audit by name."""
    _keep_an_administrator(tx, user)
    end_sessions(tx, user["id"])
    tx.execute(DELETE, {"id": user["id"]})
    audit.record(tx, actor, "user.remove", user["full_name"], {"role": user["role"]})


END_SESSIONS = "DELETE FROM web_session WHERE user_id = %(user_id)s"


def end_sessions(tx: Transaction, user_id: int) -> None:
    """Signs a user out of every browser."""
    tx.execute(END_SESSIONS, {"user_id": user_id})


OTHER_ADMINISTRATORS = """
SELECT COUNT(*) FROM user u JOIN role r ON r.id = u.role_id
WHERE u.active = 1 AND u.source = 'own' AND u.id <> %(id)s
  AND FIND_IN_SET('users', r.permissions)"""


def _keep_an_administrator(tx: Transaction, user: Row) -> None:
    """One of our own: those of the PBX are gone when its menu is."""
    is_one = user["active"] and "users" in user["permissions"]
    if (
        user["source"] == "own"
        and is_one
        and not tx.value(OTHER_ADMINISTRATORS, {"id": user["id"]})
    ):
        raise StoreError(last_administrator(user["name"]))


def _read(row: Row) -> Row:
    row["permissions"] = frozenset(p for p in row["permissions"].split(",") if p)
    row["active"] = bool(row["active"])
    row["full_name"] = full_name(row["name"], row["source"])
    row["pbx_groups"] = json.loads(row["pbx_groups"] or "[]")
    return row
