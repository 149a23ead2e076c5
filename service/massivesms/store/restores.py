"""Rows of a backup into new tables, and these into the place of the old ones.

Everything is loaded into a database of its own beside ours; only one statement at
the end touches what is there. What comes from a file is checked against a pattern
that nothing but literals fits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from . import blocked_numbers, counts, settings
from .backups import Table
from .db import Database, HashOf, Row, Transaction
from .migrations import tables as our_tables

ROWS_AT_ONCE = 1000
CHARACTERS_AT_ONCE = 500_000
_LITERAL = (
    r"(?:NULL|-?[0-9]+(?:\.[0-9]+)?|X'[0-9A-F]*'"
    r"|'(?:[^'\\\x00\n\r\x1a]|\\[\\'0Znr])*')"
)


def beside(db: Database, name: str, hash_of: HashOf) -> Database:
    """The same server and user, another database."""
    return Database(replace(db.settings, name=name), hash_of=hash_of)


CREATE_DATABASE = "CREATE DATABASE `{name}`"
DROP_DATABASE = "DROP DATABASE IF EXISTS `{name}`"


def quoted(name: str) -> str:
    """A database's name between backticks."""
    return name.replace("`", "``")


def create_database(tx: Transaction, name: str) -> None:
    """Makes a database anew, for the tables of a restore."""
    drop_database(tx, name)
    tx.execute(CREATE_DATABASE.format(name=quoted(name)))


def drop_database(tx: Transaction, name: str) -> None:
    """Drops a database that a restore made."""
    tx.execute("SET sql_notes = 0")
    tx.execute(DROP_DATABASE.format(name=quoted(name)))


EMPTY = "DELETE FROM `{table}`"
# Not unique_checks as well: MariaDB 10.11 then inserts in bulk, and rows that an INSERT
# IGNORE had counted were gone after the commit.
UNCHECKED = "SET SESSION foreign_key_checks = 0"


def empty(tx: Transaction, found: Sequence[Table]) -> None:
    """Removes what the migrations put in: roles, the output queue."""
    tx.execute(UNCHECKED)
    for table in found:
        tx.execute(EMPTY.format(table=table.name))


INSERT = "INSERT INTO `{table}` ({columns}) VALUES "


class Loader:
    """Puts the lines of one table in; each batch is committed."""

    def __init__(self, db: Database, table: Table) -> None:
        columns = ", ".join(f"`{name}`" for name in table.columns)
        self._db = db
        self._head = INSERT.format(table=table.name, columns=columns)
        count = len(table.columns)
        self._row = re.compile(rf"{_LITERAL}(?:,{_LITERAL}){{{count - 1}}}")
        self._batch: list[str] = []
        self._size = 0

    def add(self, line: bytes) -> bool:
        """One row; False when it is anything but literals, one for each column."""
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return False
        if not self._row.fullmatch(text):
            return False
        self._batch.append(text)
        self._size += len(text)
        if len(self._batch) >= ROWS_AT_ONCE or self._size >= CHARACTERS_AT_ONCE:
            self.flush()
        return True

    def flush(self) -> None:
        """Writes what is gathered."""
        if self._batch:
            sql = f"{self._head}({'),('.join(self._batch)})"
            with self._db.transaction() as tx:
                tx.execute(UNCHECKED)
                tx.execute(sql)
            self._batch.clear()
            self._size = 0


COUNT = "SELECT COUNT(*) FROM `{table}`"
NEXT_NUMBER = "ALTER TABLE `{table}` AUTO_INCREMENT = {number}"


def finish(tx: Transaction, table: Table) -> int:
    """Sets the next number of a loaded table; how many rows it has."""
    if table.auto_increment:
        number = int(table.auto_increment)
        tx.execute(NEXT_NUMBER.format(table=table.name, number=number))
    return int(tx.value(COUNT.format(table=table.name)))


CAMPAIGNS = "SELECT id FROM campaign"
IN_FLIGHT = """
SELECT COALESCE(trunk_id, 0), id, segments FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'submitting'"""
DOUBT = """
UPDATE message SET state = 'in_doubt', result_code = 'restored_in_flight',
  claim_token = NULL, submitted_at = COALESCE(submitted_at, claimed_at),
  settled_at = UTC_TIMESTAMP(3)
WHERE campaign_id = %(campaign_id)s AND state = 'submitting'"""


def doubt(tx: Transaction) -> int:
    """Puts in doubt what was on its way when the backup was made; how many."""
    changes, found = counts.Changes(), 0
    for (campaign_id,) in tx.tuples(CAMPAIGNS):
        values = {"campaign_id": campaign_id}
        by_trunk: dict[int, list[tuple[int, int]]] = {}
        for trunk_id, message_id, segments in tx.tuples(IN_FLIGHT, values):
            by_trunk.setdefault(trunk_id, []).append((message_id, segments))
        for trunk_id, those in by_trunk.items():
            changes.move(
                *(campaign_id, trunk_id, "submitting", "in_doubt"),
                *(len(those), sum(segments for _, segments in those)),
                ids=[message_id for message_id, _ in those],
            )
            found += len(those)
        if by_trunk:
            tx.execute(DOUBT, values)
    changes.write(tx)
    return found


PAUSE = "UPDATE campaign SET paused = 1 WHERE open = 1 AND removed = 0 AND paused = 0"


def hold_everything(tx: Transaction) -> int:
    """Pauses what could send, the output queue too, and turns sending off."""
    settings.save(tx, {"sending": "no"})
    return tx.execute(PAUSE)


OUR_ROWS = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
HAS_ROWS = "SELECT 1 FROM `{table}` WHERE {which} LIMIT 1"
#: A database without any of these is a new one.
DATA = {
    **dict.fromkeys(("user", "trunk", "list", "message", "import"), "1 = 1"),
    "campaign": "id <> 1",
}


def holds_data(tx: Transaction, name: str) -> bool:
    """Whether there is anything in the database that a restore would replace."""
    have = present(tx, name)
    return any(
        tx.value(HAS_ROWS.format(table=table, which=which)) is not None
        for table, which in DATA.items()
        if table in have
    )


def present(tx: Transaction, name: str) -> set[str]:
    """Which of our tables a database has."""
    return {table for (table,) in tx.tuples(OUR_ROWS, (name,))} & set(our_tables())


def stranded(tx: Transaction, live: str, old: str) -> set[str]:
    """Our tables that are in `old` alone: a server that fell while they changed places.

    Before MariaDB 10.6, a crash may leave a RENAME of many tables half done.
    """
    return present(tx, old) - present(tx, live)


OTHERS = """
SELECT user, host FROM information_schema.processlist
WHERE db = DATABASE() AND id <> CONNECTION_ID()"""


def others(tx: Transaction) -> list[Row]:
    """Who else is connected to this database: the service, the pages, a person."""
    return tx.rows(OTHERS)


LOCK = "SELECT GET_LOCK(CONCAT(DATABASE(), '.restore'), 0)"


def lock(tx: Transaction) -> bool:
    """Holds the restore for this connection; False when another one runs."""
    return bool(tx.value(LOCK) == 1)


# The record of changes is only ever added to: what is here stays.
KEEP_AUDIT = """
INSERT INTO `{new}`.audit (at, user_name, address, action, subject, details)
SELECT a.at, a.user_name, a.address, a.action, a.subject, a.details
FROM `{live}`.audit a LEFT JOIN `{new}`.audit b ON b.id = a.id AND b.at = a.at
  AND b.action = a.action
WHERE b.id IS NULL ORDER BY a.id"""
# Who refused or was erased after the backup was made stays so. Numbers blocked for one
# campaign go with it.
KEEP_REFUSALS = {
    "blocked_number": """
INSERT IGNORE INTO `{new}`.blocked_number
  (number, campaign_id, source, reason, created_by, created_at)
SELECT number, campaign_id, source, reason, created_by, created_at
FROM `{live}`.blocked_number WHERE campaign_id = 0""",
    "erased_number": """
INSERT IGNORE INTO `{new}`.erased_number (number_hash, erased_by, erased_at)
SELECT number_hash, erased_by, erased_at FROM `{live}`.erased_number""",
}
# Where the tables of before already know who asked for it themselves. The incoming
# messages are those of the backup: it is not said in which one.
KNOWS_WISHES = """
SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = %(live)s
  AND table_name = 'blocked_number' AND column_name = 'opted_out_at'"""
KEEP_WISHES = """
UPDATE `{new}`.blocked_number n
JOIN `{live}`.blocked_number l USING (number, campaign_id)
SET n.opted_out_at = l.opted_out_at
WHERE n.opted_out_at IS NULL AND l.opted_out_at IS NOT NULL"""
RENAME = "RENAME TABLE {pairs}"
PAIR = "`{old}`.`{table}` TO `{new}`.`{table}`"


def keep_audit(tx: Transaction, live: str, new: str) -> int:
    """Adds the changes that were recorded here since; how many."""
    names = {"live": quoted(live), "new": quoted(new)}
    return tx.execute(KEEP_AUDIT.format(**names))


def keep_refusals(tx: Transaction, live: str, new: str) -> int:
    """Adds the blocked and erased numbers that are here; how many."""
    have, names = present(tx, live), {"live": quoted(live), "new": quoted(new)}
    found = [sql for table, sql in KEEP_REFUSALS.items() if table in have]
    tx.execute("SET sql_notes = 0")  # those that are in both are no news
    kept = sum(tx.execute(sql.format(**names)) for sql in found)
    if tx.value(KNOWS_WISHES, {"live": live}):
        tx.execute(KEEP_WISHES.format(**names))
    blocked_numbers.recount(tx)  # claims go by it
    return kept


def swap(tx: Transaction, live: str, new: str, old: str) -> None:
    """Puts the tables of `new` in the place of those of `live`, in one statement."""
    pairs = [(live, old, table) for table in sorted(present(tx, live))]
    pairs += [(new, live, table) for table in sorted(present(tx, new))]
    text = ", ".join(
        PAIR.format(old=quoted(source), new=quoted(target), table=table)
        for source, target, table in pairs
    )
    tx.execute(RENAME.format(pairs=text))
