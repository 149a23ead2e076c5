"""Sent messages as rows of the PBX's call records, for its own reports.

Any layout: the columns are asked for, values are cut to them. Never a text. A row
is known again by its uniqueid (in old tables its userfield), and rows that are there
are never written twice. dstchannel is SMS: no call has that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..config import DatabaseSettings
from ..domain.words import N_, Problem
from ..errors import ConfigError, StoreError
from .db import Database, Transaction

CHANNEL = "SMS"
KEY_LENGTH = 31  # of the longest key
ZONES = timedelta(hours=27)  # a change of the time zone moves a row by less
_NAME = re.compile(r"\w{1,64}")


@dataclass(frozen=True, slots=True)
class SentRecord:
    """One sent message; `at` is local time, without a zone."""

    message_id: int
    at: datetime
    src: str
    dst: str
    trunk: str

    @property
    def key(self) -> str:
        """What it is known by among the call records."""
        return f"massivesms-{self.message_id}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The table's columns with their lengths (None: not a text)."""

    table: str
    columns: Mapping[str, int | None]

    @property
    def key_column(self) -> str | None:
        """Where a row's key is kept; None in tables that have no place for it."""
        for name in ("uniqueid", "userfield"):
            if (self.columns.get(name) or 0) >= KEY_LENGTH:
                return name
        return None


COLUMNS = """
SELECT LOWER(column_name), character_maximum_length FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %(table)s"""
NEEDED = ("calldate", "src", "dst", "dstchannel")


def layout(tx: Transaction, table: str) -> Layout:
    """The columns of the call records. Raises StoreError when it is no such table."""
    if not _NAME.fullmatch(table):
        raise ConfigError(_no_table(table))
    columns = dict(tx.tuples(COLUMNS, {"table": table}))
    if any(name not in columns for name in NEEDED):
        raise StoreError(_no_table(table))
    return Layout(table, columns)


def _no_table(table: str) -> Problem:
    return Problem(
        "cdr_unknown",
        N_(
            "%(table)s is no table of call records that massivesms can see: check"
            " [cdr] in its configuration file, or run as root: massivesms setup"
        ),
        table=table,
    )


#: Writes nothing, but asks for the right to write.
MAY_WRITE = """
INSERT INTO `{table}` (calldate, src, dst, dstchannel)
SELECT calldate, src, dst, dstchannel FROM `{table}` WHERE 1 = 0"""


def check(settings: DatabaseSettings) -> None:
    """Whether rows can be written; raises StoreError when not. Writes nothing."""
    database = Database(settings)
    try:
        with database.transaction() as tx:
            found = layout(tx, settings.table)
            tx.execute(MAY_WRITE.format(table=found.table))
    except StoreError as error:
        raise StoreError(_not_writable(error.problem)) from error
    finally:
        database.close()


def _not_writable(why: Problem) -> Problem:
    return Problem(
        "cdr_not_writable",
        N_(
            "Sent messages cannot be written into the call records now: they wait"
            " until they can. As root: massivesms setup. (%(error)s)"
        ),
        error=why,
    )


PRESENT = """
SELECT {key} FROM `{table}` WHERE {key} IN %(keys)s
  AND calldate BETWEEN %(start)s AND %(end)s"""
ALIKE = """
SELECT DISTINCT calldate, src, dst FROM `{table}` WHERE dst IN %(numbers)s
  AND calldate BETWEEN %(start)s AND %(end)s AND dstchannel = 'SMS'"""


def missing(
    tx: Transaction, table: Layout, records: Sequence[SentRecord]
) -> list[SentRecord]:
    """Those that the call records do not have.

    Tables without a place for a key have one row a sender, number and second.
    """
    if not records:
        return []
    moments = [record.at for record in records]
    values: dict[str, object] = {
        "start": min(moments) - ZONES,
        "end": max(moments) + ZONES,
    }
    key = table.key_column
    if key is not None:
        values["keys"] = [record.key for record in records]
        sql = PRESENT.format(key=key, table=table.table)
        present = {found for (found,) in tx.tuples(sql, values)}
        return [record for record in records if record.key not in present]
    values["numbers"] = [_cut(table, "dst", r.dst) for r in records]
    there = set(tx.tuples(ALIKE.format(table=table.table), values))
    alike: dict[tuple[object, ...], SentRecord] = {}
    for record in records:
        row = _row(table, record)
        same = (row["calldate"], row["src"], row["dst"])
        if same not in there:
            alike.setdefault(same, record)
    return list(alike.values())


#: Old tables have columns that must be filled and have no default.
LENIENT = "SET SESSION sql_mode = ''"
INSERT = "INSERT INTO `{table}` ({columns}) VALUES ({marks})"


def insert(tx: Transaction, table: Layout, records: Sequence[SentRecord]) -> None:
    """Writes one row for each; look for those that are missing first."""
    rows = [_row(table, record) for record in records]
    if not rows:
        return
    sql = INSERT.format(
        table=table.table,
        columns=", ".join(f"`{name}`" for name in rows[0]),
        marks=", ".join(["%s"] * len(rows[0])),
    )
    tx.execute(LENIENT)
    tx.many(sql, [tuple(row.values()) for row in rows])


def _row(table: Layout, record: SentRecord) -> dict[str, object]:
    """The values of the columns that the table has."""
    src = record.src
    values: dict[str, object] = {
        "calldate": record.at.replace(microsecond=0),
        "clid": f'"{src}" <{src}>' if src else "",
        "src": src,
        "dst": record.dst,
        "channel": CHANNEL,
        "dstchannel": CHANNEL,
        "lastapp": CHANNEL,
        "lastdata": record.trunk,
        "duration": 0,
        "billsec": 0,
        "disposition": "ANSWERED",
        "amaflags": 3,  # as Asterisk writes calls
        "uniqueid": record.key,
        "linkedid": record.key,
        "cnum": src,
    }
    if table.key_column == "userfield":
        values["userfield"] = record.key
    return {
        name: _cut(table, name, value)
        for name, value in values.items()
        if name in table.columns
    }


def _cut(table: Layout, name: str, value: object) -> object:
    length = table.columns[name]
    return value[:length] if isinstance(value, str) and length else value
