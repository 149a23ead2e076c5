"""Sources of automatic loads, and which of their rows were loaded already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ..domain import sources as rules
from ..domain.campaigns import name_taken, not_found
from ..domain.schedule import SendingHours
from ..domain.sources import Draft
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import audit, source_audit
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

PURGE_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Stored:
    """A checked draft as it is stored; `secrets` is encrypted."""

    draft: Draft
    secrets: bytes
    first_day: date
    has_new_secrets: bool = False

    def params(self) -> dict[str, Any]:
        """Values for the statements below."""
        draft = self.draft
        hours = draft.hours
        return {
            **{name: getattr(draft, name) for name in _PLAIN},
            "name": draft.name.strip(),
            "user_name": draft.user,
            "database_name": draft.database,
            "tls": int(draft.tls),
            "active": int(draft.active),
            "paused": int(draft.paused),
            "days": "".join(str(day) for day in sorted(set(draft.days))),
            "hours_from": hours.start if hours else None,
            "hours_to": hours.end if hours else None,
            "secrets": self.secrets,
            "first_day": self.first_day,
        }

    def audited(self) -> dict[str, Any]:
        """Its values as a stored source has them."""
        return {**self.params(), "hours": self.draft.hours}


_PLAIN = (
    *("kind", "place", "host", "port", "query", "number_column", "key_column", "text"),
    *("run_at", "most_rows", "timeout_s", "campaign", "trunk_id", "sender_id"),
    "mail_to",
)
COLUMNS = """
id, name, kind, place, host, port, user_name, database_name, tls, secrets, query,
number_column, key_column, text, active, run_at, days, first_day, most_rows, timeout_s,
campaign, trunk_id, sender_id, hours_from, hours_to, paused, mail_to, created_at,
changed_at"""
ALL = f"SELECT {COLUMNS} FROM source ORDER BY name"  # noqa: S608


def every(tx: Transaction) -> list[Row]:
    """Every source by name; `days` are numbers, `hours` is None without any."""
    return [_read(row) for row in tx.rows(ALL)]


BY_ID = f"SELECT {COLUMNS} FROM source WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, source_id: int) -> Row | None:
    """One source or None."""
    row = tx.row(BY_ID, {"id": source_id})
    return _read(row) if row else None


BY_NAME = f"SELECT {COLUMNS} FROM source WHERE name = %(name)s"  # noqa: S608


def by_name(tx: Transaction, name: str) -> Row:
    """The source of that name; StoreError when there is none."""
    row = tx.row(BY_NAME, {"name": name})
    if row is None:
        raise StoreError(not_found("source", name))
    return _read(row)


HOLD = "SELECT id FROM source WHERE id = %(id)s FOR UPDATE"


def hold(tx: Transaction, source_id: int) -> None:
    """No other run of this source stores anything until the transaction ends."""
    tx.value(HOLD, {"id": source_id})


HOW_MANY = "SELECT COUNT(*) FROM source"
INSERT = """
INSERT INTO source (name, kind, place, host, port, user_name, database_name, tls,
  secrets, query, number_column, key_column, text, active, run_at, days, first_day,
  most_rows, timeout_s, campaign, trunk_id, sender_id, hours_from, hours_to, paused,
  mail_to, created_at, changed_at)
VALUES (%(name)s, %(kind)s, %(place)s, %(host)s, %(port)s, %(user_name)s,
  %(database_name)s, %(tls)s, %(secrets)s, %(query)s, %(number_column)s, %(key_column)s,
  %(text)s, %(active)s, %(run_at)s, %(days)s, %(first_day)s, %(most_rows)s,
  %(timeout_s)s, %(campaign)s, %(trunk_id)s, %(sender_id)s, %(hours_from)s,
  %(hours_to)s, %(paused)s, %(mail_to)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def create(tx: Transaction, new: Stored, actor: Actor) -> int:
    """Stores a new source; its id. StoreError when the name is taken."""
    if tx.value(HOW_MANY) >= rules.MOST_SOURCES:
        words = N_("There are %(most)s sources already; more than that are refused.")
        raise StoreError(Problem("sources_many", words, most=rules.MOST_SOURCES))
    with unique(name_taken("source", new.draft.name)):
        source_id = tx.insert(INSERT, new.params())
    details = source_audit.described(tx, new.audited())
    audit.record(tx, actor, "source.create", new.draft.name, details)
    return source_id


UPDATE = """
UPDATE source SET name = %(name)s, kind = %(kind)s, place = %(place)s, host = %(host)s,
  port = %(port)s, user_name = %(user_name)s, database_name = %(database_name)s,
  tls = %(tls)s, secrets = %(secrets)s, query = %(query)s,
  number_column = %(number_column)s, key_column = %(key_column)s, text = %(text)s,
  active = %(active)s, run_at = %(run_at)s, days = %(days)s, first_day = %(first_day)s,
  most_rows = %(most_rows)s, timeout_s = %(timeout_s)s, campaign = %(campaign)s,
  trunk_id = %(trunk_id)s, sender_id = %(sender_id)s, hours_from = %(hours_from)s,
  hours_to = %(hours_to)s, paused = %(paused)s, mail_to = %(mail_to)s,
  changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def update(tx: Transaction, source: Row, new: Stored, actor: Actor) -> None:
    """Changes a source."""
    params = new.params()
    with unique(name_taken("source", new.draft.name)):
        tx.execute(UPDATE, {**params, "id": source["id"]})
    old = {**source, "days": "".join(map(str, source["days"]))}
    details: dict[str, object] = {**source_audit.changes_of(tx, old, new.audited())}
    if new.has_new_secrets:
        details["secrets"] = True
    audit.record(tx, actor, "source.change", new.draft.name, details)


SET_ACTIVE = """
UPDATE source SET active = %(active)s, first_day = %(first_day)s,
  changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def set_active(
    tx: Transaction, source: Row, active: bool, local_now: datetime, actor: Actor
) -> None:
    """Turns a source on or off; by itself it runs from its next hour on."""
    first = source["first_day"]
    if source["active"] != active:
        first = rules.first_day(source["run_at"], local_now)
    values = {"id": source["id"], "active": int(active), "first_day": first}
    tx.execute(SET_ACTIVE, values)
    action = "source.enable" if active else "source.disable"
    details = {"active": [bool(source["active"]), active]}
    audit.record(tx, actor, action, source["name"], details)


REMOVE = "DELETE FROM source WHERE id = %(id)s"
REMOVE_RUNS = "DELETE FROM source_run WHERE source_id = %(id)s"
REMOVE_FILES = "DELETE FROM source_file WHERE source_id = %(id)s"


def remove(tx: Transaction, source: Row, actor: Actor) -> None:
    """Removes a source with its history; campaigns stay. Keys go by purge."""
    for sql in (REMOVE, REMOVE_RUNS, REMOVE_FILES):
        tx.execute(sql, {"id": source["id"]})
    audit.record(tx, actor, "source.remove", source["name"])


KNOWN = """
SELECT row_key FROM source_key
WHERE source_id = %(source_id)s AND day = %(day)s AND row_key IN %(keys)s"""


def known_keys(
    tx: Transaction, source_id: int, day: date, keys: Sequence[bytes]
) -> set[bytes]:
    """Those of some rows that were loaded for that day already."""
    if not keys:
        return set()
    values = {"source_id": source_id, "day": day, "keys": list(keys)}
    return {key for (key,) in tx.tuples(KNOWN, values)}


QUICKER = Problem(
    "source_quicker",
    N_("Another run of this source has loaded the same meanwhile: run it again."),
)
ADD_KEY = """
INSERT INTO source_key (source_id, day, row_key) VALUES (%s, %s, %s)"""


def add_keys(tx: Transaction, source_id: int, day: date, keys: Sequence[bytes]) -> None:
    """Says that rows are loaded; DuplicateRow when one of them is already."""
    with unique(QUICKER):
        tx.many(ADD_KEY, [(source_id, day, key) for key in keys])


FILES = "SELECT digest FROM source_file WHERE source_id = %(id)s"


def known_files(tx: Transaction, source_id: int) -> set[bytes]:
    """The files that were loaded."""
    return {digest for (digest,) in tx.tuples(FILES, {"id": source_id})}


ADD_FILE = """
INSERT INTO source_file (source_id, digest, loaded_at)
VALUES (%(id)s, %(digest)s, UTC_TIMESTAMP(3))"""


def add_file(tx: Transaction, source_id: int, digest: bytes) -> None:
    """Says that a file is loaded; DuplicateRow when it is already."""
    with unique(QUICKER):
        tx.execute(ADD_FILE, {"id": source_id, "digest": digest})


BAD_LINES = """
SELECT line FROM import_problem
WHERE import_id = %(import_id)s AND line BETWEEN %(first)s AND %(last)s"""


def bad_lines(tx: Transaction, import_id: int, first: int, last: int) -> set[int]:
    """The lines of an import between two that were not taken."""
    values = {"import_id": import_id, "first": first, "last": last}
    return {line for (line,) in tx.tuples(BAD_LINES, values)}


PURGE_KEYS = f"""
DELETE FROM source_key WHERE day < UTC_DATE() - INTERVAL {rules.KEEP_DAYS} DAY
LIMIT {PURGE_ROWS}"""  # noqa: S608
PURGE_FILES = f"""
DELETE FROM source_file
WHERE loaded_at < UTC_TIMESTAMP(3) - INTERVAL {rules.KEEP_DAYS} DAY
LIMIT {PURGE_ROWS}"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets what was loaded long ago, a little at a time; how many."""
    return tx.execute(PURGE_KEYS) + tx.execute(PURGE_FILES)


def _read(row: Row) -> Row:
    """Adds what Python wants otherwise."""
    start, end = _clock(row["hours_from"]), _clock(row["hours_to"])
    flags = {name: bool(row[name]) for name in ("active", "tls", "paused")}
    return {
        **row,
        **flags,
        "run_at": _clock(row["run_at"]),
        "days": [int(day) for day in row["days"]],
        "hours": SendingHours(start, end)
        if start is not None and end is not None
        else None,
    }


def _clock(value: timedelta | None) -> time | None:
    """MySQL's TIME comes as a timedelta."""
    return None if value is None else (datetime.min + value).time()
