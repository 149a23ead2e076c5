"""Messages in doubt: a person decides what becomes of them.

They left us and no answer came. Only the operator's account, or the recipient,
can tell; nothing here guesses.
"""

from __future__ import annotations

from enum import StrEnum

from . import audit, counts
from .audit import Actor
from .db import Row, Transaction


class DoubtDecision(StrEnum):
    """What a person may decide."""

    RESEND = "resend"  # send again: some people may get it twice
    ASSUME_SENT = "assume_sent"  # take as sent: some people may never get it


IN_DOUBT = """
SELECT id, trunk_id, segments FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'in_doubt' FOR UPDATE"""
RESEND = """
UPDATE message SET state = 'queued', lane = 1, due_at = UTC_TIMESTAMP(3),
  claim_token = NULL, submitted_at = NULL, settled_at = NULL, attempts = 0,
  result_code = NULL, result_detail = NULL
WHERE id IN %(ids)s AND state = 'in_doubt'"""
ASSUME_SENT = """
UPDATE message SET state = 'submitted', settled_at = UTC_TIMESTAMP(3),
  result_code = 'assumed_sent', result_detail = %(by)s
WHERE id IN %(ids)s AND state = 'in_doubt'"""
REOPEN = "UPDATE campaign SET open = 1 WHERE id = %(campaign_id)s"


def decide(
    tx: Transaction, campaign: Row, decision: DoubtDecision, actor: Actor
) -> int:
    """Settles all messages in doubt of a campaign; how many."""
    values = {"campaign_id": campaign["id"], "by": actor.name}
    rows = tx.tuples(IN_DOUBT, values)
    if not rows:
        return 0
    resend = decision is DoubtDecision.RESEND
    ids = [message_id for message_id, _, _ in rows]
    tx.execute(RESEND if resend else ASSUME_SENT, {**values, "ids": ids})
    changes = counts.Changes()
    new = "queued" if resend else "submitted"
    for _, trunk_id, segments in rows:
        changes.move(campaign["id"], trunk_id or 0, "in_doubt", new, 1, segments)
    changes.write(tx)
    if resend:
        tx.execute(REOPEN, values)
    audit.record(
        tx, actor, f"campaign.{decision}", campaign["name"], {"messages": len(ids)}
    )
    return len(ids)
