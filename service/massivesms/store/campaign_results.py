"""Why messages of a campaign ended badly: counted by result, state and trunk.

Written with the counts, in the transactions that change states (store/counts.py).
"""

from __future__ import annotations

from collections import defaultdict

from .db import Row, Transaction

#: Ends that have a reason.
STATES = frozenset(
    {"undelivered", "expired", "rejected", "skipped", "cancelled", "failed"}
)
Why = tuple[int, str, str, str, int]  # campaign, state, result code, detail, trunk

ADD = """
INSERT INTO campaign_result (campaign_id, state, result_code, detail, trunk_id,
                             messages, segments)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE messages = messages + VALUES(messages),
                        segments = segments + VALUES(segments)"""


class Results:
    """Bad ends of one transaction, to be written once."""

    def __init__(self) -> None:
        self._sums: dict[Why, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, why: Why, messages: int, segments: int) -> None:
        """Books messages that ended for a reason."""
        campaign_id, state, code, detail, trunk_id = why
        plain = detail.encode("ascii", "replace").decode()[:16]
        entry = self._sums[campaign_id, state, code[:48], plain, trunk_id]
        entry[0] += messages
        entry[1] += segments

    def write(self, tx: Transaction) -> None:
        """Writes the sums in the order of their keys, which is that of the locks."""
        tx.many(ADD, [(*why, *sums) for why, sums in sorted(self._sums.items())])
        self._sums.clear()


BY_CODE = """
SELECT state, result_code, detail, trunk_id, messages, segments FROM campaign_result
WHERE campaign_id = %(campaign_id)s
ORDER BY messages DESC, state, result_code, detail, trunk_id LIMIT 200"""


def by_code(tx: Transaction, campaign_id: int) -> list[Row]:
    """Why messages of a campaign ended badly, the most frequent reason first."""
    return tx.rows(BY_CODE, {"campaign_id": campaign_id})


DELETE = "DELETE FROM campaign_result WHERE campaign_id = %(campaign_id)s"


def delete(tx: Transaction, campaign_id: int) -> None:
    """Forgets the results of a campaign whose messages are gone."""
    tx.execute(DELETE, {"campaign_id": campaign_id})
