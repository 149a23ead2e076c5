"""Which message a receipt is of, and what it makes of that message.

Operators use ids again: who the recipient is and how old the message is are looked
at too. Messages are locked by their key, in its order, before they are decided; the
counts are for the caller to write, last of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from . import call_record_outbox, counts
from .db import Transaction

KEEP_H = 72
YOUNG_S = 60  # until then a receipt may still meet its answer: it is no orphan
OPEN = ("submitted", "in_doubt")
FINAL = ("delivered", "undelivered", "expired", "rejected")
TAIL = 7  # digits by which a recipient is known, however the number is written
MOST_PER_ID = 4  # messages of one id, on average or when it is looked up by itself
MOST_FOUND = 1000  # with more than that too, each id is


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a delivery receipt says of one segment, its id in stored form.

    `number` is where it comes from and `other` where it goes to: some operators do
    not turn them round. `message_id` is ours, when the receipt repeats it.
    """

    smsc_message_id: str
    state: str  # delivered, undelivered, expired, rejected; submitted = not yet
    error: str = ""
    number: str = ""  # the recipient, digits as the operator writes them
    text_start: str = ""  # of the message, as far as the receipt repeats it
    other: str = ""
    message_id: int | None = None

    def is_to(self, number: str) -> bool | None:
        """Whether it names this recipient; None when it names nobody."""
        tail = number[1:][-TAIL:]
        if not tail:
            return None  # an erased one
        if self.number.endswith(tail) or self.other.endswith(tail):
            return True
        return None if len(self.number) < TAIL else False


class Found(NamedTuple):
    """A segment of that id, or a message of one segment (position 0)."""

    smsc_message_id: str
    message_id: int
    position: int
    state: str
    message_state: str
    campaign_id: int
    segments: int
    number: str
    is_recent: int | None


class Move(NamedTuple):
    """A message that a receipt ends."""

    message_id: int
    campaign_id: int
    segments: int
    old: str
    new: str
    error: str


ByKey = Mapping[str, Sequence[Found]]

FIND = f"""
SELECT m.smsc_message_id, m.id, 0, m.state, m.state, m.campaign_id, m.segments,
  m.number, m.settled_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
FROM message m FORCE INDEX (smsc_message_id)
WHERE m.smsc_message_id IN %(ids)s AND m.trunk_id = %(trunk_id)s
UNION ALL
SELECT s.smsc_message_id, m.id, s.position, s.state, m.state, m.campaign_id,
  m.segments, m.number, m.settled_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
FROM segment s FORCE INDEX (smsc_message_id) STRAIGHT_JOIN message m
  ON m.id = s.message_id
WHERE s.smsc_message_id IN %(ids)s AND s.trunk_id = %(trunk_id)s
LIMIT %(limit)s"""  # noqa: S608
# Of an operator who gives the same id again and again: the newest ones.
NEWEST = f"""
(SELECT m.smsc_message_id, m.id, 0, m.state, m.state, m.campaign_id, m.segments,
  m.number, m.settled_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
FROM message m FORCE INDEX (smsc_message_id)
WHERE m.smsc_message_id = %(smsc_message_id)s AND m.trunk_id = %(trunk_id)s
ORDER BY m.id DESC LIMIT {MOST_PER_ID})
UNION ALL
(SELECT s.smsc_message_id, m.id, s.position, s.state, m.state, m.campaign_id,
  m.segments, m.number, m.settled_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
FROM segment s FORCE INDEX (smsc_message_id) STRAIGHT_JOIN message m
  ON m.id = s.message_id
WHERE s.smsc_message_id = %(smsc_message_id)s AND s.trunk_id = %(trunk_id)s
ORDER BY s.message_id DESC LIMIT {MOST_PER_ID})"""  # noqa: S608


def find(tx: Transaction, trunk_id: int, ids: Iterable[str]) -> ByKey:
    """What this trunk has sent under these ids, by id. Locks nothing."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    limit = max(MOST_FOUND, MOST_PER_ID * len(wanted))
    values = {"ids": wanted, "trunk_id": trunk_id, "limit": limit}
    rows = tx.tuples(FIND, values)
    if len(rows) >= limit:
        each = [{"smsc_message_id": i, "trunk_id": trunk_id} for i in wanted]
        rows = tuple(row for one in each for row in tx.tuples(NEWEST, one))
    by_key: dict[str, list[Found]] = {}
    for row in rows:
        by_key.setdefault(row[0], []).append(Found(*row))
    return by_key


class Book:
    """Books the receipts of one transaction; what they change is written at once.

    Several of one message are taken in their order: the first final one decides,
    and the others change nothing more.
    """

    def __init__(self, tx: Transaction, trunk_id: int, changes: counts.Changes) -> None:
        self._tx = tx
        self._trunk_id = trunk_id
        self._changes = changes
        self._states: dict[int, str] = {}  # of messages that we have locked
        self._segments: dict[int, dict[int, str]] = {}

    def take(
        self,
        receipts: Sequence[Receipt],
        keys: Sequence[Sequence[str]],
        found: ByKey,
    ) -> list[Found | None]:
        """What each receipt is of, among what was found by its keys; None = nothing.

        Also those whose message had its end already.
        """
        rows = [
            [row for key in own for row in found.get(key, ()) if _fits(row, receipt)]
            for receipt, own in zip(receipts, keys, strict=True)
        ]
        self._lock(row for own in rows for row in own if _may_change(row))
        moves: list[Move] = []
        marks: list[tuple[int, int, str]] = []
        met = [
            self._one(receipt, own, moves, marks)
            for receipt, own in zip(receipts, rows, strict=True)
        ]
        mark(self._tx, marks)
        settle(self._tx, self._trunk_id, moves, self._changes)
        return met

    def _lock(self, rows: Iterable[Found]) -> None:
        new = {r.message_id: r for r in rows if r.message_id not in self._states}
        wanted = sorted(new)
        # They nearly always are as they were found: then no row comes over.
        values = {"ids": wanted}
        is_plain = all(row.message_state == "submitted" for row in new.values())
        if wanted and is_plain and self._tx.value(HOLD, values) == len(wanted):
            self._states |= dict.fromkeys(wanted, "submitted")
        else:
            self._states |= lock(self._tx, wanted)
        long = [message_id for message_id in wanted if new[message_id].position]
        for message_id, position, state in _segments(self._tx, long):
            self._segments.setdefault(message_id, {})[position] = state

    def _one(
        self,
        receipt: Receipt,
        rows: Sequence[Found],
        moves: list[Move],
        marks: list[tuple[int, int, str]],
    ) -> Found | None:
        waiting = [row for row in rows if self._waits(row)]
        if waiting:
            row = max(waiting, key=lambda row: _closeness(row, receipt))
            new = receipt.state
            if row.position:
                marks.append((row.message_id, row.position, new))
                self._segments[row.message_id][row.position] = new
                new = self._whole(row, new)
            if new:
                old = self._states[row.message_id]
                error = receipt.error if new == receipt.state else ""
                one = (row.message_id, row.campaign_id, row.segments)
                moves.append(Move(*one, old, new, error))
                self._states[row.message_id] = new
            return row
        return next((row for row in rows if self._is_booked(row, receipt)), None)

    def _waits(self, row: Found) -> bool:
        """Whether it still waits for its receipt, now that it is locked."""
        if row.position:
            states = self._segments.get(row.message_id, {})
            return states.get(row.position) == "submitted"
        return self._states.get(row.message_id) in OPEN

    def _whole(self, row: Found, new: str) -> str:
        """What becomes of a long message; '' = nothing yet, or it is decided.

        It is delivered when all its segments are; one failure decides.
        """
        message_state = self._states.get(row.message_id)
        if message_state not in OPEN:
            return ""
        states = list(self._segments[row.message_id].values())
        if new != "delivered":
            return new
        if failed := [s for s in states if s not in ("submitted", "delivered")]:
            return failed[0]
        # All that were accepted must arrive, once all were answered.
        wanted = len(states)
        if message_state == "in_doubt":
            wanted = max(wanted, row.segments)
        return "delivered" if states.count("delivered") >= wanted else ""

    def _is_booked(self, row: Found, receipt: Receipt) -> bool:
        """Whether an earlier receipt has decided: it must not wait for the next one.

        One that says otherwise is of it only when it names its recipient.
        """
        state = row.state
        if row.position:
            state = self._segments.get(row.message_id, {}).get(row.position, state)
        else:
            state = self._states.get(row.message_id, state)
        if state not in FINAL or not row.is_recent:
            return False
        return state == receipt.state or receipt.is_to(row.number) is True


def _fits(row: Found, receipt: Receipt) -> bool:
    """By its recipient; when the receipt names none, by its age."""
    is_to = receipt.is_to(row.number)
    return bool(row.is_recent) if is_to is None else is_to


def _closeness(row: Found, receipt: Receipt) -> tuple[bool, int]:
    return receipt.is_to(row.number) is True, row.message_id


def _may_change(row: Found) -> bool:
    return row.state == "submitted" if row.position else row.state in OPEN


# In the order of the key: no two transactions wait for each other in a circle.
HOLD = """
SELECT COUNT(*) FROM message WHERE id IN %(ids)s AND state = 'submitted' FOR UPDATE"""
LOCK = "SELECT id, state FROM message WHERE id IN %(ids)s ORDER BY id FOR UPDATE"
SEGMENTS = """
SELECT message_id, position, state FROM segment WHERE message_id IN %(ids)s"""


def lock(tx: Transaction, ids: Sequence[int]) -> dict[int, str]:
    """The states of messages, which nobody else changes until the commit."""
    if not ids:
        return {}
    return dict(tx.tuples(LOCK, {"ids": sorted(ids)}))


def _segments(tx: Transaction, ids: Sequence[int]) -> Sequence[tuple[int, int, str]]:
    """Of messages that are locked: so are their segments."""
    return tx.tuples(SEGMENTS, {"ids": list(ids)}) if ids else ()


MARK = """
UPDATE segment SET state = %(state)s
WHERE (message_id, position) IN %(keys)s AND state = 'submitted'"""


def mark(tx: Transaction, marks: Iterable[tuple[int, int, str]]) -> None:
    """Writes what became of segments."""
    by_state: dict[str, list[tuple[int, int]]] = {}
    for message_id, position, state in marks:
        by_state.setdefault(state, []).append((message_id, position))
    for state, keys in by_state.items():
        tx.execute(MARK, {"state": state, "keys": keys})


SETTLE = """
UPDATE message SET state = %(new)s, result_code = %(code)s, result_detail = %(error)s,
  settled_at = UTC_TIMESTAMP(3)
WHERE id IN %(ids)s AND state = %(old)s"""


def settle(
    tx: Transaction, trunk_id: int, moves: Sequence[Move], changes: counts.Changes
) -> None:
    """Ends messages that are locked, those that end alike at once."""
    alike: dict[tuple[str, str, str], list[Move]] = {}
    for move in moves:
        alike.setdefault((move.old, move.new, move.error), []).append(move)
    for (old, new, error), those in alike.items():
        ids = [move.message_id for move in those]
        code = None if new == "delivered" else f"receipt_{new}"
        values = {"ids": ids, "old": old, "new": new, "code": code}
        changed = tx.execute(SETTLE, {**values, "error": error or None})
        assert changed == len(ids), "rows that we hold changed under us"
        by_campaign: dict[int, list[Move]] = {}
        for move in those:
            by_campaign.setdefault(move.campaign_id, []).append(move)
        for campaign_id, some in by_campaign.items():
            changes.move(
                *(campaign_id, trunk_id, old, new),
                *(len(some), sum(move.segments for move in some)),
                ids=[move.message_id for move in some],
                code=code,
                detail=error,
            )
        if old == "in_doubt":  # so they were sent after all
            call_record_outbox.add_if_on(tx, ids)
