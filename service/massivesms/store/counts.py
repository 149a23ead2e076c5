"""Counts of messages per campaign and state, kept where states change.

Every transaction that changes a state books the difference here, so that no
page ever counts messages. Sharded by trunk: see the schema. What messages became
is booked by minute too (store/traffic.py) and by reason (store/campaign_results.py),
and told to webhooks (store/webhook_outbox.py).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable

from . import campaign_results, traffic, trunk_totals, webhook_outbox
from .db import Transaction
from .webhook_outbox import Moved

ADD = """
INSERT INTO campaign_count (campaign_id, state, trunk_id, messages, segments)
VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE messages = messages + VALUES(messages),
                        segments = segments + VALUES(segments)"""

#: In which order messages moved, whichever Changes of a transaction is written first.
MOVES = itertools.count()


class Changes:
    """Differences gathered in one transaction and written once, in key order.

    The order of the keys is the order of the locks: two transactions that book
    into the same campaign never wait for each other in a circle.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[int, str, int], list[int]] = defaultdict(lambda: [0, 0])
        self._arrivals = traffic.Arrivals()
        self._results = campaign_results.Results()
        self._moved: list[Moved] = []

    def add(
        self, campaign_id: int, state: str, trunk_id: int, messages: int, segments: int
    ) -> None:
        """Books messages and segments that came into a state (negative: left it)."""
        entry = self._sums[campaign_id, state, trunk_id]
        entry[0] += messages
        entry[1] += segments

    def move(
        self,
        campaign_id: int,
        trunk_id: int,
        old: str,
        new: str,
        messages: int,
        segments: int,
        *,
        ids: Iterable[int] = (),
        code: str | None = None,
        detail: str = "",
    ) -> None:
        """Books messages that went from one state into another.

        `ids` are theirs, without them no webhook hears of it; `code` is why, and
        `detail` the error of a receipt.
        """
        self.add(campaign_id, old, trunk_id, -messages, -segments)
        self.add(campaign_id, new, trunk_id, messages, segments)
        if new in traffic.STATES:
            key = (campaign_id, trunk_id, new)
            own = list(ids)
            self._arrivals.add(key, messages, segments, own)
            self._moved.append(Moved(next(MOVES), new, code or "", detail, own))
        if new in campaign_results.STATES:
            why = (campaign_id, new, code or "", detail, trunk_id)
            self._results.add(why, messages, segments)

    def write(self, tx: Transaction) -> None:
        """Writes the sums; call it last in the transaction, locks are short then."""
        rows = [(*key, *sums) for key, sums in sorted(self._sums.items()) if any(sums)]
        tx.many(ADD, rows)
        self._sums.clear()
        self._arrivals.write(tx)
        self._results.write(tx)
        webhook_outbox.changed(tx, self._moved)
        self._moved = []


BY_STATE = """
SELECT state, SUM(messages), SUM(segments) FROM campaign_count
WHERE campaign_id = %(campaign_id)s GROUP BY state"""


def by_state(tx: Transaction, campaign_id: int) -> dict[str, tuple[int, int]]:
    """state -> (messages, segments) of one campaign; states without any are absent."""
    found = tx.tuples(BY_STATE, {"campaign_id": campaign_id})
    return {state: (int(n), int(segments)) for state, n, segments in found if n}


BY_CAMPAIGN = """
SELECT campaign_id, state, SUM(messages) FROM campaign_count
WHERE campaign_id IN %(ids)s GROUP BY campaign_id, state"""


def by_campaign(
    tx: Transaction, campaign_ids: Iterable[int]
) -> dict[int, dict[str, int]]:
    """campaign -> state -> messages."""
    result: dict[int, dict[str, int]] = {cid: {} for cid in campaign_ids}
    if not result:
        return result
    for campaign_id, state, n in tx.tuples(BY_CAMPAIGN, {"ids": list(result)}):
        if n:
            result[campaign_id][state] = int(n)
    return result


BY_TRUNK = """
SELECT n.state, SUM(n.messages) FROM campaign_count n
JOIN campaign c ON c.id = n.campaign_id AND c.removed = 0
WHERE n.trunk_id = %(trunk_id)s AND n.state NOT IN ('queued', 'cancelled', 'skipped')
GROUP BY n.state"""


def by_trunk(tx: Transaction, trunk_id: int) -> dict[str, int]:
    """state -> messages that a trunk has or had; what only waits is not its own."""
    found = tx.tuples(BY_TRUNK, {"trunk_id": trunk_id})
    return {state: int(n) for state, n in found if n > 0}


DELETE = "DELETE FROM campaign_count WHERE campaign_id = %(campaign_id)s"


def delete(tx: Transaction, campaign_id: int) -> None:
    """Forgets the counts of a campaign whose messages are gone."""
    tx.execute(DELETE, {"campaign_id": campaign_id})
    trunk_totals.keep(tx, campaign_id)
    traffic.delete(tx, campaign_id)
    campaign_results.delete(tx, campaign_id)
