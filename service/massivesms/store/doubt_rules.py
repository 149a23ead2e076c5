"""What a campaign's rule does with its messages in doubt, without a person.

`hold` leaves them to a person; `resend` puts them in the queue again, at most
MOST_RESENDS times and never a probe; `assume_sent` takes them as sent. Only after a
while: a late answer or a receipt tells what really happened.
"""

from __future__ import annotations

from .db import Transaction
from .doubts import DoubtDecision, settle_held

WAIT_S = 5  # in doubt for so long before a rule decides
MOST_RESENDS = 3  # then a person is needed after all
BATCH = 1000

WITH_RULE = """
SELECT c.id, c.in_doubt FROM campaign c
WHERE c.in_doubt <> 'hold' AND c.removed = 0 AND EXISTS (
  SELECT 1 FROM campaign_count n
  WHERE n.campaign_id = c.id AND n.state = 'in_doubt' AND n.messages > 0)"""


def campaigns_with_doubts(tx: Transaction) -> list[tuple[int, str]]:
    """(campaign, rule) of campaigns whose rule has something to decide."""
    return [(row[0], row[1]) for row in tx.tuples(WITH_RULE)]


IN_DOUBT = f"""
SELECT id, trunk_id, segments FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'in_doubt'
  AND settled_at < UTC_TIMESTAMP(3) - INTERVAL {WAIT_S} SECOND
  AND (%(is_final)s OR (resends < {MOST_RESENDS}
    AND id NOT IN (SELECT message_id FROM trunk_probe)))
LIMIT {BATCH} FOR UPDATE"""  # noqa: S608


def apply(tx: Transaction, campaign_id: int, rule: str) -> int:
    """Settles one batch of a campaign's messages in doubt by its rule; how many."""
    decision = DoubtDecision(rule)
    is_final = decision is DoubtDecision.ASSUME_SENT
    rows = tx.tuples(IN_DOUBT, {"campaign_id": campaign_id, "is_final": int(is_final)})
    return settle_held(tx, campaign_id, rows, decision, None)
