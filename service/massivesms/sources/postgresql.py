"""Queries on PostgreSQL, in a module that is loaded only where such a source is read.

Its library takes 14 MB of memory, which a service without one has no use for.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from ..domain.own_hosts import Address
from ..domain.source_queries import bound
from ..webhooks.posting import MOST_ADDRESSES, Watch
from .databases import CONNECT_S, ROWS_AT_ONCE, Opened, addresses_of
from .found import Place, SourceFailed, failed


@contextmanager
def opened(place: Place, until_s: float) -> Iterator[Opened]:
    """The titles and rows of its query; the connection goes away with the block."""
    found = addresses_of(place)[:MOST_ADDRESSES]
    watch = Watch()
    connection = None
    with watch.until(until_s):
        try:
            connection = _connected(place, found)
            with socket.socket(fileno=os.dup(connection.fileno())) as line:
                watch.take(line)
            cursor = connection.cursor("rows")
            cursor.itersize = ROWS_AT_ONCE
            cursor.execute(
                bound(place.query, "postgresql").encode(), {"date": place.day}
            )
            titles = [column.name for column in cursor.description or ()]
            yield titles, iter(cursor)
        except (psycopg.Error, OSError) as error:
            raise _failed(place, error, watch, connection) from error
        finally:
            if connection is not None:
                with suppress(psycopg.Error, OSError):
                    connection.close()  # which rolls back


Connection = psycopg.Connection[tuple[Any, ...]]


def _connected(place: Place, found: list[Address]) -> Connection:
    """A connection to the first address that takes one."""
    wait_s = max(1, min(CONNECT_S, place.timeout_s) // len(found))
    for address in found[:-1]:
        try:
            return _connection(place, address, wait_s)
        except psycopg.OperationalError as error:
            if "FATAL" in str(error):  # it is there, and does not let us in
                raise
    return _connection(place, found[-1], wait_s)


def _connection(place: Place, address: Address, wait_s: int) -> Connection:
    tls = {"sslmode": "prefer"}
    if place.tls:
        # The library may bring an OpenSSL of its own, to which "system" is nothing.
        authorities = ssl.get_default_verify_paths().cafile or "system"
        tls = {"sslmode": "verify-full", "sslrootcert": authorities}
    connection = psycopg.connect(
        host=place.host,
        hostaddr=str(address),
        port=place.port,
        user=place.user,
        password=place.password,
        dbname=place.database,
        connect_timeout=wait_s,
        client_encoding="utf8",
        application_name="massivesms",
        options=f"-c statement_timeout={place.timeout_s * 1000}"
        " -c default_transaction_read_only=on",
        **tls,  # type: ignore[arg-type]
    )
    connection.read_only = True
    return connection


def _failed(
    place: Place, error: Exception, watch: Watch, connection: object
) -> SourceFailed:
    detail = str(error).strip().split("\n")[0]
    state = getattr(error, "sqlstate", None)
    is_slow = isinstance(error, psycopg.errors.QueryCanceled)
    if watch.has_ended or is_slow:
        return failed("source_timeout", seconds=place.timeout_s)
    if connection is None and "FATAL" in str(error):
        detail = str(error).split("FATAL:")[-1].strip().split("\n")[0]
        return failed("source_login", detail=detail)
    if connection is None:
        return failed("source_away", host=place.host, detail=detail)
    if isinstance(error, psycopg.OperationalError) and not (state or "").startswith(
        ("22", "42", "25")
    ):
        return failed("source_broken", detail=detail)
    return failed("source_query", detail=detail)
