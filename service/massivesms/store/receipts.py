"""Delivery receipts: met with their message, or kept until it settles.

A receipt is matched when it comes and again when its submission settles, since
it may come before the answer. What never matches is kept for 72 hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import counts
from .db import Row, Transaction

KEEP_H = 72


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a delivery receipt says of one segment, its id in stored form."""

    smsc_message_id: str
    state: str  # delivered, undelivered, expired, rejected; submitted = not yet
    error: str = ""


SINGLE = """
SELECT id, campaign_id, segments, state FROM message
WHERE smsc_message_id = %(smsc_message_id)s AND trunk_id = %(trunk_id)s
  AND state IN ('submitted', 'in_doubt') ORDER BY id DESC LIMIT 1 FOR UPDATE"""
SEGMENT = """
SELECT m.id, m.campaign_id, m.segments, m.state, s.position FROM segment s
JOIN message m ON m.id = s.message_id
WHERE s.smsc_message_id = %(smsc_message_id)s AND s.trunk_id = %(trunk_id)s
  AND s.state = 'submitted' AND m.state IN ('submitted', 'in_doubt')
ORDER BY m.id DESC LIMIT 1 FOR UPDATE"""
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
INSERT INTO receipt (trunk_id, smsc_message_id, state, error, received_at)
VALUES (%(trunk_id)s, %(smsc_message_id)s, %(state)s, %(error)s, UTC_TIMESTAMP(3))"""


def record(tx: Transaction, trunk_id: int, receipt: Receipt) -> bool:
    """Books a receipt; False when its message is not known (yet) and it is kept.

    Commit before the operator's deliver_sm is answered.
    """
    if receipt.state == "submitted" or not receipt.smsc_message_id:
        return True  # an intermediate notice changes nothing
    values = {
        "trunk_id": trunk_id,
        "smsc_message_id": receipt.smsc_message_id[:65],
        "state": receipt.state,
        "error": receipt.error[:16],
    }
    if _apply(tx, trunk_id, receipt, values) or tx.value(BOOKED, values):
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


MARK_SEGMENT = """
UPDATE segment SET state = %(state)s
WHERE message_id = %(id)s AND position = %(position)s AND state = 'submitted'"""
SEGMENT_STATES = (
    "SELECT state, COUNT(*) FROM segment WHERE message_id = %(id)s GROUP BY 1"
)


def _settle_segment(tx: Transaction, trunk_id: int, row: Row, receipt: Receipt) -> None:
    """A long message is delivered when all its segments are; one failure decides."""
    tx.execute(MARK_SEGMENT, {**row, "state": receipt.state})
    states = dict(tx.tuples(SEGMENT_STATES, {"id": row["id"]}))
    if receipt.state != "delivered":
        _settle(tx, trunk_id, row, receipt.state, receipt.error)
    elif states.get("delivered", 0) == row["segments"]:
        _settle(tx, trunk_id, row, "delivered", "")


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
            row["campaign_id"], trunk_id, row["state"], new, 1, row["segments"]
        )
        changes.write(tx)


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
