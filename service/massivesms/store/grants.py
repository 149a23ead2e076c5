"""What the application's user of the database may do, table by table.

It reads and writes our tables, but no right reaches further: what it wrote into the
audit it can neither change nor take away, and it makes and drops no table. Gives
what is missing and takes what is too much.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pymysql

from ..errors import StoreError
from .db import Database, Transaction
from .provisioning import Account, quoted

Rights = frozenset[str]
Table = tuple[str, str]  # database and table; '' = all of it

READ: Rights = frozenset({"SELECT"})
READ_AND_ADD: Rights = READ | {"INSERT"}
EVERYTHING: Rights = READ_AND_ADD | {"UPDATE", "DELETE"}
#: Our tables that the application does not write as it likes.
GUARDED: Mapping[str, Rights] = {"audit": READ_AND_ADD, "schema_migration": READ}
#: Tables of a PBX from which numbers are read, where they are there.
CONTACTS = (
    "contactmanager_groups",
    "contactmanager_group_entries",
    "contactmanager_entry_numbers",
)
CALL_CENTRE: Table = ("call_center", "dont_call")
ORIGINAL = "massive_sms"  # the original module's database, read by a takeover
WRITE_CALL_RECORDS = "write_call_records"  # the setting that needs one right more


def of_our_tables(database: str, tables: Iterable[str]) -> dict[Table, Rights]:
    """What the application needs on the tables of its own database."""
    return {(database, name): GUARDED.get(name, EVERYTHING) for name in tables}


@dataclass(frozen=True, slots=True)
class Differences:
    """What an account lacks and what it has too much."""

    missing: dict[Table, Rights] = field(default_factory=dict)
    excess: dict[Table, Rights] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.missing or self.excess)


GLOBAL = """
SELECT '' AS db, '' AS name, privilege_type AS privilege, is_grantable AS grantable
FROM information_schema.user_privileges WHERE grantee = %(grantee)s"""
SCHEMA = """
SELECT table_schema AS db, '' AS name, privilege_type AS privilege,
  is_grantable AS grantable
FROM information_schema.schema_privileges WHERE grantee = %(grantee)s"""
TABLE = """
SELECT table_schema AS db, table_name AS name, privilege_type AS privilege,
  is_grantable AS grantable
FROM information_schema.table_privileges WHERE grantee = %(grantee)s"""
COLUMN = """
SELECT table_schema AS db, table_name AS name,
  CONCAT(privilege_type, ' (`', column_name, '`)') AS privilege, 'NO' AS grantable
FROM information_schema.column_privileges WHERE grantee = %(grantee)s"""


def held(tx: Transaction, account: Account) -> dict[Table, set[str]]:
    """Every right of an account by where it reaches; ('', '') is everywhere."""
    found: dict[Table, set[str]] = defaultdict(set)
    grantee = "'{}'@'{}'".format(*account)
    for sql in (GLOBAL, SCHEMA, TABLE, COLUMN):
        for row in tx.rows(sql, {"grantee": grantee}):
            if row["privilege"] == "USAGE":  # no right at all
                continue
            rights = found[(row["db"], row["name"])]
            rights.add(row["privilege"])
            if row["grantable"] == "YES":
                rights.add("GRANT OPTION")
    return found


def differences(
    tx: Transaction, account: Account, database: str, wanted: Mapping[Table, Rights]
) -> Differences:
    """What is missing of the wanted rights, and what is too much.

    Too much is everything that reaches our database or is given everywhere, and
    on the PBX's tables what they are not wanted for. A right that somebody gave on
    another database is left alone.
    """
    have = held(tx, account)
    missing = {
        table: lacking
        for table, rights in wanted.items()
        if (lacking := rights - frozenset(have.get(table, ())))
    }
    excess = {}
    for table, rights in have.items():
        is_ours = table == ("", "") or reaches(table[0], database)
        if is_ours or table in wanted:
            too_much = frozenset(rights) - wanted.get(table, frozenset())
            if too_much:
                excess[table] = too_much
    return Differences(missing, excess)


def lacking(
    tx: Transaction, account: Account, wanted: Mapping[Table, Rights]
) -> dict[Table, Rights]:
    """What an account may not do at all, by whichever right."""
    have = held(tx, account)

    def may(table: Table) -> set[str]:
        whole = [
            rights
            for (db, name), rights in have.items()
            if not name and (not db or reaches(db, table[0]))
        ]
        return set().union(have.get(table, set()), *whole)

    return {t: left for t, rights in wanted.items() if (left := rights - may(t))}


def reaches(pattern: str, database: str) -> bool:
    """Whether a grant on `pattern` holds for a database: % and _ stand for others."""
    parts = re.findall(r"\\.|.", pattern, re.S)
    expression = "".join(
        {"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in parts
    )
    return re.fullmatch(expression, database, re.S) is not None


GRANT = "GRANT {rights} ON {where} TO %s@%s"
REVOKE = "REVOKE {rights} ON {where} FROM %s@%s"


def mend(tx: Transaction, account: Account, found: Differences) -> None:
    """Gives first and takes then: who is at work is never without its rights."""
    for statement, by_table in ((GRANT, found.missing), (REVOKE, found.excess)):
        for table, rights in by_table.items():
            for words in _bundles(rights):
                sql = statement.format(rights=words, where=_where(table))
                tx.execute(sql.replace("%", "%%").replace("%%s", "%s"), account)


def _bundles(rights: Rights) -> list[str]:
    """GRANT OPTION goes alone: REVOKE takes it with nothing else."""
    plain = ", ".join(sorted(rights - {"GRANT OPTION"}))
    return [*([plain] if plain else []), *(sorted(rights & {"GRANT OPTION"}))]


def _where(table: Table) -> str:
    database, name = table
    if not database:
        return "*.*"
    # A pattern such as `massive\_sms` is written back as it was given.
    schema = "`{}`".format(database.replace("`", "``"))
    return f"{schema}.{quoted(name) if name else '*'}"


ME = "SELECT CURRENT_USER()"


def mine(tx: Transaction) -> Account:
    """The account that this connection is."""
    user, _, host = str(tx.value(ME)).rpartition("@")
    return user, host


#: They change no row; without the right the server refuses them all the same.
CHANGE_AUDIT = "UPDATE audit SET subject = subject WHERE 1 = 0"
TAKE_AUDIT = "DELETE FROM audit WHERE 1 = 0"
DENIED = {1142, 1143, 1044}


def can_change_audit(db: Database) -> bool:
    """Whether this connection could change or take away what the audit holds."""
    return any(_is_allowed(db, sql) for sql in (CHANGE_AUDIT, TAKE_AUDIT))


def _is_allowed(db: Database, sql: str) -> bool:
    try:
        with db.transaction() as tx:
            tx.execute(sql)
    except StoreError as error:
        cause = error.__cause__
        if isinstance(cause, pymysql.MySQLError) and cause.args[0] in DENIED:
            return False
        raise
    return True
