"""What the driver's errors mean: away, denied, a key taken, or refused.

Owns the table of their codes; whoever retries or waits asks here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymysql
from pymysql.constants import CR, ER

from ..domain.words import N_, Problem
from ..errors import StoreError
from . import database_problems

#: "Deadlock found", "Lock wait timeout": the transaction was rolled back whole.
_AGAIN = {ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT}
#: Rights are lacking: on a database, a table, or at all.
_DENIED = {
    ER.DBACCESS_DENIED_ERROR,
    ER.TABLEACCESS_DENIED_ERROR,
    ER.SPECIFIC_ACCESS_DENIED_ERROR,
}
#: The server is away, going away, read-only, full or not ready (Galera 1047).
_AWAY = {
    CR.CR_SERVER_GONE_ERROR,
    CR.CR_SERVER_LOST,
    CR.CR_CONNECTION_ERROR,
    CR.CR_CONN_HOST_ERROR,
    ER.SERVER_SHUTDOWN,
    ER.CON_COUNT_ERROR,
    1047,
    1290,
    1836,
    1927,
    1021,
    1114,
}
NO_TABLES = N_(
    "The database has no tables yet. Run as root: massivesms setup --upgrade"
)


class StoreUnavailable(StoreError):
    """The database is away for now: wait and try again."""


class DuplicateRow(StoreError):
    """A unique key is taken; the caller names what it was."""


class CommitUnknown(StoreUnavailable):
    """The connection broke during COMMIT: read again before acting."""


@contextmanager
def unique(problem: Problem) -> Iterator[None]:
    """Turns a taken unique key inside the block into DuplicateRow(problem)."""
    try:
        yield
    except pymysql.err.IntegrityError as error:
        if code_of(error) == ER.DUP_ENTRY:
            raise DuplicateRow(problem) from error
        raise


def translate(error: Exception) -> StoreError:
    """The StoreError of a driver's error."""
    if waited_for_lock(error):
        return StoreError(database_problems.busy())
    if is_away(error):
        return StoreUnavailable(database_problems.refused(error))
    if code_of(error) == ER.NO_SUCH_TABLE:
        return StoreError(Problem("database_schema", NO_TABLES))
    return StoreError(database_problems.refused(error))


def is_away(error: BaseException | None) -> bool:
    """Whether the connection can be used no more."""
    return code_of(error) in _AWAY or isinstance(error, pymysql.InterfaceError)


def may_succeed_again(error: BaseException | None) -> bool:
    """Whether the transaction was rolled back whole and may simply be run again."""
    return code_of(error) in _AGAIN


def waited_for_lock(error: BaseException | None) -> bool:
    """Whether another transaction held what it needed, for as long as was waited."""
    return code_of(error) == ER.LOCK_WAIT_TIMEOUT


def is_denied(error: StoreError) -> bool:
    """Whether the server refused because this user may not do it."""
    return code_of(error.__cause__) in _DENIED


def is_of_the_data(error: StoreError) -> bool:
    """Whether it will never take what it was given: half a character, too long."""
    return isinstance(error.__cause__, UnicodeError | pymysql.DataError)


def code_of(error: BaseException | None) -> int:
    """The number of a driver's error; 0 when it has none."""
    arguments = getattr(error, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0
