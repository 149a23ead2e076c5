"""The PBX's call records: read only, by windows of dates, never altered.

`cdr` has no index on src, so everything goes by calldate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..config import DatabaseSettings
from ..domain.words import N_, Problem
from ..errors import ConfigError
from .db import Database

WINDOW = timedelta(days=7)
_NAME = re.compile(r"\w{1,64}")

#: One window's numbers; which column is a number decides the direction.
NUMBERS = """
SELECT {column} AS number, COUNT(*) AS calls FROM `{table}`
WHERE calldate >= %(start)s AND calldate < %(end)s {answered}
GROUP BY {column}"""
ANSWERED = "AND disposition = 'ANSWERED'"
PROBE = "SELECT calldate FROM `{table}` LIMIT 1"
SPAN = "SELECT MIN(calldate), MAX(calldate) FROM `{table}`"


@dataclass(frozen=True, slots=True)
class Query:
    """Which calls: in the PBX's local time, end excluded; None = no limit."""

    start: datetime | None = None
    end: datetime | None = None
    callees: bool = False  # False: who called; True: who was called
    answered_only: bool = False


def numbers(settings: DatabaseSettings, query: Query) -> Iterator[str]:
    """The numbers of the calls as they were written, each once a window.

    Raises StoreError when the call records cannot be read.
    """
    table = _table(settings)
    sql = NUMBERS.format(
        column="dst" if query.callees else "src",
        table=table,
        answered=ANSWERED if query.answered_only else "",
    )
    database = Database(settings)
    try:
        for start, end in _windows(database, table, query):
            with database.transaction() as tx:
                found = tx.tuples(sql, {"start": start, "end": end})
            for number, _calls in found:
                yield number
    finally:
        database.close()


def _table(settings: DatabaseSettings) -> str:
    if not _NAME.fullmatch(settings.table):
        raise ConfigError(
            Problem(
                "cdr_table",
                N_("The table of the call records is misspelt in [cdr]: %(table)s"),
                table=settings.table,
            )
        )
    return settings.table


def _windows(
    database: Database, table: str, query: Query
) -> Iterator[tuple[datetime, datetime]]:
    with database.transaction() as tx:
        first, last = tx.tuples(SPAN.format(table=table))[0]
    if first is None:
        return
    start = max(query.start, first) if query.start else first
    limit = last + timedelta(seconds=1)
    end = min(query.end, limit) if query.end else limit
    while start < end:
        stop = min(start + WINDOW, end)
        yield start, stop
        start = stop


def check(settings: DatabaseSettings) -> None:
    """Whether the call records can be read; raises StoreError when not."""
    database = Database(settings)
    try:
        with database.transaction() as tx:
            tx.value(PROBE.format(table=_table(settings)))
    finally:
        database.close()
