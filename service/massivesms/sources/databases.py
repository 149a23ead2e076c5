"""Queries on MySQL, MariaDB, PostgreSQL and SQLite: streamed, read only, in time.

The session is read only, and rolled back at the end. A line to a server is cut at the
deadline, whatever the server does; a host must be public or one of one's own.
"""

from __future__ import annotations

import sqlite3
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pymysql
from pymysql.cursors import SSCursor

from ..domain.own_hosts import Address
from ..domain.source_queries import bound
from ..domain.source_values import text_of
from ..webhooks import addresses
from ..webhooks.posting import Watch, connected
from .found import Found, Place, SourceFailed, failed
from .paths import below

CONNECT_S = 10
ROWS_AT_ONCE = 1000
_AWAY = {2002, 2003, 2005}
_LOGIN = {1040, 1044, 1045, 1049, 1129, 1130, 1203, 1226, 1251, 1698, 2059, 3118}
_BROKEN = {2006, 2013, 2014, 2055, 1053}
_SLOW = {1317, 1969, 3024}
_SQLITE_READS = {
    *(sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION),
    sqlite3.SQLITE_RECURSIVE,
}
STEPS = 10_000  # of SQLite between two looks at the clock

Rows = Iterator[Sequence[Any]]


@contextmanager
def opened(place: Place) -> Iterator[Found]:
    """Runs the query; its rows come while one goes through them."""
    until_s = time.monotonic() + place.timeout_s
    readers = {"mysql": _mysql, "postgresql": _postgresql, "sqlite": _sqlite}
    with readers[place.kind](place, until_s) as (titles, rows):
        yield Found(titles, _texts(place, rows, until_s))


def _texts(
    place: Place, rows: Rows, until_s: float
) -> Iterator[tuple[int, Sequence[str]]]:
    for line, row in enumerate(rows, 1):
        if time.monotonic() > until_s:
            raise failed("source_timeout", seconds=place.timeout_s)
        yield line, [text_of(value, place.language) for value in row]


Opened = tuple[list[str], Rows]


def addresses_of(place: Place) -> list[Address]:
    """Where its server may be asked. Raises SourceFailed."""
    try:
        return addresses.allowed(place.host, place.port, place.own_hosts)
    except addresses.Forbidden:
        raise failed("source_host_forbidden", host=place.host) from None
    except addresses.Unknown:
        raise failed("source_host_unknown", host=place.host) from None


# --- MySQL and MariaDB ---------------------------------------------------------


@contextmanager
def _mysql(place: Place, until_s: float) -> Iterator[Opened]:
    found = addresses_of(place)
    watch = Watch()
    connection = None
    with watch.until(until_s):
        try:
            connect_until_s = min(until_s, time.monotonic() + CONNECT_S)
            raw = connected(found, place.port, connect_until_s)
            watch.take(raw)
            connection = _mysql_connection(place)
            connection.connect(raw)
            cursor = connection.cursor(SSCursor)
            for sql in _mysql_session(connection, place.timeout_s):
                cursor.execute(sql)
            cursor.execute(bound(place.query, "mysql"), {"date": place.day})
            titles = [column[0] for column in cursor.description or ()]
            yield titles, _mysql_rows(cursor)
        except (pymysql.MySQLError, OSError, ValueError) as error:
            raise _mysql_failed(place, error, watch) from error
        finally:
            if connection is not None and connection.open:
                # Not closed in order: it would first read all that is left.
                result = connection._result  # type: ignore[attr-defined]
                if result is not None:
                    result.unbuffered_active = False
                connection._force_close()  # type: ignore[attr-defined]


def _mysql_connection(place: Place) -> pymysql.Connection[Any]:
    tls: dict[str, Any] = {"ssl_disabled": True}
    if place.tls:
        # Its own options check no name as long as no authority is named.
        tls = {"ssl": ssl.create_default_context()}
    return pymysql.connect(
        host=place.host,
        port=place.port,
        user=place.user,
        password=place.password.encode(),
        database=place.database,
        charset="utf8mb4",
        connect_timeout=CONNECT_S,
        read_timeout=place.timeout_s,
        write_timeout=place.timeout_s,
        local_infile=False,
        defer_connect=True,
        **tls,
    )


def _mysql_session(
    connection: pymysql.Connection[Any], timeout_s: int
) -> Iterator[str]:
    is_mariadb = "MariaDB" in connection.server_version  # type: ignore[attr-defined]
    yield (
        f"SET SESSION max_statement_time = {timeout_s}"
        if is_mariadb
        else f"SET SESSION max_execution_time = {timeout_s * 1000}"
    )
    yield "SET SESSION TRANSACTION READ ONLY"
    yield "START TRANSACTION READ ONLY"


def _mysql_rows(cursor: SSCursor) -> Rows:
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _mysql_failed(place: Place, error: Exception, watch: Watch) -> SourceFailed:
    number = error.args[0] if error.args else 0
    detail = error.args[1] if len(error.args) > 1 else str(error)
    if watch.has_ended or number in _SLOW:
        return failed("source_timeout", seconds=place.timeout_s)
    if isinstance(error, TimeoutError) or number in _AWAY:
        return failed("source_away", host=place.host, detail=detail)
    if isinstance(error, OSError):
        return failed("source_away", host=place.host, detail=error.strerror or error)
    if number in _LOGIN:
        return failed("source_login", detail=detail)
    if number in _BROKEN or isinstance(error, pymysql.InterfaceError):
        return failed("source_broken", detail=detail)
    return failed("source_query", detail=detail)


# --- PostgreSQL ------------------------------------------------------------------


def _postgresql(place: Place, until_s: float) -> AbstractContextManager[Opened]:
    room = import_module(".postgresql", __package__)
    opened_there: AbstractContextManager[Opened] = room.opened(place, until_s)
    return opened_there


# --- SQLite ----------------------------------------------------------------------


@contextmanager
def _sqlite(place: Place, until_s: float) -> Iterator[Opened]:
    path = below(place.directory, place.place)
    connection = None
    try:
        uri = f"file:{quote(str(path))}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=5)
        connection.set_progress_handler(lambda: time.monotonic() > until_s, STEPS)
        connection.execute("PRAGMA query_only = 1")
        connection.set_authorizer(_reads_only)
        cursor = connection.execute(
            bound(place.query, "sqlite"), {"date": place.day.isoformat()}
        )
        yield [column[0] for column in cursor.description or ()], iter(cursor)
    except (sqlite3.Error, sqlite3.Warning) as error:
        if str(error) == "interrupted":
            raise failed("source_timeout", seconds=place.timeout_s) from error
        code = "source_query"
        if any(w in str(error) for w in ("unable to open", "locked", "not a database")):
            raise failed("source_file", file=path, detail=error) from error
        raise failed(code, detail=error) from error
    finally:
        if connection is not None:
            connection.close()


def _reads_only(
    action: int, _one: str | None, two: str | None, *_more: str | None
) -> int:
    """SQLite asks for each thing that a query would do."""
    is_harmless = action in _SQLITE_READS and two != "load_extension"
    return sqlite3.SQLITE_OK if is_harmless else sqlite3.SQLITE_DENY
