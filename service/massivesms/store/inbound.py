"""Incoming messages: what people wrote to us, each with the last one sent to them.

Adds them and reads single ones; the pages of them are in store/inbound_pages.py,
what comes in parts in store/inbound_parts.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .db import Row, Transaction

MOST_ADDRESS = 32  # characters of an address that are kept
ROWS, CHARACTERS = 100, 500_000  # of one INSERT


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
    kind: str = "message"  # or call
    received_at: datetime | None = None  # UTC; None = now


LAST_SENT = """
SELECT number, MAX(id) FROM message FORCE INDEX (number)
WHERE number IN %(numbers)s
  AND state NOT IN ('queued', 'skipped', 'cancelled', 'failed')
GROUP BY number"""


def last_sent(tx: Transaction, numbers: Iterable[str]) -> dict[str, int]:
    """Number -> id of the last message that was sent to it, for those that had any."""
    wanted = sorted({number for number in numbers if number})
    return dict(tx.tuples(LAST_SENT, {"numbers": wanted})) if wanted else {}


ADD = """
INSERT INTO inbound_message (trunk_id, number, sender, recipient, text, parts,
                             incomplete, unreadable, kind, message_id, received_at)
VALUES {rows}"""
ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, COALESCE(%s, UTC_TIMESTAMP(3)))"
# The ids of the rows of one INSERT are so far apart (on a cluster more than 1).
STEP = "SELECT @@SESSION.auto_increment_increment"


def add(tx: Transaction, new: NewInbound) -> int:
    """Stores a message with the last one that was sent to its sender; its id.

    Commit before the operator's deliver_sm is answered.
    """
    return add_all(tx, [new], last_sent(tx, [new.number]))[0]


def add_all(
    tx: Transaction, messages: Sequence[NewInbound], known: Mapping[str, int]
) -> list[int]:
    """The same for many, `known` being last_sent() of their numbers; their ids."""
    ids: list[int] = []
    step = int(tx.value(STEP)) if len(messages) > 1 else 1
    for some in _chunks(messages):
        values = [value for new in some for value in _row(new, known)]
        first = tx.insert(ADD.format(rows=", ".join([ROW] * len(some))), values)
        ids += range(first, first + step * len(some), step)
    return ids


def _chunks(messages: Sequence[NewInbound]) -> Iterator[list[NewInbound]]:
    """So many that a statement stays small."""
    some: list[NewInbound] = []
    characters = 0
    for new in messages:
        if some and (len(some) == ROWS or characters + len(new.text) > CHARACTERS):
            yield some
            some, characters = [], 0
        some.append(new)
        characters += len(new.text)
    if some:
        yield some


def _row(new: NewInbound, known: Mapping[str, int]) -> tuple[object, ...]:
    sender, recipient = new.sender[:MOST_ADDRESS], new.recipient[:MOST_ADDRESS]
    marks = (new.parts, int(new.incomplete), int(new.unreadable), new.kind)
    whose = (new.trunk_id, new.number, sender, recipient)
    return (*whose, new.text, *marks, known.get(new.number), new.received_at)


WROTE_LATELY = """
SELECT DISTINCT number FROM inbound_message FORCE INDEX (number)
WHERE number IN %(numbers)s AND trunk_id = %(trunk_id)s
  AND received_at > UTC_TIMESTAMP(3) - INTERVAL %(minutes)s MINUTE"""


def wrote_lately(
    tx: Transaction, trunk_id: int, numbers: Iterable[str], minutes: int
) -> set[str]:
    """Those of some numbers (E.164) that wrote to a trunk in the last minutes."""
    wanted = sorted({number for number in numbers if number})
    if not wanted:
        return set()
    values = {"numbers": wanted, "trunk_id": trunk_id, "minutes": minutes}
    return {number for (number,) in tx.tuples(WROTE_LATELY, values)}


MARK = "UPDATE inbound_message SET handled = %(handled)s WHERE id = %(id)s"


def mark(tx: Transaction, inbound_id: int, handled: str) -> None:
    """Says what was done of ourselves with a message."""
    tx.execute(MARK, {"id": inbound_id, "handled": handled})


BY_ID = """
SELECT id, trunk_id, number, sender, recipient, text, parts, incomplete, unreadable,
       kind, message_id, handled, received_at
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
