"""Owns the other side: real servers with a table of debts, and how they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pymysql
import pytest

from massivesms.domain import own_hosts
from massivesms.sources.found import Place
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.postgresql import PASSWORD, PrivatePostgreSQL

DAY = date(2026, 7, 2)
TABLE = """
CREATE TABLE cuotas (celular VARCHAR(20), nombre VARCHAR(40), monto DECIMAL(10,2),
  vence DATE, codigo INT)"""
ROWS = """
INSERT INTO cuotas VALUES ('600111222', 'Ana', 1234.5, '2026-07-02', 1),
  ('600111222', 'Ana', 80, '2026-07-02', 2),
  ('600111223', 'Benjamín', 12, '2026-07-02', 3),
  ('600111224', NULL, 7, '2026-07-03', 4)"""
#: A query that reads, by its words, and writes.
ERASE = {
    "mysql": "CREATE FUNCTION erase() RETURNS INT MODIFIES SQL DATA"
    " BEGIN DELETE FROM cuotas; RETURN 1; END",
    "postgresql": "CREATE FUNCTION erase() RETURNS INT LANGUAGE plpgsql AS"
    " $$ BEGIN DELETE FROM cuotas; RETURN 1; END $$",
}
QUERY = "SELECT * FROM cuotas WHERE vence = :date ORDER BY codigo"


@pytest.fixture(scope="session")
def mysql() -> Iterator[dict[str, Any]]:
    """A MariaDB that is reached over TCP, with the table."""
    with PrivateMariaDB(tcp=True) as server:
        server.create_database("erp")
        args = server.create_user("lector", PASSWORD, "erp")
        connection = pymysql.connect(**args, autocommit=True)
        with connection, connection.cursor() as cursor:
            for sql in (TABLE, ROWS, ERASE["mysql"]):
                cursor.execute(sql)
        yield {
            "kind": "mysql", "host": "127.0.0.1", "port": server.port,
            "user": "lector", "database": "erp",
        }  # fmt: skip


@pytest.fixture(scope="session")
def postgresql() -> Iterator[dict[str, Any]]:
    """A PostgreSQL with the table."""
    with PrivatePostgreSQL() as server:
        with server.connect() as connection:
            for sql in (TABLE, ROWS, ERASE["postgresql"]):
                connection.execute(sql.encode())
        yield {
            "kind": "postgresql", "host": "127.0.0.1", "port": server.port,
            "user": "postgres", "database": "postgres",
        }  # fmt: skip


@pytest.fixture
def sqlite(tmp_path: Path) -> dict[str, Any]:
    """A SQLite file with the table."""
    import sqlite3

    directory = tmp_path / "sources"
    directory.mkdir(exist_ok=True)
    path = directory / "erp.db"
    with sqlite3.connect(path) as connection:
        connection.execute(TABLE)
        connection.execute(ROWS)
    connection.close()
    return {"kind": "sqlite", "place": str(path)}


@pytest.fixture(params=["mysql", "postgresql", "sqlite"])
def server(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each kind of database in turn."""
    found: dict[str, Any] = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Callable[..., Place]:
    """Makes the place of a source."""
    directory = tmp_path / "sources"
    directory.mkdir(exist_ok=True)

    def make(given: dict[str, Any], **more: Any) -> Place:
        values: dict[str, Any] = {
            "kind": "", "place": "", "host": "", "port": 0, "user": "", "database": "",
            "tls": False, "password": PASSWORD, "headers": (), "query": QUERY,
            "day": DAY, "timeout_s": 10, "most_rows": 1000,
            "own_hosts": own_hosts.read("127.0.0.1"), "directory": directory,
            **given, **more,
        }  # fmt: skip
        return Place(**values)

    return make
