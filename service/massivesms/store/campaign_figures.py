"""What came of a campaign, read from the kept counts: no message is looked at."""

from __future__ import annotations

from ..domain.campaign_figures import Count, Figures, Reason, figures
from .db import Transaction

COUNTS = """
SELECT state, trunk_id, messages, segments FROM campaign_count
WHERE campaign_id = %(campaign_id)s"""
REASONS = """
SELECT state, result_code, trunk_id, SUM(messages), SUM(segments) FROM campaign_result
WHERE campaign_id = %(campaign_id)s AND state IN ('rejected', 'skipped')
GROUP BY state, result_code, trunk_id"""
PRICES = "SELECT id, cost_per_segment FROM trunk"
NOT_TAKEN = """
SELECT COALESCE(SUM(refused), 0) FROM import WHERE campaign_id = %(campaign_id)s"""


def of_campaign(tx: Transaction, campaign_id: int) -> Figures:
    """The figures of one campaign, with the trunks' present prices."""
    values = {"campaign_id": campaign_id}
    counts = tx.tuples(COUNTS, values)
    reasons = tx.tuples(REASONS, values)
    return figures(
        [Count(*row) for row in counts],
        [Reason(state, code, t, int(n), int(s)) for state, code, t, n, s in reasons],
        dict(tx.tuples(PRICES)),
        int(tx.value(NOT_TAKEN, values)),
    )
