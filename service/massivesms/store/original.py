"""The original module's database `massive_sms`: read only, in one snapshot.

Every value is read as the octets that stand there; domain.original says what they
mean. Its name and columns come from the server, so that older versions can be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ..config import DatabaseSettings
from .db import Database, Transaction

#: table -> (columns that it must have, columns that it may have)
TABLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "config": (
        ("country_code",),
        ("mobile_prefixes", "min_mobile_length", "max_mobile_length"),
    ),
    "sms_trunk": (
        ("id", "name", "service_type"),
        (
            *("active", "server", "user", "password", "port", "system_type"),
            *("trunk_priority", "clid", "append_country_code", "script"),
        ),
    ),
    "list": (("list", "name"), ()),
    "list_numbers": (("id", "list", "number"), ("status",)),
    "campaign": (
        ("campaign", "name", "message", "status"),
        (
            *("start_time", "end_time", "start_date", "clid"),
            *("code", "trunk", "code_desc"),
        ),
    ),
    "campaign_numbers": (
        ("id", "campaign", "number", "status"),
        ("last", "message", "code", "trunk", "code_desc"),
    ),
    "service_type_providers": (("name",), ()),
}

Value = bytes | None
SourceRow = dict[str, Value]
#: table -> column -> its character set ("" for numbers and times)
Shape = dict[str, dict[str, str]]

SNAPSHOT = (
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
)


@contextmanager
def reading(settings: DatabaseSettings) -> Iterator[Transaction]:
    """One snapshot of the whole source, on a connection of its own."""
    database = Database(settings)
    try:
        with database.transaction() as tx:
            for statement in SNAPSHOT:
                tx.execute(statement)
            yield tx
    finally:
        database.close()


COLUMNS = """
SELECT table_name, column_name, COALESCE(character_set_name, '')
FROM information_schema.columns WHERE table_schema = DATABASE()"""


def shape(tx: Transaction) -> Shape:
    """Which of the original's tables and columns there are."""
    found: Shape = {}
    for table, column, charset in tx.tuples(COLUMNS):
        if table in TABLES:
            found.setdefault(table, {})[column.lower()] = charset
    return found


ALL = "SELECT {columns} FROM `{table}`"


def rows(tx: Transaction, table: str, have: Shape) -> list[SourceRow]:
    """All rows of a small table; columns that it lacks are None."""
    return _read(tx, table, have, ALL, {})


PAGE = """
SELECT {columns} FROM `{table}`
WHERE {owner} = %(owner)s AND id > %(after)s AND id <= %(last)s
ORDER BY id LIMIT %(limit)s"""


def page(
    tx: Transaction,
    table: str,
    have: Shape,
    owner: int,
    *,
    after: int,
    last: int,
    limit: int,
) -> list[SourceRow]:
    """The numbers of a list or campaign (`owner`) in the order in which they came."""
    sql = PAGE.replace("{owner}", OWNERS[table])
    values = {"owner": owner, "after": after, "last": last, "limit": limit}
    return _read(tx, table, have, sql, values)


OWNERS = {"list_numbers": "`list`", "campaign_numbers": "`campaign`"}
EXTENTS = """
SELECT {owner}, COUNT(*), MIN(id), MAX(id) FROM `{table}` GROUP BY {owner}"""


class Extent(NamedTuple):
    """How many numbers a list or campaign has, and between which ids."""

    rows: int
    first_id: int
    last_id: int


def extents(tx: Transaction, table: str) -> dict[int, Extent]:
    """Every list or campaign that has numbers, also one whose own row is gone."""
    sql = EXTENTS.format(owner=OWNERS[table], table=table)
    return {
        int(owner): Extent(int(n), int(low), int(high))
        for owner, n, low, high in tx.tuples(sql)
        if owner is not None
    }


REMAINING = """
SELECT COUNT(*) FROM `{table}` WHERE {owner} = %(owner)s AND id > %(after)s"""


def remaining(tx: Transaction, table: str, owner: int, after: int) -> int:
    """How many numbers came after those that were taken."""
    sql = REMAINING.format(owner=OWNERS[table], table=table)
    return int(tx.value(sql, {"owner": owner, "after": after}))


# It touches what waits in a campaign that is being sent every minute. Its times are
# as the server's clock showed them.
SYSTEM_TIME = "SET time_zone = 'SYSTEM'"
UTC_TIME = "SET time_zone = '+00:00'"
IDLE = """
SELECT TIMESTAMPDIFF(SECOND, MAX(last), NOW()) FROM campaign_numbers
WHERE status IN ('P', 'B', 'N')"""


def idle_s(tx: Transaction) -> int | None:
    """Seconds since the original touched a message that waits; None = never."""
    tx.execute(SYSTEM_TIME)
    found = tx.value(IDLE)
    tx.execute(UTC_TIME)
    return None if found is None else int(found)


def _read(
    tx: Transaction,
    table: str,
    have: Shape,
    sql: str,
    values: Mapping[str, object],
) -> list[SourceRow]:
    must, may = TABLES[table]
    wanted = [column for column in (*must, *may) if column in have[table]]
    columns = ", ".join(f"CAST(`{column}` AS BINARY)" for column in wanted)
    text = sql.replace("{columns}", columns).replace("{table}", table)
    missing: SourceRow = dict.fromkeys(set(may) - set(wanted))
    return [_named(wanted, row, missing) for row in tx.tuples(text, values)]


def _named(
    columns: Sequence[str], row: Sequence[Value], missing: SourceRow
) -> SourceRow:
    return {**missing, **dict(zip(columns, row, strict=True))}
