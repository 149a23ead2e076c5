"""What the database's root does for us: the database, our user, what is there.

Works on a root's connection, for `massivesms setup` only. Rights are in grants.py,
tables in migrations.py.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pymysql
from pymysql.constants import ER

from ..config import DatabaseSettings
from ..domain.words import N_, Problem
from ..errors import StoreError
from .db import Database, Transaction
from .failures import StoreUnavailable

OLDEST = {True: (10, 3), False: (5, 7)}  # MariaDB, MySQL
NAME = re.compile(r"[\w$-]{1,64}", re.ASCII)
ACCESS_DENIED = {ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, 1698}
NO_DATABASE = {ER.BAD_DB_ERROR}

Account = tuple[str, str]  # user and host


def quoted(name: str) -> str:
    """An identifier between backticks. Raises StoreError for a strange one."""
    if not NAME.fullmatch(name):
        raise StoreError(
            Problem(
                "database_name",
                N_("%(name)s cannot be the name of a database or table."),
                name=name,
            )
        )
    return f"`{name}`"


def root(settings: DatabaseSettings) -> Database:
    """The way in of the database's root, whatever databases there are yet."""
    return Database(replace(settings, name="mysql"))


def was_denied(error: StoreError) -> bool:
    """Whether a connection failed for its name and password alone."""
    return _code(error) in ACCESS_DENIED


HOST = "SELECT USER()"


def check(tx: Transaction) -> str:
    """From which host we are seen. Raises StoreError for too old a server."""
    is_mariadb, version = tx.server
    if version < OLDEST[is_mariadb]:
        raise StoreError(
            Problem(
                "database_old",
                N_(
                    "%(product)s %(version)s is too old: massivesms needs MariaDB 10.3"
                    " or MySQL 5.7, or later."
                ),
                product="MariaDB" if is_mariadb else "MySQL",
                version=".".join(map(str, version)),
            )
        )
    return str(tx.value(HOST)).rpartition("@")[2]


HAS_DATABASE = """
SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = %s"""


def has_database(tx: Transaction, name: str) -> bool:
    """Whether there is a database of this name."""
    return bool(tx.value(HAS_DATABASE, (name,)))


CREATE_DATABASE = "CREATE DATABASE {name} CHARACTER SET utf8mb4"


def create_database(tx: Transaction, name: str) -> None:
    """Makes an empty database."""
    tx.execute(CREATE_DATABASE.format(name=quoted(name)))


TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = %s AND table_type = 'BASE TABLE' ORDER BY table_name"""


def tables(tx: Transaction, database: str) -> list[str]:
    """The tables of a database; none when there is no such database."""
    return [name for (name,) in tx.tuples(TABLES, (database,))]


ACCOUNTS = "SELECT host FROM mysql.user WHERE user = %s ORDER BY host"


def accounts(tx: Transaction, user: str) -> list[Account]:
    """Every account of a user, one for each host it may come from."""
    return [(user, str(host)) for (host,) in tx.tuples(ACCOUNTS, (user,))]


CREATE_USER = "CREATE USER %s@%s IDENTIFIED BY %s"


def create_user(tx: Transaction, account: Account, password: str) -> None:
    """Makes an account that may nothing yet."""
    tx.execute(CREATE_USER, (*account, password))


CHANGE_ACCOUNT = "ALTER USER %s@%s IDENTIFIED BY %s"


def set_password(tx: Transaction, account: Account, password: str) -> None:
    """Gives an account another password."""
    tx.execute(CHANGE_ACCOUNT, (*account, password))


def comes_in(settings: DatabaseSettings) -> bool:
    """Whether the application's user and password are right.

    Raises StoreUnavailable when the server does not answer at all.
    """
    database = Database(settings)
    try:
        with database.transaction():
            return True
    except StoreUnavailable as error:
        code = _code(error)
        if code == ER.ACCESS_DENIED_ERROR or code == 1698:
            return False
        if code in ACCESS_DENIED | NO_DATABASE:
            return True  # the password is right; the database is yet to come
        raise
    finally:
        database.close()


CALL_SETTINGS = """
SELECT keyword, value FROM {database}.{table} WHERE keyword LIKE 'CDRDB%%'"""
SETTINGS_TABLES = ("issabelpbx_settings", "freepbx_settings")


def call_record_settings(tx: Transaction, database: str) -> dict[str, str]:
    """Where the PBX's own settings say that it writes its call records."""
    found: dict[str, str] = {}
    for table in set(SETTINGS_TABLES) & set(tables(tx, database)):
        sql = CALL_SETTINGS.format(database=quoted(database), table=quoted(table))
        found |= {str(k): str(v or "") for k, v in tx.tuples(sql, ())}
    return found


MODULE = """
SELECT version FROM {database}.modules WHERE modulename = %s AND enabled = 1"""


def freepbx_module(tx: Transaction, database: str, name: str) -> str:
    """The version of a module that FreePBX has installed and enabled; '' = none."""
    if "modules" not in tables(tx, database):
        return ""
    return str(tx.value(MODULE.format(database=quoted(database)), (name,)) or "")


def _code(error: StoreError) -> int:
    cause = error.__cause__
    is_ours = isinstance(cause, pymysql.MySQLError) and cause.args
    return int(cause.args[0]) if is_ours and cause else 0
