"""The schema's versions: which are applied, and applying the others.

The statements are in sql/migrations/NNNN_name.sql; this room runs them in
order, each once, under a lock so that two upgrades do not meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import pymysql
from pymysql.constants import ER

from ..domain.words import N_, Problem
from ..errors import StoreError, WrongSchema
from . import failures
from .db import Database, Transaction

_NAME = re.compile(r"(\d{4})_\w+\.sql")
_MAKES_TABLE = re.compile(r"CREATE TABLE `?(\w+)")
LOCK_WAIT_S = 60
OLDER = N_(
    "The database lacks %(count)s of the %(all)s steps of its schema."
    " Run as root: massivesms setup --upgrade"
)
NEWER = N_(
    "The database is of a newer massivesms than this program: install that version,"
    " or restore a backup of this one."
)
MAY_NOT_CREATE = {ER.TABLEACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR}

CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migration (
  version INT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(120) NOT NULL,
  applied_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""
APPLIED = "SELECT version FROM schema_migration ORDER BY version"
RECORD = """
INSERT INTO schema_migration (version, name, applied_at)
VALUES (%(version)s, %(name)s, UTC_TIMESTAMP(3))"""
TABLE_EXISTS = """
SELECT COUNT(*) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name = 'schema_migration'"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file of the schema."""

    version: int
    name: str
    statements: tuple[str, ...]


def available(folder: Traversable | None = None) -> list[Migration]:
    """All migrations of this release, in order."""
    folder = folder or resources.files("massivesms_sql.migrations")
    found = []
    for entry in folder.iterdir():
        match = _NAME.fullmatch(entry.name)
        if match:
            statements = tuple(_statements(entry.read_text(encoding="utf-8")))
            found.append(Migration(int(match[1]), entry.name, statements))
    return sorted(found, key=lambda migration: migration.version)


def tables() -> list[str]:
    """The tables that the whole schema makes."""
    statements = [s for migration in available() for s in migration.statements]
    made = [match[1] for s in statements if (match := _MAKES_TABLE.match(s))]
    return ["schema_migration", *made]


def applied(db: Database) -> list[int]:
    """The versions that the database has; empty for a new one."""
    with db.transaction() as tx:
        return _versions(tx)


def _versions(tx: Transaction) -> list[int]:
    if not tx.value(TABLE_EXISTS):
        return []
    return [version for (version,) in tx.tuples(APPLIED)]


def pending(db: Database) -> list[Migration]:
    """What `upgrade` would apply."""
    have = set(applied(db))
    return [m for m in available() if m.version not in have]


def check(db: Database) -> None:
    """Raises WrongSchema unless the tables are exactly those of this version."""
    have = set(applied(db))
    ours = {migration.version for migration in available()}
    if have == ours:
        return
    if have - ours:
        problem = Problem("schema_newer", NEWER)
    elif have:
        lacks = len(ours - have)
        problem = Problem("schema_older", OLDER, count=lacks, all=len(ours))
    else:
        problem = Problem("schema_none", failures.NO_TABLES)
    raise WrongSchema(problem)


def upgrade(
    db: Database, folder: Traversable | None = None, *, through: int | None = None
) -> list[str]:
    """Applies what is missing; the names of what was applied. Safe to run twice.

    `through` is the last version to apply, for a backup of an older schema.
    Raises StoreError when another upgrade holds the lock for a minute, or when this
    user of the database may not change tables.
    """
    with db.transaction() as tx:
        _lock(tx)
        try:
            tx.execute("SET sql_notes = 0")
            have = _versions(tx)
            done = [m for m in available(folder) if m.version not in have]
            if through is not None:
                done = [m for m in done if m.version <= through]
            if done:
                _create_table(tx)
            for migration in done:
                for statement in migration.statements:
                    tx.execute(statement)
                tx.execute(
                    RECORD, {"version": migration.version, "name": migration.name}
                )
                # Its tables are committed already: the record must not be lost
                # with what fails after it. The lock is the connection's and stays.
                tx.execute("COMMIT")
        finally:
            tx.value("SELECT RELEASE_LOCK('massivesms_upgrade')")
            tx.execute("SET sql_notes = 1")
    return [migration.name for migration in done]


def _create_table(tx: Transaction) -> None:
    """The first statement of an upgrade: whoever may not do this may do nothing."""
    try:
        tx.execute(CREATE_TABLE)
    except pymysql.MySQLError as error:
        if error.args[0] not in MAY_NOT_CREATE:
            raise
        raise StoreError(
            Problem(
                "upgrade_denied",
                N_(
                    "The database's user of massivesms may not make or change tables."
                    " Run as root: massivesms setup --upgrade"
                ),
            )
        ) from error


def _lock(tx: Transaction) -> None:
    if tx.value("SELECT GET_LOCK('massivesms_upgrade', %s)", (LOCK_WAIT_S,)) != 1:
        raise StoreError(
            Problem(
                "upgrade_locked",
                N_("Another upgrade of this database is running. Try again later."),
            )
        )


def _statements(text: str) -> Iterator[str]:
    """Statements of a migration: each ends with a semicolon at the line's end."""
    lines = [line.split(" -- ")[0].rstrip() for line in text.splitlines()]
    lines = [re.sub(r"\s*--.*$", "", line) for line in lines]
    for statement in "\n".join(lines).split(";\n"):
        statement = statement.strip().rstrip(";")
        if statement:
            yield statement
