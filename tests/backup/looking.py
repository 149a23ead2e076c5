"""What the tests look at in a database that was restored."""

from __future__ import annotations

from dataclasses import replace

from massivesms.config import Config, DatabaseSettings
from massivesms.store.db import Database


def one(db: Database, sql: str) -> object:
    with db.transaction() as tx:
        return tx.value(sql)


def leftovers(db: Database) -> list[str]:
    with db.transaction() as tx:
        return [name for (name,) in tx.tuples("SHOW DATABASES LIKE '%restore%'")]


def in_database(config: Config, name: str) -> DatabaseSettings:
    return replace(config.database, name=name)
