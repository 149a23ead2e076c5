"""Messages of people that providers tell over HTTP, each once, until they are taken.

A row waits from the COMMIT before the provider's call is answered until the service
has stored the message; then its text is gone and its mark stays for days, since
providers repeat calls that they think were not heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .db import Row, Transaction
from .inbound import MOST_ADDRESS

KEPT_DAYS = 8  # the longest that a provider is known to repeat a call: 7 days
AT_ONCE = 100
PUT_OFF_S = 60  # after the database has refused one


class NewTold(NamedTuple):
    """A message as it was told; `seen_digest` of one without a provider's id."""

    mark: bytes
    sender: str
    recipient: str
    text: str
    seen_digest: bytes | None = None


ADD = """
INSERT IGNORE INTO provider_message
  (trunk_id, mark, sender, recipient, text, seen_digest, came_at, due_at)
VALUES (%(trunk_id)s, %(mark)s, %(sender)s, %(recipient)s, %(text)s, %(seen_digest)s,
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def add(tx: Transaction, trunk_id: int, told: Sequence[NewTold]) -> int:
    """Keeps messages that are to be taken; how many were not told before."""
    return sum(
        tx.execute(
            ADD,
            {
                **one._asdict(),
                "trunk_id": trunk_id,
                "sender": one.sender[:MOST_ADDRESS],
                "recipient": one.recipient[:MOST_ADDRESS],
            },
        )
        for one in told
    )


REMEMBER = """
INSERT IGNORE INTO provider_message (trunk_id, mark, text, came_at)
VALUES (%(trunk_id)s, %(mark)s, '', UTC_TIMESTAMP(3))"""


def remember(tx: Transaction, trunk_id: int, mark: bytes) -> bool:
    """Marks a message that is taken at once; False when it was told before."""
    return bool(tx.execute(REMEMBER, {"trunk_id": trunk_id, "mark": mark}))


WAITING = f"""
SELECT id FROM provider_message WHERE due_at <= UTC_TIMESTAMP(3)
ORDER BY due_at, id LIMIT {AT_ONCE}"""  # noqa: S608


def waiting(tx: Transaction) -> list[int]:
    """Some of those that are to be taken, the oldest first."""
    return sorted(message_id for (message_id,) in tx.tuples(WAITING))


HOLD = """
SELECT trunk_id, sender, recipient, text, seen_digest, came_at FROM provider_message
WHERE id = %(id)s AND due_at IS NOT NULL FOR UPDATE"""
TAKEN = """
UPDATE provider_message SET due_at = NULL, sender = '', recipient = '', text = ''
WHERE id = %(id)s"""


def take(tx: Transaction, message_id: int) -> Row | None:
    """Takes one out, for good with the COMMIT; None when another service has."""
    row = tx.row(HOLD, {"id": message_id})
    if row is not None:
        tx.execute(TAKEN, {"id": message_id})
    return row


PUT_OFF = f"""
UPDATE provider_message SET due_at = UTC_TIMESTAMP(3) + INTERVAL {PUT_OFF_S} SECOND
WHERE id = %(id)s AND due_at IS NOT NULL"""  # noqa: S608


def put_off(tx: Transaction, message_id: int) -> None:
    """One that cannot be taken now holds up no other."""
    tx.execute(PUT_OFF, {"id": message_id})


ERASE = """
UPDATE provider_message SET sender = '', text = ''
WHERE due_at IS NOT NULL AND sender IN %(senders)s"""


def erase(tx: Transaction, number: str) -> int:
    """Takes number and text from those of a number (E.164) that wait; how many."""
    return tx.execute(ERASE, {"senders": [number, number.removeprefix("+")]})


PURGE = f"""
DELETE FROM provider_message WHERE due_at IS NULL
  AND came_at < UTC_TIMESTAMP(3) - INTERVAL {KEPT_DAYS} DAY LIMIT 2000"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets marks that no provider asks about any more; how many, at most 2000."""
    return tx.execute(PURGE)
