"""A new connection to the database, as everybody here wants it."""

from __future__ import annotations

import re
from typing import Any

import pymysql

from ..config import DatabaseSettings
from . import database_problems
from .failures import StoreUnavailable

CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 3600  # a load or a migration is one long statement


def server_of(connection: pymysql.Connection[Any]) -> tuple[bool, tuple[int, int]]:
    """Whether it is MariaDB, and its version; from "5.5.5-10.11.6-MariaDB"."""
    said: str = connection.server_version  # type: ignore[attr-defined]
    numbers = re.findall(r"(\d+)\.(\d+)\.\d+", said.removeprefix("5.5.5-"))
    major, minor = numbers[0] if numbers else ("0", "0")
    return "MariaDB" in said, (int(major), int(minor))


def connect(
    settings: DatabaseSettings,
    read_timeout_s: int = READ_TIMEOUT_S,
    connect_timeout_s: int = CONNECT_TIMEOUT_S,
) -> pymysql.Connection[Any]:
    """A new connection in UTC and strict mode; StoreUnavailable when there is none."""
    arguments: dict[str, Any] = (
        # A file needs no TLS; preparing for it would read all of the system's
        # certificates for each connection.
        {"unix_socket": settings.socket, "ssl_disabled": True}
        if settings.socket
        else {"host": settings.host, "port": settings.port}
    )
    try:
        connection: pymysql.Connection[Any] = pymysql.connect(
            user=settings.user,
            # As bytes: PyMySQL would take a text for Latin-1, the server for UTF-8.
            password=settings.password.encode(),
            database=settings.name,
            charset="utf8mb4",
            connect_timeout=connect_timeout_s,
            read_timeout=read_timeout_s,
            write_timeout=read_timeout_s,
            init_command="SET time_zone = '+00:00', sql_mode = "
            "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
            **arguments,
        )
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return connection
    except (pymysql.MySQLError, OSError) as error:
        raise StoreUnavailable(
            database_problems.unreachable(settings, error)
        ) from error
