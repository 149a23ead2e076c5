"""Owns the machines that `massivesms setup` is tried on, and their database server.

The server is a second one: setup makes the database and the user of its own names.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

from massivesms import config as configuration
from tests.cli.conftest import Ran, in_process
from tests.servers.mariadb import PrivateMariaDB
from tests.setup.pbx_root import TRACES, PbxRoot

DATABASES = ("massivesms", "asterisk", "asteriskcdrdb", "call_center")
CALLS = "CREATE TABLE asteriskcdrdb.cdr (calldate DATETIME, src VARCHAR(80))"
ME = getpass.getuser()


@dataclass(frozen=True)
class Server:
    """A database server that belongs to a PBX; asked and changed as its root."""

    mariadb: PrivateMariaDB

    @property
    def socket(self) -> str:
        return str(self.mariadb.socket_path)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What root gets for a statement."""
        return rows(self.mariadb.connect_args, sql, *values)

    def clear(self) -> None:
        """As after the installation of a PBX."""
        for name in DATABASES:
            self.rows(f"DROP DATABASE IF EXISTS `{name}`")
        for user, host in self.rows("SELECT user, host FROM mysql.user"):
            if user not in ("root", "mariadb.sys"):
                self.rows("DROP USER %s@%s", user, host)

    def pbx(self) -> None:
        """The databases of a PBX."""
        for name in ("asterisk", "asteriskcdrdb", "call_center"):
            self.rows(f"CREATE DATABASE `{name}`")
        self.rows(CALLS)
        for name in ("groups", "group_entries", "entry_numbers"):
            self.rows(f"CREATE TABLE asterisk.contactmanager_{name} (id INT)")
        self.rows("CREATE TABLE call_center.dont_call (caller_id VARCHAR(20))")
        self.rows(
            "CREATE TABLE asterisk.modules (modulename VARCHAR(50) PRIMARY KEY,"
            " version VARCHAR(20), enabled INT)"
        )

    def application(self, file: Path) -> dict[str, Any]:
        """How the user of a massivesms.conf comes in."""
        database = configuration.load(file).database
        return {
            "unix_socket": database.socket,
            "user": database.user,
            "password": database.password,
            "database": database.name,
        }

    def over_tcp(self, file: Path) -> dict[str, Any]:
        """The same by the network."""
        way = self.application(file)
        del way["unix_socket"]
        return way | {"host": "127.0.0.1", "port": self.mariadb.port}

    def state(self) -> list[tuple[Any, ...]]:
        """Databases, tables and rights: what a dry run must not touch."""
        return [
            *self.rows(
                "SELECT table_schema, table_name FROM information_schema.tables"
                " ORDER BY 1, 2"
            ),
            *self.rows("SELECT * FROM mysql.global_priv ORDER BY 1, 2"),
            *self.rows("SELECT * FROM mysql.tables_priv ORDER BY 1, 2, 3, 4"),
            *self.rows("SELECT * FROM mysql.db ORDER BY 1, 2, 3"),
            *self.rows("SELECT schema_name FROM information_schema.schemata"),
        ]


def rows(way: dict[str, Any], sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement gives to whoever comes in this way."""
    connection = pymysql.connect(**way, autocommit=True, ssl_disabled=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


@pytest.fixture(scope="package")
def pbx_mariadb() -> Iterator[PrivateMariaDB]:
    with PrivateMariaDB(tcp=True) as server:
        yield server


@pytest.fixture
def server(pbx_mariadb: PrivateMariaDB) -> Server:
    """The database server of a machine on which nothing of ours is yet."""
    server = Server(pbx_mariadb)
    server.clear()
    return server


@pytest.fixture
def root(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> PbxRoot:
    """A machine with all programs and no PBX."""
    monkeypatch.delenv("MASSIVESMS_CONFIG", raising=False)
    tools = tuple(name for name in TRACES if not name.startswith("elastix"))
    return PbxRoot(tmp_path / "root", Path(server.socket), tools)


Setup = Callable[..., Ran]


@pytest.fixture
def setup(root: PbxRoot, server: Server) -> Setup:
    """Runs `massivesms setup` on that machine."""

    def call(*words: object, input: str | None = None) -> Ran:  # noqa: A002
        where = ("--root", root.path, "--user", ME, "--db-socket", server.socket)
        return in_process("setup", *where, *words, input=input)

    return call


@pytest.fixture
def conf(root: PbxRoot) -> Path:
    """Where setup writes the configuration."""
    return root.path / "etc/massivesms/massivesms.conf"
