"""Rows of all tables out of the database for a backup, in one snapshot.

A row travels as the server itself writes it: one line of SQL literals, which is
exact for every type and needs no conversion on either side (store/restores.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..domain.words import N_, Problem
from ..errors import StoreError
from .db import Database, Transaction
from .migrations import tables as our_tables

#: Not carried: who is signed in, failed tries, used hand-overs, who runs what, loads
#: under way, what nobody understood, how often numbers were answered today, what an
#: operator may be about to repeat.
LEFT_OUT = {
    *("schema_migration", "web_session", "sign_in_attempt", "sso_nonce"),
    *("trunk_session", "trunk_test", "trunk_probe", "service_instance"),
    *("load_job", "load_number", "staged_load"),
    # Mail that waits would leave a second time; how the account fares is of now.
    *("mail", "mail_inbound", "mail_test", "mail_state"),
    *("unreadable", "unreadable_count"),
    # Events that wait would be told a second time.
    *("webhook_event", "webhook_delivery"),
    # What modems say of themselves, and looking for them.
    *("trunk_modem", "modem_search"),
    "answered",
    "inbound_seen",
    "provider_refusal",
}
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal"}
_TIMES = {"date", "time", "datetime", "timestamp", "year"}
_TEXTS = {
    *("char", "varchar", "tinytext", "text", "mediumtext", "longtext"),
    *("enum", "set"),
}
_BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"}

SNAPSHOT = (
    "SET SESSION net_write_timeout = 3600",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns with their types, and its next number (0 = none)."""

    name: str
    columns: Mapping[str, str]
    key: Sequence[str]
    auto_increment: int = 0


@contextmanager
def reading(db: Database) -> Iterator[Transaction]:
    """One snapshot of all tables, on a connection of its own."""
    own = Database(db.settings)
    try:
        with own.transaction() as tx:
            for statement in SNAPSHOT:
                tx.execute(statement)
            yield tx
    finally:
        own.close()


COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type, c.column_key
FROM information_schema.columns c JOIN information_schema.tables t
  ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
  AND c.extra NOT LIKE '%GENERATED%'
ORDER BY c.table_name, c.ordinal_position"""
NEXT_NUMBERS = """
SELECT table_name, auto_increment FROM information_schema.tables
WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL"""


def tables(tx: Transaction) -> list[Table]:
    """Our tables that a backup carries, by name."""
    columns: dict[str, dict[str, str]] = {}
    keys: dict[str, list[str]] = {}
    wanted = set(our_tables()) - LEFT_OUT
    for table, column, kind, key in tx.tuples(COLUMNS):
        if table in wanted:
            columns.setdefault(table, {})[column] = kind.lower()
            if key == "PRI":
                keys.setdefault(table, []).append(column)
    numbers = dict(tx.tuples(NEXT_NUMBERS))
    return [
        Table(name, columns[name], keys.get(name, []), int(numbers.get(name) or 0))
        for name in sorted(columns)
    ]


SELECT = """
SELECT CAST(CONCAT_WS(',', {values}) AS BINARY) FROM `{table}` {order}"""
#: A value as its literal; a line stays one line.
TEXT = (
    r"REPLACE(REPLACE(QUOTE(CONVERT(`{column}` USING utf8mb4)),"
    r" '\n', '\\n'), '\r', '\\r')"
)
NUMBER = "IFNULL(`{column}`, 'NULL')"
TIME = "QUOTE(`{column}`)"
BINARY = "IFNULL(CONCAT('X''', HEX(`{column}`), ''''), 'NULL')"
LITERALS = {
    **dict.fromkeys(_NUMBERS, NUMBER),
    **dict.fromkeys(_TIMES, TIME),
    **dict.fromkeys(_TEXTS, TEXT),
    **dict.fromkeys(_BINARY, BINARY),
}


def lines(tx: Transaction, table: Table) -> Iterator[bytes]:
    """Each row as a line of SQL literals, without its end."""
    values = ", ".join(_value(name, kind) for name, kind in table.columns.items())
    order = ", ".join(f"`{column}`" for column in table.key)
    sql = SELECT.format(
        values=values, table=table.name, order=f"ORDER BY {order}" if order else ""
    )
    for (line,) in tx.stream(sql):
        if line is None:
            raise StoreError(_too_large(table.name))
        yield line


def _value(column: str, kind: str) -> str:
    if kind not in LITERALS:  # a float would lose digits on its way
        raise StoreError(
            Problem(
                "backup_type",
                N_("The column %(column)s has a type that no backup keeps: %(kind)s."),
                column=column,
                kind=kind,
            )
        )
    return LITERALS[kind].format(column=column)


def _too_large(table: str) -> Problem:
    return Problem(
        "backup_row",
        N_("A row of the table %(table)s is too large for the server to hand over."),
        table=table,
    )
