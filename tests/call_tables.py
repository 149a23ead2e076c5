"""Owns call records as the PBXs of fifteen years had them, and calls to put there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pymysql

from massivesms.config import DatabaseSettings
from tests.servers.mariadb import PrivateMariaDB

DATABASE = "asteriskcdrdb"
_FIRST = """
  calldate datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
  dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '',
  channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
  lastapp varchar(80) NOT NULL DEFAULT '', lastdata varchar(80) NOT NULL DEFAULT '',
  duration int(11) NOT NULL DEFAULT 0, billsec int(11) NOT NULL DEFAULT 0,
  disposition varchar(45) NOT NULL DEFAULT '', amaflags int(11) NOT NULL DEFAULT 0,
  accountcode varchar(20) NOT NULL DEFAULT '',
  userfield varchar(255) NOT NULL DEFAULT '',
"""
_MIDDLE = """
  uniqueid varchar(32) NOT NULL DEFAULT '', did varchar(50) NOT NULL DEFAULT '',
  recordingfile varchar(255) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
  cnam varchar(80) NOT NULL DEFAULT '', outbound_cnum varchar(80) NOT NULL DEFAULT '',
  outbound_cnam varchar(80) NOT NULL DEFAULT '',
  dst_cnam varchar(80) NOT NULL DEFAULT '',
"""
_LAST = """
  linkedid varchar(32) NOT NULL DEFAULT '', peeraccount varchar(80) NOT NULL DEFAULT '',
  sequence int(11) NOT NULL DEFAULT 0,
"""
_KEYS = "KEY calldate (calldate), KEY dst (dst), KEY accountcode (accountcode)"
_LATER_KEYS = _KEYS + ", KEY uniqueid (uniqueid), KEY did (did)"
LAYOUTS: Mapping[str, str] = {
    "Asterisk 1.4": f"({_FIRST}{_KEYS}) ENGINE=MyISAM DEFAULT CHARSET=latin1",
    "Issabel 4": f"({_FIRST}{_MIDDLE}{_LATER_KEYS}) ENGINE=InnoDB CHARSET=latin1",
    "FreePBX 17": f"({_FIRST}{_MIDDLE}{_LAST}{_LATER_KEYS}, KEY linkedid (linkedid),"
    " KEY sequence (sequence)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "numbers and nulls": "(calldate TIMESTAMP NULL, src BIGINT, dst BIGINT, billsec"
    " VARCHAR(8), disposition INT, KEY `when` (calldate)) CHARSET=utf8mb4",
    "words for dates": "(calldate VARCHAR(20), src VARBINARY(40), dst TEXT,"
    " billsec INT, disposition VARCHAR(20) CHARSET latin1,"
    " linkedid VARCHAR(32) CHARSET latin1,"
    " uniqueid VARCHAR(32) COLLATE utf8mb4_unicode_ci, KEY `ca``ll` (calldate))"
    " CHARSET=utf8mb4",
    "nothing but numbers": "(calldate DATETIME, src VARCHAR(80), dst VARCHAR(80))",
}


def settings_of(mariadb: PrivateMariaDB, table: str = "cdr") -> DatabaseSettings:
    """How to reach the call records of a test."""
    socket = str(mariadb.socket_path)
    return DatabaseSettings("", 0, socket, "root", "", DATABASE, table)


class CallTable:
    """The table `cdr` of one layout."""

    def __init__(self, mariadb: PrivateMariaDB, layout: str) -> None:
        self.settings = settings_of(mariadb)
        self._connection = pymysql.connect(
            **mariadb.connect_args, database=DATABASE, autocommit=True
        )
        # As the PBX does: its own sql_mode takes the zero date as a default.
        self.run("SET sql_mode = '', time_zone = 'SYSTEM'")
        self.run(f"CREATE OR REPLACE TABLE cdr {LAYOUTS[layout]}")
        self.run("SHOW COLUMNS FROM cdr")
        self._names = [row[0] for row in self._found]

    def run(self, sql: str, *values: object) -> None:
        """Any statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            self._found = cursor.fetchall()

    def write(self, *calls: Mapping[str, Any]) -> None:
        """Rows, as far as there are columns for them."""
        for call in calls:
            row = {k: v for k, v in call.items() if k in self._names}
            places = ", ".join(["%s"] * len(row))
            columns = ", ".join(row)
            self.run(f"INSERT INTO cdr ({columns}) VALUES ({places})", *row.values())

    def fill(self, rows: int, *, every_s: int = 60) -> None:
        """Answered calls of as many callers, from 2026 on, one every so often."""
        self.run(
            "INSERT INTO cdr (calldate, src, dst, disposition) SELECT"
            " TIMESTAMP('2026-01-01') + INTERVAL seq * %s SECOND,"
            f" 600000000 + seq, 101, 'ANSWERED' FROM seq_1_to_{rows}",
            every_s,
        )
        self.run("ANALYZE TABLE cdr")

    def close(self) -> None:
        self._connection.close()


@contextmanager
def call_tables(mariadb: PrivateMariaDB) -> Iterator[None]:
    """The database of the call records, empty, and gone at the end."""
    mariadb.drop_database(DATABASE)
    mariadb.create_database(DATABASE)
    try:
        yield
    finally:
        mariadb.drop_database(DATABASE)
