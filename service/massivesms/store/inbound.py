"""Incoming messages: what people wrote to us, each with the last one sent to them.

Adds them and reads single ones; the pages of them are in store/inbound_pages.py,
what comes in parts in store/inbound_parts.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .db import Row, Transaction

MOST_ADDRESS = 32  # characters of an address that are kept


@dataclass(frozen=True, slots=True)
class NewInbound:
    """A whole message from a person.

    `number` is the sender in E.164, '' when it is no number; `sender` and
    `recipient` are as the operator wrote them. The text of an `unreadable` one is
    its octets in hexadecimal.
    """

    trunk_id: int
    number: str
    sender: str
    recipient: str
    text: str
    parts: int = 1
    incomplete: bool = False
    unreadable: bool = False


LAST_SENT = """
SELECT id FROM message WHERE number = %(number)s
  AND state NOT IN ('queued', 'skipped', 'cancelled', 'failed')
ORDER BY id DESC LIMIT 1"""
ADD = """
INSERT INTO inbound_message (trunk_id, number, sender, recipient, text, parts,
                             incomplete, unreadable, message_id, received_at)
VALUES (%(trunk_id)s, %(number)s, %(sender)s, %(recipient)s, %(text)s, %(parts)s,
        %(incomplete)s, %(unreadable)s, %(message_id)s, UTC_TIMESTAMP(3))"""


def add(tx: Transaction, new: NewInbound) -> int:
    """Stores a message with the last one that was sent to its sender; its id.

    Commit before the operator's deliver_sm is answered.
    """
    values = asdict(new)
    values["sender"] = new.sender[:MOST_ADDRESS]
    values["recipient"] = new.recipient[:MOST_ADDRESS]
    values["incomplete"] = int(new.incomplete)
    values["unreadable"] = int(new.unreadable)
    values["message_id"] = tx.value(LAST_SENT, values) if new.number else None
    return tx.insert(ADD, values)


BY_ID = """
SELECT id, trunk_id, number, sender, recipient, text, parts, incomplete, unreadable,
       message_id, handled, received_at
FROM inbound_message WHERE id = %(id)s"""


def by_id(tx: Transaction, inbound_id: int) -> Row | None:
    """One message, or None."""
    return tx.row(BY_ID, {"id": inbound_id})


# By the sender too: a number that was none by the number plan of that day.
OF_SENDER = """
SELECT id FROM inbound_message WHERE number = %(number)s
UNION SELECT id FROM inbound_message WHERE sender IN %(senders)s"""
BLANK = """
UPDATE inbound_message SET number = '', sender = '', text = '', message_id = NULL
WHERE id IN %(ids)s"""


def from_number(tx: Transaction, number: str) -> list[int]:
    """The messages that came from a number (E.164), also those that only say so."""
    senders = [number, number.removeprefix("+")]
    return [i for (i,) in tx.tuples(OF_SENDER, {"number": number, "senders": senders})]


def erase(tx: Transaction, number: str) -> int:
    """Takes number and text from all that came from it; how many. They stay counted."""
    ids = from_number(tx, number)
    if ids:
        tx.execute(BLANK, {"ids": ids})
    return len(ids)
