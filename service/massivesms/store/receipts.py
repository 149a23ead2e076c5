"""Delivery receipts: met with their message, or kept until it settles.

A receipt is matched when it comes and again when its submission settles, since
it may come before the answer. What never matches is kept for 72 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.number_plan import NumberPlan
from ..domain.numbers import from_operator
from . import call_record_outbox, counts
from .db import Row, Transaction

KEEP_H = 72


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a delivery receipt says of one segment, its id in stored form."""

    smsc_message_id: str
    state: str  # delivered, undelivered, expired, rejected; submitted = not yet
    error: str = ""
    number: str = ""  # the recipient, digits as the operator writes them
    text_start: str = ""  # of the message, as far as the receipt repeats it


SINGLE = """
SELECT id, campaign_id, segments, state FROM message
WHERE smsc_message_id = %(smsc_message_id)s AND trunk_id = %(trunk_id)s
  AND state IN ('submitted', 'in_doubt') ORDER BY id DESC LIMIT 1 FOR UPDATE"""
SEGMENT = """
SELECT m.id, m.campaign_id, m.segments, m.state, s.position FROM segment s
JOIN message m ON m.id = s.message_id
WHERE s.smsc_message_id = %(smsc_message_id)s AND s.trunk_id = %(trunk_id)s
  AND s.state = 'submitted' ORDER BY m.id DESC LIMIT 1 FOR UPDATE"""
# A receipt that comes twice must not wait for the next message of that id.
BOOKED = f"""
SELECT 1 FROM message WHERE smsc_message_id = %(smsc_message_id)s
  AND trunk_id = %(trunk_id)s AND state = %(state)s
  AND settled_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
UNION ALL
SELECT 1 FROM segment s JOIN message m ON m.id = s.message_id
WHERE s.smsc_message_id = %(smsc_message_id)s AND s.trunk_id = %(trunk_id)s
  AND s.state = %(state)s
  AND m.settled_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
LIMIT 1"""  # noqa: S608
KEEP = """
INSERT INTO receipt (trunk_id, smsc_message_id, number, text_start, state, error,
                     received_at)
VALUES (%(trunk_id)s, %(smsc_message_id)s, %(number)s, %(text_start)s, %(state)s,
        %(error)s, UTC_TIMESTAMP(3))"""


def record(tx: Transaction, trunk_id: int, receipt: Receipt, plan: NumberPlan) -> bool:
    """Books a receipt; False when its message is not known (yet) and it is kept.

    One of an id that we do not know settles a message in doubt to that number.

    Commit before the operator's deliver_sm is answered.
    """
    if receipt.state == "submitted" or not receipt.smsc_message_id:
        return True  # an intermediate notice changes nothing
    values = {
        "trunk_id": trunk_id,
        "smsc_message_id": receipt.smsc_message_id[:65],
        "state": receipt.state,
        "error": receipt.error[:16],
        "number": from_operator(receipt.number, plan),
        "text_start": receipt.text_start[:40],
    }
    if _apply(tx, trunk_id, receipt, values) or tx.value(BOOKED, values):
        return True
    if _settle_doubt(tx, trunk_id, values):
        return True
    tx.execute(KEEP, values)
    return False


def _apply(
    tx: Transaction, trunk_id: int, receipt: Receipt, values: dict[str, object]
) -> bool:
    row = tx.row(SINGLE, values)
    if row:
        _settle(tx, trunk_id, row, receipt.state, receipt.error)
        return True
    row = tx.row(SEGMENT, values)
    if row:
        _settle_segment(tx, trunk_id, row, receipt)
        return True
    return False


# Only of one segment: a receipt of one does not tell of the others.
DOUBTS_OF = """
SELECT id, campaign_id, segments, state, text FROM message
WHERE number = %(number)s AND trunk_id = %(trunk_id)s AND state = 'in_doubt'
  AND segments = 1 ORDER BY id LIMIT 20"""
CAMPAIGN_TEXT = "SELECT text FROM campaign WHERE id = %(campaign_id)s"


def _settle_doubt(tx: Transaction, trunk_id: int, values: Mapping[str, Any]) -> bool:
    """Settles the oldest message in doubt to this number with this text."""
    if not values["number"]:
        return False
    for row in tx.rows(DOUBTS_OF, values):
        text = row["text"]
        if text is None:
            text = tx.value(CAMPAIGN_TEXT, row)
        if _begins(text or "", values["text_start"]):
            _settle(tx, trunk_id, row, values["state"], values["error"])
            return True
    return False


def _begins(text: str, start: str) -> bool:
    """Whether a text begins so, as far as operators repeat it faithfully."""
    return _plain(text).startswith(_plain(start))


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalnum()).lower()


KEPT_FOR = """
SELECT r.id, r.number, r.text_start, r.state, r.error
FROM message m JOIN receipt r ON r.number = m.number AND r.trunk_id = m.trunk_id
WHERE m.id IN %(ids)s AND m.state = 'in_doubt' AND r.received_at >= m.claimed_at
ORDER BY r.id"""


def match_doubts(tx: Transaction, trunk_id: int, ids: Sequence[int]) -> int:
    """Settles messages just put in doubt whose receipt came before; how many."""
    if not ids or tx.value(ANY_WAITING) is None:
        return 0
    met = {row["id"]: row for row in tx.rows(KEPT_FOR, {"ids": list(ids)})}
    settled = 0
    for row in met.values():
        if _settle_doubt(tx, trunk_id, {**row, "trunk_id": trunk_id}):
            tx.execute(DROP, row)
            settled += 1
    return settled


MARK_SEGMENT = """
UPDATE segment SET state = %(state)s
WHERE message_id = %(id)s AND position = %(position)s AND state = 'submitted'"""
SEGMENT_STATES = (
    "SELECT state, COUNT(*) FROM segment WHERE message_id = %(id)s GROUP BY 1"
)


def _settle_segment(tx: Transaction, trunk_id: int, row: Row, receipt: Receipt) -> None:
    """A long message is delivered when all its segments are; one failure decides."""
    tx.execute(MARK_SEGMENT, {**row, "state": receipt.state})
    if row["state"] not in ("submitted", "in_doubt"):
        return  # another segment has decided
    states = dict(tx.tuples(SEGMENT_STATES, {"id": row["id"]}))
    if receipt.state != "delivered":
        _settle(tx, trunk_id, row, receipt.state, receipt.error)
    elif states.get("delivered", 0) >= _wanted(row, sum(states.values())):
        _settle(tx, trunk_id, row, "delivered", "")


def _wanted(row: Row, accepted: int) -> int:
    """Segments that must arrive: all that were accepted, once all were answered."""
    settled = row["state"] == "submitted"
    return accepted if settled else max(accepted, int(row["segments"]))


SETTLE = """
UPDATE message SET state = %(new)s, result_code = %(code)s, result_detail = %(error)s,
  settled_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = %(old)s"""


def _settle(tx: Transaction, trunk_id: int, row: Row, new: str, error: str) -> None:
    values = {
        "id": row["id"],
        "old": row["state"],
        "new": new,
        "code": None if new == "delivered" else f"receipt_{new}",
        "error": error or None,
    }
    if tx.execute(SETTLE, values):
        changes = counts.Changes()
        changes.move(
            row["campaign_id"],
            trunk_id,
            row["state"],
            new,
            1,
            row["segments"],
            ids=[row["id"]],
            code=values["code"],
            detail=error,
        )
        changes.write(tx)
        if row["state"] == "in_doubt":  # so it was sent after all
            call_record_outbox.add_if_on(tx, [row["id"]])


WAITING = """
SELECT id, smsc_message_id, state, error FROM receipt
WHERE trunk_id = %(trunk_id)s AND smsc_message_id IN %(ids)s ORDER BY id"""
ANY_WAITING = "SELECT 1 FROM receipt LIMIT 1"
DROP = "DELETE FROM receipt WHERE id = %(id)s"


def match_waiting(tx: Transaction, trunk_id: int, ids: Iterable[str]) -> int:
    """Books kept receipts of ids that have just settled; how many."""
    wanted = [i[:65] for i in ids if i]
    if not wanted or tx.value(ANY_WAITING) is None:
        return 0
    rows = tx.rows(WAITING, {"trunk_id": trunk_id, "ids": wanted})
    for row in rows:
        receipt = Receipt(row["smsc_message_id"], row["state"], row["error"])
        values: dict[str, object] = {**row, "trunk_id": trunk_id}
        if _apply(tx, trunk_id, receipt, values) or tx.value(BOOKED, values):
            tx.execute(DROP, {"id": row["id"]})
    return len(rows)


PURGE = f"""
DELETE FROM receipt WHERE received_at < UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
LIMIT 1000"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets receipts that never met a message; how many."""
    return tx.execute(PURGE)
