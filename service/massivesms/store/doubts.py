"""Messages in doubt: what is known of each, and what a person decides of them.

They left us and no answer came. Only the operator's account, or the recipient,
can tell; nothing here guesses. Decisions over many are made in batches, so that
nobody waits behind a transaction of a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from . import audit, call_record_outbox, counts
from .audit import Actor
from .db import Database, Row, Transaction

BATCH = 2000
_TIME = "%Y%m%d%H%M%S%f"


class DoubtDecision(StrEnum):
    """What a person may decide."""

    RESEND = "resend"  # send again: some people may get it twice
    ASSUME_SENT = "assume_sent"  # take as sent: some people may never get it


CAMPAIGNS = """
SELECT c.id, c.name, c.in_doubt, SUM(n.messages) AS messages
FROM campaign c JOIN campaign_count n ON n.campaign_id = c.id AND n.state = 'in_doubt'
WHERE c.removed = 0 AND c.id >= %(first)s
GROUP BY c.id HAVING SUM(n.messages) > 0 ORDER BY c.id LIMIT %(limit)s"""


def campaigns(tx: Transaction, *, first: int = 0, limit: int = 200) -> list[Row]:
    """Campaigns that have messages in doubt, with how many, from an id on."""
    rows = tx.rows(CAMPAIGNS, {"first": first, "limit": limit})
    for row in rows:
        row["messages"] = int(row["messages"])
    return rows


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the key of its last row, which may be settled meanwhile."""

    campaign_id: int
    route: int = -1
    lane: int = 0
    due_at: datetime = datetime(2000, 1, 1)
    message_id: int = 0

    def __str__(self) -> str:
        due = self.due_at.strftime(_TIME)
        return f"{self.campaign_id}.{self.route}.{self.lane}.{due}.{self.message_id}"


def read_place(text: str) -> Place:
    """The place that an address or a command names. Raises ValueError."""
    campaign_id, route, lane, due_at, message_id = text.split(".")
    numbers = [int(n) for n in (campaign_id, route, lane, message_id)]
    if not all(-1 <= n < 2**63 for n in numbers):
        raise ValueError(text[:40])
    due = datetime.strptime(due_at, _TIME)  # noqa: DTZ007 - the database's, UTC
    return Place(numbers[0], numbers[1], numbers[2], due, numbers[3])


PAGE = """
SELECT m.id, m.campaign_id, c.name AS campaign, m.number,
  COALESCE(m.text, c.text) AS text, m.segments, m.trunk_id, m.attempts, m.resends,
  m.claimed_at, m.submitted_at, m.settled_at, m.result_code, m.result_detail,
  m.smsc_message_id, m.route_trunk_id, m.lane, m.due_at
FROM (
  SELECT id FROM message FORCE INDEX (claim)
  WHERE campaign_id = %(campaign_id)s AND state = 'in_doubt' AND (
    route_trunk_id > %(route)s
    OR (route_trunk_id = %(route)s AND lane > %(lane)s)
    OR (route_trunk_id = %(route)s AND lane = %(lane)s AND due_at > %(due_at)s)
    OR (route_trunk_id = %(route)s AND lane = %(lane)s AND due_at = %(due_at)s
        AND id > %(id)s))
  ORDER BY route_trunk_id, lane, due_at, id LIMIT %(limit)s) found
JOIN message m ON m.id = found.id JOIN campaign c ON c.id = m.campaign_id
ORDER BY m.route_trunk_id, m.lane, m.due_at, m.id"""


def page(
    tx: Transaction,
    *,
    campaign_id: int | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[Row]:
    """Messages in doubt with what is known of each, of one campaign or of all.

    Further columns: `left_at`, `answered` (its segments that were), `receipt` (a
    kept one of its number, or None) and `place` (`after` for what comes next).
    """
    if campaign_id is not None:
        rows = _of_campaign(tx, after or Place(campaign_id), limit)
        return _with_known(tx, rows)
    rows = []
    first = after.campaign_id if after else 0
    for campaign in campaigns(tx, first=first, limit=limit + 1):
        is_begun = after is not None and after.campaign_id == campaign["id"]
        place = after if after and is_begun else Place(campaign["id"])
        rows += _of_campaign(tx, place, limit - len(rows))
        if len(rows) == limit:
            break
    return _with_known(tx, rows)


def _of_campaign(tx: Transaction, place: Place, limit: int) -> list[Row]:
    values = {
        "campaign_id": place.campaign_id,
        "route": place.route,
        "lane": place.lane,
        "due_at": place.due_at,
        "id": place.message_id,
        "limit": limit,
    }
    return tx.rows(PAGE, values)


ANSWERED = """
SELECT message_id, COUNT(*) FROM segment WHERE message_id IN %(ids)s
GROUP BY message_id"""
RECEIPTS = """
SELECT trunk_id, number, smsc_message_id, state, error, received_at FROM receipt
WHERE number IN %(numbers)s ORDER BY id"""


def _with_known(tx: Transaction, rows: list[Row]) -> list[Row]:
    if not rows:
        return rows
    ids = [row["id"] for row in rows]
    answered = dict(tx.tuples(ANSWERED, {"ids": ids}))
    spelt = [s for row in rows for s in (row["number"], row["number"].lstrip("+"))]
    receipts = tx.rows(RECEIPTS, {"numbers": sorted(set(spelt))})
    for row in rows:
        row["left_at"] = row["submitted_at"] or row["claimed_at"]
        one = 1 if row["smsc_message_id"] else 0
        row["answered"] = answered.get(row["id"], one)
        row["receipt"] = _that_may_be(receipts, row)
        row["place"] = Place(
            row["campaign_id"],
            row["route_trunk_id"],
            row["lane"],
            row["due_at"],
            row["id"],
        )
    return rows


def _that_may_be(receipts: Sequence[Row], row: Row) -> Row | None:
    """The first receipt of its number and trunk that came after it left."""
    digits, left_at = row["number"].lstrip("+"), row["left_at"]
    for receipt in receipts:
        is_its = receipt["number"].lstrip("+") == digits
        is_later = left_at is None or receipt["received_at"] >= left_at
        if is_its and is_later and receipt["trunk_id"] == row["trunk_id"]:
            return receipt
    return None


IN_DOUBT = """
SELECT id, trunk_id, segments FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'in_doubt'
ORDER BY route_trunk_id, lane, due_at, id LIMIT %(limit)s FOR UPDATE"""
CHOSEN = """
SELECT id, trunk_id, segments FROM message
WHERE id IN %(ids)s AND campaign_id = %(campaign_id)s AND state = 'in_doubt'
ORDER BY id FOR UPDATE"""
RESEND = """
UPDATE message SET state = 'queued', lane = 1, due_at = UTC_TIMESTAMP(3),
  claim_token = NULL, submitted_at = NULL, settled_at = NULL, attempts = 0,
  resends = resends + %(by_rule)s, result_code = NULL, result_detail = NULL
WHERE id IN %(ids)s AND state = 'in_doubt'"""
ASSUME_SENT = """
UPDATE message SET state = 'submitted', settled_at = UTC_TIMESTAMP(3),
  result_code = IF(%(by_rule)s, 'assumed_by_rule', 'assumed_sent'),
  result_detail = %(by)s
WHERE id IN %(ids)s AND state = 'in_doubt'"""
REOPEN = "UPDATE campaign SET open = 1 WHERE id = %(campaign_id)s"


def decide(
    tx: Transaction,
    campaign: Row,
    decision: DoubtDecision,
    actor: Actor,
    *,
    ids: Sequence[int] | None = None,
    limit: int = 10**6,
) -> int:
    """Settles messages in doubt of a campaign, all or those of `ids`; how many.

    Those that were settled meanwhile, by an answer or by somebody else, are left
    as they are.
    """
    settled = _settle(tx, campaign["id"], decision, actor, ids, limit)
    if settled:
        details: dict[str, object] = {"messages": settled}
        if ids is not None and settled == len(ids) <= 20:
            details["ids"] = list(ids)
        audit.record(tx, actor, f"campaign.{decision}", campaign["name"], details)
    return settled


def decide_all(
    db: Database, campaign: Row, decision: DoubtDecision, actor: Actor, *, most: int
) -> Iterator[int]:
    """Settles up to `most` messages of a campaign in batches; yields each batch's size.

    `most` is how many were in doubt when the person decided: what comes in doubt
    again while it runs is not meant. Begin with audit_all().
    """
    campaign_id = campaign["id"]
    while most > 0:
        size = min(BATCH, most)

        def work(tx: Transaction, limit: int = size) -> int:
            return _settle(tx, campaign_id, decision, actor, None, limit)

        done = db.atomically(work)
        if not done:
            return
        most -= done
        yield done


def audit_all(
    tx: Transaction, campaign: Row, decision: DoubtDecision, actor: Actor, total: int
) -> None:
    """Records a decision over all messages in doubt, before its first batch."""
    details = {"messages": total}
    audit.record(tx, actor, f"campaign.{decision}", campaign["name"], details)


def _settle(
    tx: Transaction,
    campaign_id: int,
    decision: DoubtDecision,
    actor: Actor,
    ids: Sequence[int] | None,
    limit: int,
) -> int:
    if ids is not None and not ids:
        return 0
    values = {"campaign_id": campaign_id, "ids": list(ids or ()), "limit": limit}
    rows = tx.tuples(IN_DOUBT if ids is None else CHOSEN, values)
    return settle_held(tx, campaign_id, rows, decision, actor.name)


def settle_held(
    tx: Transaction,
    campaign_id: int,
    rows: Sequence[tuple[int, int | None, int]],
    decision: DoubtDecision,
    by: str | None,
) -> int:
    """Settles rows (id, trunk, segments) that this transaction has locked; how many.

    `by` is a person, or None for the campaign's own rule, which counts its resends.
    """
    if not rows:
        return 0
    resend = decision is DoubtDecision.RESEND
    found = [message_id for message_id, _, _ in rows]
    values = {
        "campaign_id": campaign_id,
        "ids": found,
        "by": by,
        "by_rule": int(by is None),
    }
    changed = tx.execute(RESEND if resend else ASSUME_SENT, values)
    assert changed == len(found), "rows that we hold changed under us"
    changes = counts.Changes()
    new = "queued" if resend else "submitted"
    for message_id, trunk_id, segments in rows:
        moved = (campaign_id, trunk_id or 0, "in_doubt", new, 1, segments)
        changes.move(*moved, ids=[message_id])
    changes.write(tx)
    if resend:
        tx.execute(REOPEN, values)
    else:
        call_record_outbox.add_if_on(tx, found)
    return len(found)


OF_CAMPAIGNS = """
SELECT id, campaign_id FROM message WHERE id IN %(ids)s AND state = 'in_doubt'"""


def by_campaign(tx: Transaction, ids: Sequence[int]) -> dict[int, list[int]]:
    """campaign -> those of `ids` that are still in doubt there."""
    found: dict[int, list[int]] = {}
    if ids:
        for message_id, campaign_id in tx.tuples(OF_CAMPAIGNS, {"ids": list(ids)}):
            found.setdefault(campaign_id, []).append(message_id)
    return found
