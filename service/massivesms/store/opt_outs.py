"""Opt-outs: numbers whose owners asked to be left out, and came back or not.

An opt-out is a block of all campaigns. Where a person or another list has blocked
the number too, that block stays whose it is and only remembers the wish: coming back
takes away nothing but the own wish.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..domain.blocked_numbers import BY_OWNER, OPT_OUT
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.numbers import masked
from . import audit
from .audit import Actor
from .blocked_numbers import COUNT, HOLD
from .db import Row, Transaction

OWNER = Actor(BY_OWNER)

HOLD_QUEUE = "SELECT id FROM campaign WHERE id = %(id)s FOR UPDATE"
PRESENT = """
SELECT source, opted_out_at FROM blocked_number
WHERE number = %(number)s AND campaign_id = 0"""


def _hold(tx: Transaction, number: str) -> Row | None:
    """Keeps claims and other blocks away, in the order in which claims lock."""
    tx.value(HOLD_QUEUE, {"id": OUTPUT_QUEUE_ID})
    tx.value(HOLD)
    return tx.row(PRESENT, {"number": number})


@dataclass(frozen=True, slots=True)
class Left:
    """What an opt-out found: whether the wish is new, and the only block."""

    is_new: bool
    is_only: bool


@dataclass(frozen=True, slots=True)
class Came:
    """What coming back found: whether it was opted out, and is blocked no more."""

    was_out: bool
    is_free: bool


ADD = """
INSERT INTO blocked_number (number, campaign_id, source, reason, created_by,
                            created_at, opted_out_at, inbound_id)
VALUES (%(number)s, 0, %(source)s, %(keyword)s, %(by)s, %(now)s, %(now)s,
        %(inbound_id)s)"""
REMEMBER = """
UPDATE blocked_number SET opted_out_at = %(now)s, inbound_id = %(inbound_id)s
WHERE number = %(number)s AND campaign_id = 0"""


def leave(
    tx: Transaction, number: str, inbound_id: int, keyword: str, now: datetime
) -> Left:
    """Leaves a number out of everything, as an incoming message asks; idempotent."""
    present = _hold(tx, number)
    if present and present["opted_out_at"]:
        return Left(False, present["source"] == OPT_OUT)
    values = {
        "number": number,
        "source": OPT_OUT,
        "keyword": keyword,
        "by": BY_OWNER,
        "now": now.replace(tzinfo=None),
        "inbound_id": inbound_id,
    }
    if present is None:
        tx.execute(ADD, values)
        tx.execute(COUNT, {"n": 1})
    else:
        tx.execute(REMEMBER, values)
    details = {"keyword": keyword, "inbound_id": inbound_id}
    audit.record(tx, OWNER, "blocked.opt_out", masked(number), details)
    return Left(True, present is None)


REMOVE = """
DELETE FROM blocked_number
WHERE number = %(number)s AND campaign_id = 0 AND source = %(source)s"""
FORGET = """
UPDATE blocked_number SET opted_out_at = NULL, inbound_id = NULL
WHERE number = %(number)s AND campaign_id = 0"""


def come_back(tx: Transaction, number: str, inbound_id: int, keyword: str) -> Came:
    """Takes an opt-out back; blocks of others stay."""
    present = _hold(tx, number)
    if present is None or present["opted_out_at"] is None:
        return Came(False, present is None)
    values = {"number": number, "source": OPT_OUT}
    is_free = bool(tx.execute(REMOVE, values))
    if is_free:
        tx.execute(COUNT, {"n": -1})
    else:
        tx.execute(FORGET, values)
    details = {"keyword": keyword, "inbound_id": inbound_id}
    audit.record(tx, OWNER, "blocked.opt_in", masked(number), details)
    return Came(True, is_free)


LAST = """
SELECT b.number, b.source, b.reason, b.opted_out_at, b.inbound_id,
       i.text AS inbound_text, i.recipient, t.name AS trunk
FROM blocked_number b FORCE INDEX (opted_out)
LEFT JOIN inbound_message i ON i.id = b.inbound_id
LEFT JOIN trunk t ON t.id = i.trunk_id
WHERE b.opted_out_at IS NOT NULL
ORDER BY b.opted_out_at DESC, b.number DESC LIMIT %(limit)s"""


def last(tx: Transaction, limit: int = 20) -> list[Row]:
    """The last numbers that opted out and have not come back, the newest first.

    `inbound_text` is None when the incoming message is kept no longer.
    """
    return tx.rows(LAST, {"limit": limit})
