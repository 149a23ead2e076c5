"""The record of every change: who, when, from where, what. Only ever added to.

Details are facts by name; what was changed is a pair [before, after]. Never texts of
messages, never secrets, numbers masked.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..domain.event_kinds import logger_name
from ..domain.inert_text import inert
from . import like
from .db import Database, Row, Transaction

log = logging.getLogger(logger_name("changes"))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user of the pages or the command line, and from where."""

    name: str
    address: str = ""


RECORD = """
INSERT INTO audit (at, user_name, address, action, subject, details)
VALUES (UTC_TIMESTAMP(3), %(user)s, %(address)s, %(action)s, %(subject)s, %(details)s)
"""


def record(
    tx: Transaction,
    actor: Actor,
    action: str,
    subject: str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Adds one change, in the same transaction as the change itself."""
    values = {
        "user": inert(actor.name)[:64],
        "address": inert(actor.address).encode("ascii", "replace")[:45].decode(),
        "action": action,
        "subject": inert(subject)[:160],
        "details": json.dumps(_inert(details or {}), ensure_ascii=False, default=str),
    }
    tx.execute(RECORD, values)

    if action.startswith("user.sign_"):
        return  # the event log has them by themselves

    def tell() -> None:
        words = "%(action)s: %(subject)s, by %(user)s from %(address)s"
        log.info(words, {**values, "address": values["address"] or "-"})

    tx.after_commit.append(tell)


def _inert(value: object) -> object:
    """A value with all its texts inert, whatever they are in."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, Mapping):
        return {inert(str(key)): _inert(one) for key, one in value.items()}
    return list(map(_inert, value)) if isinstance(value, list | tuple) else value


def changes(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, list[object]]:
    """What differs, as pairs [before, after] by name."""
    names = [*before, *(name for name in after if name not in before)]
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if _plain(before.get(name)) != _plain(after.get(name))
    }


def _plain(value: object) -> object:
    """Values that mean the same are the same: 1 and True, 5 and 5.0000."""
    return None if value is None else str(int(value) if value in (0, 1) else value)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which changes: by a user, of a kind, with a text in the subject, of a time.

    `action` is one ("list.add") or all of a noun ("list."); times are UTC, `end` is
    not within.
    """

    user: str = ""
    action: str = ""
    subject: str = ""
    start: datetime | None = None
    end: datetime | None = None


COLUMNS = "a.id, a.at, a.user_name, a.address, a.action, a.subject, a.details"
# The id of the first change at or after a moment: ids are in the order of time.
FIRST_AT = "SELECT id FROM audit WHERE at >= %(at)s ORDER BY at, id LIMIT 1"
PAGE = f"""
SELECT {COLUMNS} FROM audit a FORCE INDEX ({{index}})
WHERE a.id >= %(first)s AND a.id < %(before)s{{also}}
ORDER BY a.id DESC LIMIT %(limit)s"""  # noqa: S608
NEVER = 2**63


def page(
    tx: Transaction,
    wanted: Filter | None = None,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[Row]:
    """The newest changes first, those before an id for the next page."""
    wanted = wanted or Filter()
    first = _first_at(tx, wanted.start) if wanted.start else 0
    end = _first_at(tx, wanted.end) if wanted.end else NEVER
    index, also, values = _conditions(wanted)
    values |= {"first": first, "before": min(before or NEVER, end), "limit": limit}
    rows = tx.rows(PAGE.format(index=index, also=also), values)
    for row in rows:
        row["details"] = json.loads(row["details"])
    return rows


def every(db: Database, wanted: Filter, *, batch: int = 1000) -> Iterator[Row]:
    """All of them, newest first, each batch in a transaction of its own."""
    before = None
    while True:
        with db.transaction() as tx:
            rows = page(tx, wanted, before=before, limit=batch)
        if not rows:
            return
        yield from rows
        before = rows[-1]["id"]


USERS = "SELECT DISTINCT user_name FROM audit ORDER BY user_name LIMIT 500"


def users(tx: Transaction) -> list[str]:
    """Everybody who has changed something, to choose from."""
    return [name for (name,) in tx.tuples(USERS)]


def _first_at(tx: Transaction, moment: datetime) -> int:
    at = moment.astimezone(UTC).replace(tzinfo=None)
    found = tx.value(FIRST_AT, {"at": at})
    return NEVER if found is None else int(found)


def _conditions(wanted: Filter) -> tuple[str, str, dict[str, object]]:
    """The index to read in its order, the further conditions and their values."""
    index, clauses = "PRIMARY", []
    values: dict[str, object] = {}
    if wanted.user:
        index = "user_name"
        clauses.append("a.user_name = %(user)s")
        values["user"] = wanted.user
    if wanted.action.endswith("."):
        clauses.append("a.action LIKE %(action)s")
        values["action"] = like.begins(wanted.action)
    elif wanted.action:
        index = "action"
        clauses.append("a.action = %(action)s")
        values["action"] = wanted.action
    if wanted.subject:
        clauses.append("a.subject LIKE %(subject)s")
        values["subject"] = like.holds(wanted.subject)
    return index, "".join(f" AND {clause}" for clause in clauses), values
