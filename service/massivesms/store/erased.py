"""Numbers that were erased on request: only a keyed hash of each is known.

Whoever takes a number asks here first. While nothing was ever erased that costs one
look and no hash.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.numbers import Number, NumberPlan, read_number
from ..domain.words import N_, Problem
from ..errors import StoreError
from .audit import Actor
from .db import Transaction

HASHES_AT_ONCE = 2000
MOST_KEPT = 200_000  # some 20 MB

ANY = "SELECT 1 FROM erased_number LIMIT 1"
AMONG = "SELECT number_hash FROM erased_number WHERE number_hash IN %(hashes)s"


def among(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """Those of some numbers (E.164) that were erased."""
    if not numbers or tx.value(ANY) is None:
        return set()
    gone: set[str] = set()
    for at in range(0, len(numbers), HASHES_AT_ONCE):
        some = numbers[at : at + HASHES_AT_ONCE]
        by_hash = dict(zip(map(tx.hash_of, some), some, strict=True))
        found = tx.tuples(AMONG, {"hashes": list(by_hash)})
        gone |= {by_hash[bytes(number_hash)] for (number_hash,) in found}
    return gone


LATEST = "SELECT erased_at FROM erased_number ORDER BY erased_at DESC LIMIT 1"
ALL = "SELECT number_hash FROM erased_number LIMIT %(limit)s"


class Known:
    """For a load of many numbers: the hashes are kept, and read anew after a change."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._latest: object = None
        self._hashes: frozenset[bytes] = frozenset()

    def among(self, numbers: Sequence[str]) -> set[str]:
        """Those of some numbers that were erased."""
        latest = self._tx.value(LATEST)
        if latest is None:
            return set()
        if latest != self._latest:
            found = self._tx.tuples(ALL, {"limit": MOST_KEPT + 1})
            self._hashes = frozenset(bytes(one) for (one,) in found)
            self._latest = latest
        if len(self._hashes) > MOST_KEPT:
            return among(self._tx, numbers)
        return {n for n in numbers if self._tx.hash_of(n) in self._hashes}


def refuse(tx: Transaction, numbers: Sequence[str]) -> None:
    """StoreError when one of some numbers was erased."""
    if among(tx, numbers):
        raise StoreError(problem())


NUMBERS = """
SELECT number FROM contact FORCE INDEX (list_number)
WHERE list_id = %(list_id)s AND number > %(after)s ORDER BY number LIMIT %(limit)s"""


def in_list(tx: Transaction, list_id: int) -> list[str]:
    """Erased numbers that came into a list all the same, by two at the same time."""
    if tx.value(ANY) is None:
        return []
    return sorted(_found(tx, NUMBERS, {"list_id": list_id}))


LIST_IDS = "SELECT id FROM list"
IN_MESSAGES = """
SELECT DISTINCT number FROM message FORCE INDEX (number)
WHERE number > %(after)s ORDER BY number LIMIT %(limit)s"""
IN_RECEIPTS = """
SELECT DISTINCT number FROM receipt FORCE INDEX (number)
WHERE number > %(after)s ORDER BY number LIMIT %(limit)s"""
IN_BLOCKED = """
SELECT DISTINCT number FROM blocked_number FORCE INDEX (PRIMARY)
WHERE number > %(after)s ORDER BY number LIMIT %(limit)s"""
IN_INBOUND = """
SELECT DISTINCT number FROM inbound_message FORCE INDEX (number)
WHERE number > %(after)s ORDER BY number LIMIT %(limit)s"""
IN_LONG = """
SELECT DISTINCT number FROM inbound_long FORCE INDEX (number)
WHERE number > %(after)s ORDER BY number LIMIT %(limit)s"""
BAD_ROWS = """
SELECT id, number FROM import_problem
WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"""


def everywhere(tx: Transaction, plan: NumberPlan) -> list[str]:
    """Erased numbers that are in the database all the same, after a restore."""
    if tx.value(ANY) is None:
        return []
    found: set[str] = set()
    for (list_id,) in tx.tuples(LIST_IDS):
        found |= _found(tx, NUMBERS, {"list_id": list_id})
    for sql in (IN_MESSAGES, IN_RECEIPTS, IN_BLOCKED, IN_INBOUND, IN_LONG):
        found |= _found(tx, sql, {})
    return sorted(found | _in_bad_rows(tx, plan))


def _found(tx: Transaction, sql: str, values: dict[str, object]) -> set[str]:
    """The erased ones of what a query gives, so many at a time."""
    known, found, after = Known(tx), set[str](), ""
    some = {**values, "limit": HASHES_AT_ONCE}
    while numbers := [n for (n,) in tx.tuples(sql, {**some, "after": after})]:
        found |= known.among(numbers)
        after = numbers[-1]
    return found


def _in_bad_rows(tx: Transaction, plan: NumberPlan) -> set[str]:
    """Rows that were not taken have them as they were written, if it is a number."""
    known, found, after = Known(tx), set[str](), 0
    values = {"limit": HASHES_AT_ONCE}
    while rows := tx.tuples(BAD_ROWS, {**values, "after": after}):
        read = [read_number(written, plan) for _, written in rows]
        found |= known.among([one.e164 for one in read if isinstance(one, Number)])
        after = rows[-1][0]
    return found


ADD = """
INSERT INTO erased_number (number_hash, erased_by, erased_at)
VALUES (%(number_hash)s, %(by)s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE erased_by = VALUES(erased_by), erased_at = VALUES(erased_at)"""


def add(tx: Transaction, number: str, actor: Actor) -> None:
    """Remembers that a number gets nothing any more."""
    tx.execute(ADD, {"number_hash": tx.hash_of(number), "by": actor.name[:64]})


REMOVE = "DELETE FROM erased_number WHERE number_hash = %(number_hash)s"


def remove(tx: Transaction, number: str) -> bool:
    """Lets a number in again; False when it was not erased."""
    return bool(tx.execute(REMOVE, {"number_hash": tx.hash_of(number)}))


def problem() -> Problem:
    """Why a number is not taken."""
    return Problem(
        "erased",
        N_("This number was erased on request: it gets no messages any more."),
    )
