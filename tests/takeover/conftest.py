"""Owns a database of the original module for a test, and taking it over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from massivesms.config import Config
from massivesms.store.db import Database
from massivesms.vault import Vault
from tests.cli.conftest import Ran, in_process
from tests.servers.mariadb import PrivateMariaDB

NAME = "massive_sms"
DUMP = Path(__file__).with_name("original.sql")
SCRIPT = "#!/bin/bash\necho '0;sent;0;0'\n"

Take = Callable[..., Ran]
Query = Callable[..., tuple[tuple[Any, ...], ...]]


class Original:
    """The source's database, written to as the original would."""

    def __init__(self, server: PrivateMariaDB) -> None:
        self._server = server
        server.drop_database(NAME)
        server.create_database(NAME)
        self.run(DUMP.read_bytes())

    def run(self, sql: str | bytes) -> None:
        """Statements, octet by octet."""
        text = sql.encode() if isinstance(sql, str) else sql
        connection = pymysql.connect(
            **self._server.connect_args, database=NAME, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            for statement in text.split(b";\n"):
                if statement.strip():
                    cursor.execute(statement)  # type: ignore[arg-type]

    def checksums(self) -> Any:
        """What every table holds."""
        connection = pymysql.connect(**self._server.connect_args, database=NAME)
        with connection, connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            tables = ", ".join(f"`{name}`" for (name,) in cursor.fetchall())
            cursor.execute(f"CHECKSUM TABLE {tables}")
            return cursor.fetchall()


@pytest.fixture
def original(mariadb: PrivateMariaDB) -> Iterator[Original]:
    """The original's database, with the data of original.sql."""
    yield Original(mariadb)
    mariadb.drop_database(NAME)


@pytest.fixture
def their_scripts(tmp_path: Path) -> Path:
    """The original's directory of scripts."""
    directory = tmp_path / "original-scripts"
    directory.mkdir()
    script = directory / "envia.sh"
    script.write_text(SCRIPT)
    script.chmod(0o777)  # as the original's installation left them
    return directory


@pytest.fixture
def take(config: Config, db: Database, original: Original, their_scripts: Path) -> Take:
    """Runs `massivesms takeover` with further words."""
    with db.transaction() as tx:
        tx.execute("INSERT INTO setting VALUES ('time_zone', 'Europe/Madrid', NOW())")

    def call(*words: object, **more: Any) -> Ran:
        return in_process(
            *("--config", config.file, "takeover", "--scripts", their_scripts),
            *words,
            **more,
        )

    return call


@pytest.fixture
def query(db: Database) -> Query:
    """Rows of our database."""

    def ask(sql: str, *values: object) -> tuple[tuple[Any, ...], ...]:
        with db.transaction() as tx:
            return tx.tuples(sql, values or None)

    return ask


@pytest.fixture
def vault(config: Config) -> Vault:
    return Vault(config.secret_key())
