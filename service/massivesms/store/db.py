"""Transactions: the one place that talks to PyMySQL.

Owns reconnecting, retrying after a deadlock and turning the driver's errors
into StoreError. Knows no table.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pymysql
from pymysql.cursors import DictCursor, SSCursor

from ..config import DatabaseSettings
from ..errors import StoreError
from . import database_problems
from .connections import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, connect, server_of
from .failures import (
    CommitUnknown,
    is_away,
    may_succeed_again,
    translate,
    waited_for_lock,
)

log = logging.getLogger(__name__)

T = TypeVar("T")
Row = dict[str, Any]
HashOf = Callable[[str], bytes]
Params = Mapping[str, Any] | Sequence[Any] | None

ROWS_AT_ONCE = 1000
IDLE_TRANSACTION = "SET SESSION idle_transaction_timeout = %s"
SAVEPOINT = "SAVEPOINT part"
UNDO_PART = "ROLLBACK TO SAVEPOINT part"
_DUPLICATE = "\nON DUPLICATE KEY UPDATE"
DEADLOCK_TRIES = 5
SERVICE_READ_TIMEOUT_S = 60  # the service's take milliseconds
SERVICE_IDLE_TRANSACTION_S = 10


def _no_key(number: str) -> bytes:
    raise RuntimeError("this Database was made without hash_of")


class Transaction:
    """Statements of one transaction; made by Database.transaction()."""

    def __init__(
        self,
        connection: pymysql.Connection[Any],
        hash_of: HashOf = _no_key,
        memory: dict[str, tuple[float, Any]] | None = None,
    ) -> None:
        self._connection = connection
        self._memory = {} if memory is None else memory  # the database's
        self.hash_of = hash_of  # by it an erased number is known again
        self.after_commit: list[Callable[[], object]] = []  # done once it is certain
        self._last_rows: dict[str, list[tuple[Any, ...]]] = {}

    @property
    def server(self) -> tuple[bool, tuple[int, int]]:
        """Whether it is MariaDB (or MySQL), and its version."""
        return server_of(self._connection)

    @property
    def has_values(self) -> bool:
        """Whether the server knows VALUES as a table (MariaDB 10.3)."""
        is_mariadb, version = self.server
        return is_mariadb and version >= (10, 3)

    @property
    def skips_locked(self) -> bool:
        """Whether the server knows SKIP LOCKED (MariaDB 10.6, MySQL 8.0)."""
        is_mariadb, version = self.server
        return version >= ((10, 6) if is_mariadb else (8, 0))

    def remembered(self, name: str, for_s: float, read: Callable[[], Any]) -> Any:
        """What `read` found: small facts that every transaction needs, so seconds old.

        The whole database has one memory of them.
        """
        at_s, found = self._memory.get(name, (-math.inf, None))
        if time.monotonic() - at_s > for_s:
            found = read()
            self._memory[name] = time.monotonic(), found
        return found

    def forget(self, name: str) -> None:
        """What is remembered by that name is changed by this transaction."""
        self.after_commit.append(lambda: self._memory.pop(name, None))

    def insert_last(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows to insert just before the COMMIT, all of a statement at once.

        In the order of their first values, which is not inserted itself.
        """
        if rows:
            self._last_rows.setdefault(sql, []).extend(rows)

    def finish(self) -> None:
        """Inserts what was to come last."""
        for sql, rows in self._last_rows.items():
            self.many(sql, [row[1:] for row in sorted(rows, key=lambda row: row[0])])
        self._last_rows.clear()

    def rows(self, sql: str, params: Params = None) -> list[Row]:
        """All rows, each a dict by column."""
        with self._connection.cursor(DictCursor) as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def tuples(self, sql: str, params: Params = None) -> tuple[tuple[Any, ...], ...]:
        """All rows as tuples: the quick way for the engine."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            return tuple(cursor.fetchall())

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """All rows of a large table one after another; memory stays small."""
        with self._connection.cursor(SSCursor) as cursor:
            cursor.execute(sql)
            while (row := cursor.fetchone()) is not None:
                yield row

    def row(self, sql: str, params: Params = None) -> Row | None:
        """The first row or None."""
        with self._connection.cursor(DictCursor) as cursor:
            cursor.execute(sql, params)
            found: Row | None = cursor.fetchone()
            return found

    def value(self, sql: str, params: Params = None) -> Any:
        """The first column of the first row or None."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchone()
            return found[0] if found else None

    def execute(self, sql: str, params: Params = None) -> int:
        """Runs a statement; the number of rows that it *changed*."""
        with self._connection.cursor() as cursor:
            return int(cursor.execute(sql, params))

    def insert(self, sql: str, params: Params = None) -> int:
        """Inserts one row; its new id."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.lastrowid or 0)

    def many(
        self,
        sql: str,
        params: Sequence[Sequence[Any]],
        rows_at_once: int = ROWS_AT_ONCE,
    ) -> int:
        """Inserts many rows, so many in each statement; how many were inserted.

        PyMySQL's executemany would send row by row when VALUES holds a function.
        """
        insert, on_duplicate, rest = sql.partition(_DUPLICATE)
        head, values_word, row = insert.partition("VALUES ")
        head, tail = head + values_word, on_duplicate + rest
        inserted = 0
        for at in range(0, len(params), rows_at_once):
            chunk = params[at : at + rows_at_once]
            values = [value for one in chunk for value in one]
            rows = ",".join([row] * len(chunk))
            inserted += self.execute(f"{head}{rows}{tail}", values)
        return inserted

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part that is undone alone when it fails; the rest stays as it was.

        Raises StoreError for what the server refuses; what ends the transaction as
        a whole (the server is away, a deadlock) comes through as it is.
        """
        self.execute(SAVEPOINT)
        told, is_done = len(self.after_commit), False
        try:
            yield
            is_done = True
        except pymysql.MySQLError as error:
            is_done = is_away(error) or may_succeed_again(error)  # undone as a whole
            if is_done:
                raise
            raise translate(error) from error
        finally:
            if not is_done:
                self.execute(UNDO_PART)
                del self.after_commit[told:]


class Database:
    """One database, with a connection for each thread that uses it.

    `for_service`: it does not wait long for a silent server, and the server (if it
    is MariaDB) ends its transactions that stand still: a frozen process must not
    keep its locks for ever.
    """

    def __init__(
        self,
        settings: DatabaseSettings,
        *,
        for_service: bool = False,
        hash_of: HashOf = _no_key,
        patience_s: int | None = None,
    ) -> None:
        self.settings = settings
        self.hash_of = hash_of
        self._for_service = for_service
        self._connect_s = patience_s or CONNECT_TIMEOUT_S
        self._answer_s = patience_s or (
            SERVICE_READ_TIMEOUT_S if for_service else READ_TIMEOUT_S
        )
        self._local = threading.local()
        self._memory: dict[str, tuple[float, Any]] = {}

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: committed at the end, rolled back by an exception.

        Raises StoreUnavailable when the server is away, CommitUnknown when it
        went away during COMMIT, DuplicateRow and StoreError otherwise.
        """
        if getattr(self._local, "is_busy", False):
            # Committing the inner one would commit half of the outer one.
            raise RuntimeError("this thread has a transaction open already")
        connection = self._connection()
        self._local.is_busy = True
        try:
            yield from self._transaction(connection)
        finally:
            self._local.is_busy = False

    def _transaction(
        self, connection: pymysql.Connection[Any]
    ) -> Iterator[Transaction]:
        tx = Transaction(connection, self.hash_of, self._memory)
        try:
            yield tx
            tx.finish()
        except pymysql.MySQLError as error:
            self._abandon(connection, error)
            raise translate(error) from error
        except UnicodeEncodeError as error:  # half a character: PyMySQL sent nothing
            self._roll_back(connection)
            raise StoreError(database_problems.not_text()) from error
        except BaseException:
            self._roll_back(connection)
            raise
        try:
            connection.commit()
        except pymysql.MySQLError as error:
            self._abandon(connection, error)
            if is_away(error):
                raise CommitUnknown(database_problems.refused(error)) from error
            raise translate(error) from error
        for act in tx.after_commit:
            act()

    def atomically(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction, again after a deadlock.

        The service also when it waited for a lock in vain; a person is told.
        """
        for attempt in range(1, DEADLOCK_TRIES + 1):
            try:
                with self.transaction() as tx:
                    return work(tx)
            except StoreError as error:
                cause = error.__cause__
                if attempt == DEADLOCK_TRIES or not may_succeed_again(cause):
                    raise
                if waited_for_lock(cause) and not self._for_service:
                    raise  # that took a minute already
                log.info("deadlock, try %d is next", attempt + 1)
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Closes the connection of this thread."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None and connection.open:
            connection.close()

    def _connection(self) -> pymysql.Connection[Any]:
        connection: pymysql.Connection[Any] | None = getattr(
            self._local, "connection", None
        )
        if connection is not None and connection.open:
            idle_s = time.monotonic() - self._local.used_at_s
            self._local.used_at_s = time.monotonic()
            if idle_s < 5.0:
                return connection
            try:
                connection.ping(reconnect=False)
                return connection
            except pymysql.MySQLError:
                self._local.connection = None
        connection = connect(self.settings, self._answer_s, self._connect_s)
        if self._for_service and server_of(connection)[0]:
            with connection.cursor() as cursor:
                cursor.execute(IDLE_TRANSACTION, (SERVICE_IDLE_TRANSACTION_S,))
        self._local.connection = connection
        self._local.used_at_s = time.monotonic()
        return connection

    def _abandon(self, connection: pymysql.Connection[Any], error: Exception) -> None:
        if is_away(error):
            self._local.connection = None
            if connection.open:
                connection._force_close()  # type: ignore[attr-defined]
        else:
            self._roll_back(connection)

    def _roll_back(self, connection: pymysql.Connection[Any]) -> None:
        try:
            connection.rollback()
        except (pymysql.MySQLError, OSError):
            self._local.connection = None
