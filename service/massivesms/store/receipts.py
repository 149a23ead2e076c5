"""Delivery receipts: met with their message, or kept until it settles.

A receipt is matched when it comes, again when its submission settles, since it may
come before the answer, and twice more a little later. What never matches is kept
for 72 hours. All of a batch are booked with a handful of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..domain.number_plan import NumberPlan
from ..domain.numbers import from_operator
from ..domain.receipt_ids import MOST_STORED
from . import counts, receipt_matches, trunk_probes
from .db import Row, Transaction
from .receipt_doubts import settle_doubts
from .receipt_id_forms import GUESSED_AT_ONCE, Ids, spread
from .receipt_matches import KEEP_H, YOUNG_S, Book, Found, Receipt

__all__ = ["KEEP_H", "YOUNG_S", "Receipt"]
RETRY_S, LAST_RETRY_S = 5, 150  # the last one after any answer that is waited for
RETRIED_AT_ONCE = 200
COUNTED_MOST = 10_000


def record(
    tx: Transaction,
    trunk_id: int,
    receipts: Sequence[Receipt],
    plan: NumberPlan,
    *,
    finds_form: bool = False,
) -> int:
    """Books receipts in the order in which they came; how many were kept.

    Kept is one whose message is not known (yet). One of an id that we do not know
    settles a message in doubt to that number. `finds_form`: how the operator writes
    ids is to be found out. Commit before the operator's deliver_sm is answered.
    """
    wanted = [_stored(r) for r in receipts if r.state != "submitted"]
    wanted = [r for r in wanted if r.smsc_message_id]  # intermediate: nothing changes
    if not wanted:
        return 0
    changes = counts.Changes()
    ids = Ids(tx, trunk_id, finds=finds_form)
    book = Book(tx, trunk_id, changes)
    left = _match(tx, trunk_id, wanted, ids, book)
    left = [replace(r, number=from_operator(r.number, plan)) for r in left]
    left = settle_doubts(tx, trunk_id, left, changes)
    tx.many(KEEP, [_kept(trunk_id, one) for one in left])
    changes.write(tx)
    return len(left)


def _stored(receipt: Receipt) -> Receipt:
    """As much of it as there is room for, and no characters that there is none for."""
    smsc_message_id = receipt.smsc_message_id[:MOST_STORED]
    error = receipt.error.encode("ascii", "replace").decode()[:16]
    if (smsc_message_id, error) == (receipt.smsc_message_id, receipt.error):
        return receipt
    return replace(receipt, smsc_message_id=smsc_message_id, error=error)


def _match(
    tx: Transaction,
    trunk_id: int,
    receipts: Sequence[Receipt],
    ids: Ids,
    book: Book,
) -> list[Receipt]:
    """Books those whose message is known; the others."""
    if ids.form is None:
        _find_form(tx, trunk_id, receipts, ids)
    keys = ids.answered(receipts)
    found = receipt_matches.find(tx, trunk_id, (key for own in keys for key in own))
    met = book.take(receipts, keys, found)
    ids.confirm(met)
    trunk_probes.hear(tx, trunk_id, receipts, met)
    return _unmet(receipts, met)


def _find_form(
    tx: Transaction, trunk_id: int, receipts: Sequence[Receipt], ids: Ids
) -> None:
    some = spread(receipts, GUESSED_AT_ONCE)
    keys = ids.every(some)
    found = receipt_matches.find(tx, trunk_id, (key for own in keys for key in own))
    ids.learn(some, keys, found)


def _unmet(receipts: Sequence[Receipt], met: Sequence[Found | None]) -> list[Receipt]:
    return [r for r, one in zip(receipts, met, strict=True) if one is None]


KEEP = f"""
INSERT INTO receipt (trunk_id, smsc_message_id, number, text_start, state, error,
                     received_at, retry_at)
VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3),
        UTC_TIMESTAMP(3) + INTERVAL {RETRY_S} SECOND)"""  # noqa: S608


def _kept(trunk_id: int, receipt: Receipt) -> tuple[object, ...]:
    return (
        *(trunk_id, receipt.smsc_message_id, receipt.number),
        *(receipt.text_start[:40], receipt.state, receipt.error),
    )


ANY_WAITING = "SELECT 1 FROM receipt LIMIT 1"
WAITING = """
SELECT id, smsc_message_id, number, text_start, state, error FROM receipt
WHERE trunk_id = %(trunk_id)s AND smsc_message_id IN %(ids)s ORDER BY id"""
DROP = "DELETE FROM receipt WHERE id IN %(ids)s"


def match_waiting(
    tx: Transaction,
    trunk_id: int,
    ids: Collection[str],
    changes: counts.Changes,
    *,
    finds_form: bool = False,
) -> int:
    """Books kept receipts of ids that have just settled; how many."""
    settled = [i[:MOST_STORED] for i in ids if i]
    if not settled or tx.value(ANY_WAITING) is None:
        return 0
    form = Ids(tx, trunk_id, finds=finds_form)
    written = form.written(settled)
    rows = tx.rows(WAITING, {"trunk_id": trunk_id, "ids": written})
    return _match_kept(tx, trunk_id, rows, form, changes)


def _match_kept(
    tx: Transaction,
    trunk_id: int,
    rows: Sequence[Row],
    ids: Ids,
    changes: counts.Changes,
    *,
    guess: bool = False,
) -> int:
    """Books kept receipts and lets them go, as far as they meet; how many."""
    if not rows:
        return 0
    receipts = [_of_row(row) for row in rows]
    was_known = ids.form is not None
    guess = guess or not was_known
    keys = ids.every(receipts) if guess else ids.answered(receipts)
    found = receipt_matches.find(tx, trunk_id, (key for own in keys for key in own))
    if guess:
        ids.learn(receipts, keys, found)
    met = Book(tx, trunk_id, changes).take(receipts, keys, found)
    if not (guess and was_known):
        ids.confirm(met)
    trunk_probes.hear(tx, trunk_id, receipts, met)
    gone = [row["id"] for row, one in zip(rows, met, strict=True) if one is not None]
    if gone:
        tx.execute(DROP, {"ids": gone})
    return len(gone)


def _of_row(row: Row) -> Receipt:
    return Receipt(
        *(row["smsc_message_id"], row["state"], row["error"]),
        *(row["number"], row["text_start"]),
    )


KEPT_FOR = """
SELECT r.id, r.smsc_message_id, r.number, r.text_start, r.state, r.error
FROM message m JOIN receipt r ON r.number = m.number AND r.trunk_id = m.trunk_id
WHERE m.id IN %(ids)s AND m.state = 'in_doubt' AND r.received_at >= m.claimed_at
ORDER BY r.id"""


def match_doubts(
    tx: Transaction, trunk_id: int, ids: Sequence[int], changes: counts.Changes
) -> int:
    """Settles messages just put in doubt whose receipt came before; how many."""
    if not ids or tx.value(ANY_WAITING) is None:
        return 0
    rows = list({row["id"]: row for row in tx.rows(KEPT_FOR, {"ids": ids})}.values())
    receipts = [_of_row(row) for row in rows]
    left = {id(one) for one in settle_doubts(tx, trunk_id, receipts, changes)}
    gone = [
        row["id"] for row, r in zip(rows, receipts, strict=True) if id(r) not in left
    ]
    if gone:
        tx.execute(DROP, {"ids": gone})
    return len(gone)


DUE = """
SELECT id, trunk_id, smsc_message_id, number, text_start, state, error FROM receipt
WHERE retry_at < UTC_TIMESTAMP(3) ORDER BY retry_at LIMIT %(limit)s"""
TRIED = f"""
UPDATE receipt SET retry_at = IF(
  received_at > UTC_TIMESTAMP(3) - INTERVAL {LAST_RETRY_S} SECOND,
  received_at + INTERVAL {LAST_RETRY_S} SECOND, NULL)
WHERE id IN %(ids)s"""  # noqa: S608


def match_again(tx: Transaction, finding: Collection[int]) -> int:
    """Matches some kept receipts that are due for it; how many were met.

    By every form of their ids, of the trunks that are `finding` theirs: so a changed
    one is noticed. This also closes the gap in which a receipt and the answer to its
    submission are stored at the same moment, by two connections.
    """
    rows = tx.rows(DUE, {"limit": RETRIED_AT_ONCE})
    changes, met = counts.Changes(), 0
    by_trunk: dict[int, list[Row]] = {}
    for row in rows:
        by_trunk.setdefault(row["trunk_id"], []).append(row)
    for trunk_id, own in sorted(by_trunk.items()):
        ids = Ids(tx, trunk_id, finds=trunk_id in finding)
        met += _match_kept(tx, trunk_id, own, ids, changes, guess=True)
    if rows:
        tx.execute(TRIED, {"ids": [row["id"] for row in rows]})
    changes.write(tx)
    return met


PURGE = f"""
DELETE FROM receipt WHERE received_at < UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
LIMIT 1000"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets receipts that never met a message; how many."""
    return tx.execute(PURGE)


OLD = f"received_at < UTC_TIMESTAMP(3) - INTERVAL {YOUNG_S} SECOND"
TOTAL = f"""
SELECT COUNT(*) FROM (
  SELECT 1 FROM receipt WHERE {OLD} LIMIT {COUNTED_MOST}) some"""  # noqa: S608
TOTAL_OF = f"""
SELECT COUNT(*) FROM (
  SELECT 1 FROM receipt FORCE INDEX (trunk)
  WHERE trunk_id = %(trunk_id)s AND {OLD} LIMIT {COUNTED_MOST}) some"""  # noqa: S608


def orphans_total(tx: Transaction, trunk_id: int | None = None) -> int:
    """Receipts without a message, of one trunk or of all; at most COUNTED_MOST."""
    if trunk_id is None:
        return int(tx.value(TOTAL))
    return int(tx.value(TOTAL_OF, {"trunk_id": trunk_id}))


ORPHANS = f"""
SELECT id, trunk_id, smsc_message_id, number, text_start, state, error, received_at
FROM receipt WHERE id < %(before)s AND {OLD}
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608
ORPHANS_OF = f"""
SELECT id, trunk_id, smsc_message_id, number, text_start, state, error, received_at
FROM receipt FORCE INDEX (trunk)
WHERE trunk_id = %(trunk_id)s AND id < %(before)s AND {OLD}
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608


def orphans(
    tx: Transaction,
    *,
    trunk_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Row]:
    """Receipts without a message, the newest first, from before an id on."""
    values = {"trunk_id": trunk_id, "before": before or 2**63, "limit": limit}
    return tx.rows(ORPHANS if trunk_id is None else ORPHANS_OF, values)
