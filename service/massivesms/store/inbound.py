"""Incoming messages: what people wrote to us, each with the last one sent to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .db import Row, Transaction


@dataclass(frozen=True, slots=True)
class NewInbound:
    """A whole message from a person.

    `number` is the sender in E.164, '' when it is no number; `sender` and
    `recipient` are as the operator wrote them.
    """

    trunk_id: int
    number: str
    sender: str
    recipient: str
    text: str
    parts: int = 1
    incomplete: bool = False


LAST_SENT = """
SELECT id FROM message WHERE number = %(number)s
  AND state NOT IN ('queued', 'skipped', 'cancelled', 'failed')
ORDER BY id DESC LIMIT 1"""
ADD = """
INSERT INTO inbound_message (trunk_id, number, sender, recipient, text, parts,
                             incomplete, message_id, received_at)
VALUES (%(trunk_id)s, %(number)s, %(sender)s, %(recipient)s, %(text)s, %(parts)s,
        %(incomplete)s, %(message_id)s, UTC_TIMESTAMP(3))"""


def add(tx: Transaction, new: NewInbound) -> int:
    """Stores a message with the last one that was sent to its sender; its id.

    Commit before the operator's deliver_sm is answered.
    """
    values = asdict(new)
    values["sender"] = new.sender[:32]
    values["recipient"] = new.recipient[:32]
    values["incomplete"] = int(new.incomplete)
    values["message_id"] = tx.value(LAST_SENT, values) if new.number else None
    return tx.insert(ADD, values)


MARK = "UPDATE inbound_message SET handled = %(handled)s WHERE id = %(id)s"


def mark(tx: Transaction, inbound_id: int, handled: str) -> None:
    """Says what was done of ourselves with a message."""
    tx.execute(MARK, {"id": inbound_id, "handled": handled})


BY_ID = """
SELECT id, trunk_id, number, sender, recipient, text, parts, incomplete, message_id,
       handled, received_at
FROM inbound_message WHERE id = %(id)s"""


def by_id(tx: Transaction, inbound_id: int) -> Row | None:
    """One message, or None."""
    return tx.row(BY_ID, {"id": inbound_id})
