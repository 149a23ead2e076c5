"""Owns what the whole run shares: one private MariaDB, and a clean schema in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.config import Config, DatabaseSettings
from massivesms.store import grants, migrations, provisioning
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB

DATABASE = "massivesms"
#: What `versions` is told so that the database is older or newer than the program.
OLDER = "DELETE FROM schema_migration WHERE version = 2"
NEWER = "INSERT INTO schema_migration VALUES (9999, 'later.sql', UTC_TIMESTAMP())"
#: The suite comes in as root; with this it comes in as massivesms does on a PBX,
#: with the rights of `massivesms setup`, and so shows that they are enough.
AS_APPLICATION = os.environ.get("MASSIVESMS_TEST_AS") == "application"
APPLICATION = ("application", "of the tests")  # user and password
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
    db = Database(as_root(mariadb))
    migrations.upgrade(db)
    with db.transaction() as tx:
        account = (APPLICATION[0], "localhost")
        provisioning.create_user(tx, account, APPLICATION[1])
        ours = grants.of_our_tables(DATABASE, provisioning.tables(tx, DATABASE))
        grants.mend(tx, account, grants.differences(tx, account, DATABASE, ours))
        tx.execute("GRANT SELECT, INSERT ON asteriskcdrdb.* TO application@localhost")
    db.close()
    return mariadb


def as_root(mariadb: PrivateMariaDB) -> DatabaseSettings:
    """The way in that may do everything, whatever the tests' configuration says."""
    return DatabaseSettings("", 0, str(mariadb.socket_path), "root", "", DATABASE)


@pytest.fixture
def config(schema: PrivateMariaDB, tmp_path: Path) -> Config:
    """A configuration file of its own for the test, on the emptied schema."""
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    user, password = APPLICATION if AS_APPLICATION else ("root", "")
    file = tmp_path / "massivesms.conf"
    file.write_text(
        f"""
[database]
socket = {schema.socket_path}
user = {user}
password = {password}
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
    file.chmod(0o600)  # it may hold a password
    os.environ["MASSIVESMS_CONFIG"] = str(file)
    return configuration.load(file)


@pytest.fixture
def db(config: Config, schema: PrivateMariaDB) -> Iterator[Database]:
    """The database as a fresh installation has it."""
    root = Database(as_root(schema))
    _empty(root)
    root.close()
    database = Database(config.database)
    yield database
    database.close()


@pytest.fixture
def versions(db: Database, schema: PrivateMariaDB) -> Iterator[Callable[[str], None]]:
    """Changes what the database says of its version; put right at the end."""
    root = Database(as_root(schema))
    with root.transaction() as tx:
        rows = tx.tuples("SELECT * FROM schema_migration")

    def change(sql: str) -> None:
        root.atomically(lambda tx: tx.execute(sql))

    yield change
    change("DELETE FROM schema_migration")
    with root.transaction() as tx:
        tx.many("INSERT INTO schema_migration VALUES (%s, %s, %s)", rows)
    root.close()


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
