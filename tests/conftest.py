"""Owns what the whole run shares: one private MariaDB, and a clean schema in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.store import migrations
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB

DATABASE = "massivesms"
KEPT_TABLES = {
    *("schema_migration", "role", "campaign", "blocked_total"),
    "pbx_group",
}


@pytest.fixture(scope="session")
def mariadb() -> Iterator[PrivateMariaDB]:
    """A fast server without databases; root comes in by its connect_args."""
    with PrivateMariaDB() as server:
        yield server


@pytest.fixture(scope="session")
def schema(mariadb: PrivateMariaDB) -> PrivateMariaDB:
    """The server with our schema in the database `massivesms`."""
    mariadb.create_database(DATABASE)
    settings = configuration.DatabaseSettings(
        host="",
        port=0,
        socket=str(mariadb.socket_path),
        user="root",
        password="",
        name=DATABASE,
    )
    db = Database(settings)
    migrations.upgrade(db)
    db.close()
    return mariadb


@pytest.fixture
def config(schema: PrivateMariaDB, tmp_path: Path) -> Config:
    """A configuration file of its own for the test, on the emptied schema."""
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    file = tmp_path / "massivesms.conf"
    file.write_text(
        f"""
[database]
socket = {schema.socket_path}
user = root
name = {DATABASE}
[cdr]
name = asteriskcdrdb
[service]
pid_file = {tmp_path}/run/massivesms.pid
run_dir = {tmp_path}/run
log_dir = {tmp_path}/log
scripts_dir = {scripts}
[web]
listen = 127.0.0.1:0
secret_key_file = {tmp_path}/secret.key
"""
    )
    os.environ["MASSIVESMS_CONFIG"] = str(file)
    return configuration.load(file)


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    """The database as a fresh installation has it."""
    database = Database(config.database)
    _empty(database)
    yield database
    database.close()


@pytest.fixture
def actor() -> Actor:
    """The person who does what a test does."""
    return Actor("ana", "127.0.0.1")


def _empty(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("SET foreign_key_checks = 0")
        for (table,) in tx.tuples("SHOW TABLES"):
            if table not in KEPT_TABLES:
                tx.execute(f"DELETE FROM `{table}`")
        tx.execute("DELETE FROM campaign WHERE id <> 1")
        tx.execute(
            "UPDATE campaign SET paused = 0, open = 1, in_doubt = 'hold' WHERE id = 1"
        )
        tx.execute("UPDATE blocked_total SET numbers = 0")
        tx.execute("DELETE FROM role WHERE id > 3")
        tx.execute(
            "DELETE FROM pbx_group WHERE name NOT LIKE '*%' AND name NOT LIKE 'sms\\_%'"
        )
        tx.execute(
            "UPDATE pbx_group SET seen_at = NULL, role_id = CASE"
            " WHEN name = '*administrators' THEN 1 WHEN name LIKE '%supervisor' THEN 2"
            " WHEN name LIKE '%operator' THEN 3 END"
        )
        tx.execute("SET foreign_key_checks = 1")
