"""Campaigns that are over: closed when nothing is left, deleted when removed.

The service does both in its housekeeping; what people change is in campaigns.py.
"""

from __future__ import annotations

from . import blocked_numbers, counts, permanent, webhook_outbox
from .db import Transaction

# No lock: a read that waits for a campaign just being made would see it when it is
# committed, but its counts as they were when the read began.
FINISHED = """
SELECT c.id, c.name FROM campaign c
WHERE c.open = 1 AND c.kind = 'campaign'
  AND (c.permanent = 0 OR c.deadline_at <= UTC_TIMESTAMP(3)) AND NOT EXISTS (
  SELECT 1 FROM campaign_count n WHERE n.campaign_id = c.id
    AND n.state IN ('queued', 'submitting')
  GROUP BY n.campaign_id HAVING SUM(n.messages) > 0)"""
HOLD = "SELECT id FROM campaign WHERE id IN %(ids)s FOR UPDATE"
CLOSE = "UPDATE campaign SET open = 0 WHERE id IN %(ids)s"


def close_finished(tx: Transaction) -> dict[int, str]:
    """Closes campaigns of which nothing is queued or submitting; names by id.

    They are looked at again once they are held: who adds to one opens it.
    """
    found = dict(tx.tuples(FINISHED))
    if not found:
        return {}
    tx.tuples(HOLD, {"ids": list(found)})
    still: dict[int, str] = {
        campaign_id: name
        for campaign_id, name in tx.tuples(FINISHED)
        if campaign_id in found
    }
    if still:
        tx.execute(CLOSE, {"ids": list(still)})
        webhook_outbox.campaigns_finished(tx, list(still))
    return still


REMOVED = "SELECT id FROM campaign WHERE removed = 1"


def removed(tx: Transaction) -> list[int]:
    """Campaigns whose messages are still to be deleted."""
    return [campaign_id for (campaign_id,) in tx.tuples(REMOVED)]


BLOCKS_AT_ONCE = 2000
FORGET_PROBLEMS = """
DELETE p FROM import_problem p JOIN import i ON i.id = p.import_id
WHERE i.campaign_id = %(id)s"""
FORGET_IMPORTS = "DELETE FROM import WHERE campaign_id = %(id)s"
HAS_MESSAGES = "SELECT 1 FROM message WHERE campaign_id = %(id)s LIMIT 1"
FORGET = "DELETE FROM campaign WHERE id = %(id)s AND removed = 1"


def forget(tx: Transaction, campaign_id: int) -> bool:
    """Deletes the row of a removed campaign once it has no messages left.

    Numbers that were blocked for it go first, some at a time.
    """
    values = {"id": campaign_id}
    if blocked_numbers.forget_campaign(tx, campaign_id, BLOCKS_AT_ONCE):
        return False
    if permanent.forget(tx, campaign_id, BLOCKS_AT_ONCE):
        return False
    if tx.value(HAS_MESSAGES, values):
        return False
    tx.execute(FORGET_PROBLEMS, values)
    tx.execute(FORGET_IMPORTS, values)
    counts.delete(tx, campaign_id)
    tx.execute(FORGET, values)
    return True
