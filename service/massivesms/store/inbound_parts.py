"""Parts of long incoming messages, kept until the last one comes.

Each is committed before the operator hears that it arrived, so nothing is lost by a
crash; and they meet here, whichever connection, trunk or service each came by: an
operator shares them out among all that sign in as the same user. Whoever deals with
a long message holds its row (inbound_long) until the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from .db import Row, Transaction

GIVEN_UP_AFTER_MINUTES = 10


@dataclass(frozen=True, slots=True, order=True)
class Long:
    """What all parts of a long message have in common, but for the trunk."""

    trunk_id: int = field(compare=False)
    sender: str
    recipient: str
    reference: str
    total: int
    number: str = field(default="", compare=False)


# LAST_INSERT_ID(id): the id of the row that was there.
HOLD = """
INSERT INTO inbound_long (trunk_id, sender, recipient, reference, total, number,
                          last_at)
VALUES (%(trunk_id)s, %(sender)s, %(recipient)s, %(reference)s, %(total)s, %(number)s,
        UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), last_at = VALUES(last_at)"""


def hold(tx: Transaction, long: Long) -> int:
    """Holds the row of a long message, made if need be; its id."""
    return tx.insert(HOLD, asdict(long))


OF_LONG = """
SELECT ordinal, coding, octets FROM inbound_part
WHERE long_id = %(long_id)s ORDER BY ordinal"""


def parts(tx: Transaction, long_id: int) -> dict[int, tuple[str, bytes]]:
    """ordinal -> (coding, octets) of the parts that came so far."""
    rows = tx.tuples(OF_LONG, {"long_id": long_id})
    return {ordinal: (coding, bytes(octets)) for ordinal, coding, octets in rows}


ADD = """
INSERT INTO inbound_part (long_id, ordinal, coding, octets)
VALUES (%(long_id)s, %(ordinal)s, %(coding)s, %(octets)s)"""


def add(
    tx: Transaction, long_id: int, ordinal: int, coding: str, octets: bytes
) -> None:
    """Keeps a part that is not there yet."""
    values = {"long_id": long_id, "ordinal": ordinal}
    tx.execute(ADD, {**values, "coding": coding, "octets": octets})


DELETE_PARTS = "DELETE FROM inbound_part WHERE long_id IN %(ids)s"
DELETE = "DELETE FROM inbound_long WHERE id IN %(ids)s"


def forget(tx: Transaction, ids: Sequence[int]) -> None:
    """Forgets long messages that are put together, or erased."""
    if ids:
        tx.execute(DELETE_PARTS, {"ids": list(ids)})
        tx.execute(DELETE, {"ids": list(ids)})


OVERDUE = f"""
SELECT id FROM inbound_long
WHERE last_at < UTC_TIMESTAMP(3) - INTERVAL {GIVEN_UP_AFTER_MINUTES} MINUTE
ORDER BY last_at LIMIT 200"""  # noqa: S608


def overdue(tx: Transaction) -> list[int]:
    """Long messages of which no part has come for minutes."""
    return [long_id for (long_id,) in tx.tuples(OVERDUE)]


OVERDUE_ONE = f"""
SELECT trunk_id, sender, recipient, reference, total, number FROM inbound_long
WHERE id = %(id)s
  AND last_at < UTC_TIMESTAMP(3) - INTERVAL {GIVEN_UP_AFTER_MINUTES} MINUTE
FOR UPDATE"""  # noqa: S608


def hold_overdue(tx: Transaction, long_id: int) -> Long | None:
    """Holds one that is still overdue; None when somebody else has seen to it."""
    row: Row | None = tx.row(OVERDUE_ONE, {"id": long_id})
    return Long(**row) if row else None


OF_NUMBER = """
SELECT id FROM inbound_long WHERE number = %(number)s FOR UPDATE"""


def erase(tx: Transaction, number: str) -> int:
    """Forgets what has come in part from a number; how many."""
    ids = [long_id for (long_id,) in tx.tuples(OF_NUMBER, {"number": number})]
    forget(tx, ids)
    return len(ids)
