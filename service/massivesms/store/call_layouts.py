"""What a PBX's table of call records has: its columns, as INFORMATION_SCHEMA says.

Fifteen years of Asterisk wrote them in many layouts. What one lacks is not offered
on the page and refused in words on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pymysql.constants import ER

from ..config import DatabaseSettings
from ..domain.words import N_, Problem
from ..errors import ConfigError, StoreError
from .db import Database, Transaction

PATIENCE_S = 4  # a page waits for it
_NAME = re.compile(r"\w{1,64}")
_DATES = {"datetime", "timestamp", "date", "char", "varchar"}
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal"}


class CallRecordsUnreadable(StoreError):
    """The call records cannot be read; whatever else we have is well."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One table of call records; `date_index` is its index by calldate, '' = none."""

    table: str
    columns: Mapping[str, str]  # name -> type, both in small letters
    date_index: str = ""

    def has(self, *names: str) -> bool:
        """Whether it has all of these columns."""
        return all(name in self.columns for name in names)

    @property
    def has_numeric_disposition(self) -> bool:
        """Whether dispositions are Asterisk's numbers (cdr_odbc may write these)."""
        return self.columns.get("disposition") in _NUMBERS

    @property
    def is_in_server_time(self) -> bool:
        """Whether calldate is turned into the time zone of whoever asks."""
        return self.columns["calldate"] == "timestamp"


COLUMNS = """
SELECT LOWER(column_name), LOWER(data_type) FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %(table)s"""
DATE_INDEX = """
SELECT index_name FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name = %(table)s
  AND column_name = 'calldate' AND seq_in_index = 1 AND index_type = 'BTREE'
ORDER BY index_name LIMIT 1"""
PROBE = "SELECT 1 FROM `{table}` LIMIT 1"


def read(tx: Transaction, table: str) -> Layout:
    """The layout of the table. Raises ConfigError when it holds no call records."""
    if not _NAME.fullmatch(table):
        raise ConfigError(
            Problem(
                "cdr_table",
                N_("The table of the call records is misspelt in [cdr]: %(table)s"),
                table=table,
            )
        )
    tx.value(PROBE.format(table=table))  # says itself what is in the way
    columns = dict(tx.tuples(COLUMNS, {"table": table}))
    lacking = [n for n in ("calldate", "src", "dst") if n not in columns]
    if lacking:
        raise ConfigError(
            Problem(
                "cdr_columns",
                N_(
                    "The table %(table)s holds no call records: it has no column "
                    "%(columns)s. Put right table in [cdr] of the configuration file."
                ),
                table=table,
                columns=", ".join(lacking),
            )
        )
    if columns["calldate"] not in _DATES:
        raise ConfigError(
            Problem(
                "cdr_calldate",
                N_(
                    "The column calldate of the table %(table)s holds %(type)s, and "
                    "no dates: its calls cannot be told apart by days."
                ),
                table=table,
                type=columns["calldate"],
            )
        )
    index = tx.value(DATE_INDEX, {"table": table})
    return Layout(table, columns, index or "")


def layout(settings: DatabaseSettings) -> Layout:
    """The layout of the configured call records, now.

    Raises ConfigError and CallRecordsUnreadable, with what to do.
    """
    database = Database(settings, patience_s=PATIENCE_S)
    try:
        with database.transaction() as tx:
            return read(tx, settings.table)
    except StoreError as error:
        raise unreadable(settings, error) from error
    finally:
        database.close()


def unreadable(settings: DatabaseSettings, error: StoreError) -> CallRecordsUnreadable:
    """The error of the call records' own database, with what to do about it."""
    if isinstance(error, CallRecordsUnreadable):
        return error
    reason = error.problem
    cause = error.__cause__
    if cause is not None and cause.args[:1] == (ER.NO_SUCH_TABLE,):
        reason = Problem(
            "cdr_no_table",
            N_("there is no table %(table)s in the database %(name)s."),
            table=settings.table,
            name=settings.name,
        )
    return CallRecordsUnreadable(
        Problem(
            "cdr_unreadable",
            N_(
                "The PBX's call records cannot be read: %(reason)s To set this up, "
                "run on the PBX: massivesms setup"
            ),
            reason=reason,
        )
    )
