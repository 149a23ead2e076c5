"""Receipts of ids that we were never told: they settle messages in doubt.

By our own id, when the receipt repeats it; otherwise by the recipient and the beginning
of the text, since the answer with the id never came. Then only messages of one segment:
a receipt of one does not tell of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import counts, receipt_matches
from .db import Row, Transaction
from .receipt_matches import Move, Receipt

MOST_PER_NUMBER = 20

NAMED = """
SELECT id, number, campaign_id, segments FROM message
WHERE id IN %(ids)s AND trunk_id = %(trunk_id)s"""
DOUBTS_OF = """
SELECT m.id, m.number, m.campaign_id, m.segments, COALESCE(m.text, c.text) AS text
FROM message m FORCE INDEX (number) STRAIGHT_JOIN campaign c ON c.id = m.campaign_id
WHERE m.number IN %(numbers)s AND m.trunk_id = %(trunk_id)s AND m.state = 'in_doubt'
  AND m.segments = 1
LIMIT %(limit)s"""


def settle_doubts(
    tx: Transaction,
    trunk_id: int,
    receipts: Sequence[Receipt],
    changes: counts.Changes,
) -> list[Receipt]:
    """Settles the message in doubt that each receipt names, by our id or the number.

    Of a number the oldest with its text; numbers are as messages have them. Returns
    the receipts that settle none.
    """
    named = [r for r in receipts if r.message_id is not None]
    others = [r for r in receipts if r.message_id is None]
    left = _settle_named(tx, trunk_id, named, changes) if named else []
    return [*left, *_settle_by_number(tx, trunk_id, others, changes)]


def _settle_named(
    tx: Transaction,
    trunk_id: int,
    receipts: Sequence[Receipt],
    changes: counts.Changes,
) -> list[Receipt]:
    """By our id, however many segments it has; the receipts that must wait."""
    values = {"ids": sorted({r.message_id or 0 for r in receipts})}
    rows = {row["id"]: row for row in tx.rows(NAMED, {**values, "trunk_id": trunk_id})}
    states = receipt_matches.lock(tx, list(rows))
    moves: list[Move] = []
    left: list[Receipt] = []
    for receipt in receipts:
        row = rows.get(receipt.message_id)
        if row is None or receipt.is_to(row["number"]) is False:
            left.append(receipt)
        elif states.get(row["id"]) == "in_doubt":
            one = (row["id"], row["campaign_id"], row["segments"])
            moves.append(Move(*one, "in_doubt", receipt.state, receipt.error))
            states[row["id"]] = receipt.state
        elif states.get(row["id"]) not in receipt_matches.FINAL:
            left.append(receipt)
    receipt_matches.settle(tx, trunk_id, moves, changes)
    return left


def _settle_by_number(
    tx: Transaction,
    trunk_id: int,
    receipts: Sequence[Receipt],
    changes: counts.Changes,
) -> list[Receipt]:
    numbers = sorted({r.number for r in receipts if r.number})
    if not numbers:
        return list(receipts)
    limit = MOST_PER_NUMBER * len(numbers)
    values = {"numbers": numbers, "trunk_id": trunk_id, "limit": limit}
    rows = sorted(tx.rows(DOUBTS_OF, values), key=lambda row: int(row["id"]))
    states = receipt_matches.lock(tx, [row["id"] for row in rows])
    waiting: dict[str, list[Row]] = {}
    for row in rows:
        if states.get(row["id"]) == "in_doubt":
            waiting.setdefault(row["number"], []).append(row)
    moves: list[Move] = []
    left: list[Receipt] = []
    for receipt in receipts:
        its = _its(receipt, waiting.get(receipt.number, []))
        if its is None:
            left.append(receipt)
            continue
        waiting[receipt.number].remove(its)
        one = (its["id"], its["campaign_id"], its["segments"])
        moves.append(Move(*one, "in_doubt", receipt.state, receipt.error))
    receipt_matches.settle(tx, trunk_id, moves, changes)
    return left


def _its(receipt: Receipt, rows: Sequence[Row]) -> Row | None:
    start = receipt.text_start
    return next((row for row in rows if _begins(row["text"] or "", start)), None)


def _begins(text: str, start: str) -> bool:
    """Whether a text begins so, as far as operators repeat it faithfully."""
    return _plain(text).startswith(_plain(start))


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalnum()).lower()
