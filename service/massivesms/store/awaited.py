"""Messages of a trunk whose receipt has not come: for trunks that ask for receipts.

There is no index of trunks on messages; `traffic` says between which ids those are
that a trunk took in the last days.
"""

from __future__ import annotations

from .db import Database, Transaction

Waiting = tuple[str, str, float]  # the operator's id, the number, age in seconds
ASKED_FOR_H = 48  # how long a receipt is waited for
MOST = 5000  # the newest ones

SPANS = f"""
SELECT campaign_id, MIN(first_id), MAX(last_id) FROM traffic
WHERE minute > UTC_TIMESTAMP() - INTERVAL {ASKED_FOR_H} HOUR
  AND trunk_id = %(trunk_id)s AND state = 'submitted' AND first_id IS NOT NULL
GROUP BY campaign_id"""  # noqa: S608
OF_SPAN = """
SELECT smsc_message_id, number,
       GREATEST(0, TIMESTAMPDIFF(SECOND, submitted_at, UTC_TIMESTAMP(3))) FROM message
WHERE campaign_id = %(campaign_id)s AND id BETWEEN %(first)s AND %(last)s
  AND trunk_id = %(trunk_id)s AND state = 'submitted' AND smsc_message_id IS NOT NULL
ORDER BY id DESC LIMIT %(most)s"""


def of_trunk(tx: Transaction, trunk_id: int) -> list[Waiting]:
    """The newest of them."""
    found: list[Waiting] = []
    for campaign_id, first, last in tx.tuples(SPANS, {"trunk_id": trunk_id}):
        values = {"campaign_id": campaign_id, "first": first, "last": last}
        values |= {"trunk_id": trunk_id, "most": MOST}
        found += [(i, n, float(age_s)) for i, n, age_s in tx.tuples(OF_SPAN, values)]
    return sorted(found, key=lambda one: one[2])[:MOST]


def read(db: Database, trunk_id: int) -> list[Waiting]:
    """The same, by a thread that needs the database for nothing else."""
    try:
        return db.atomically(lambda tx: of_trunk(tx, trunk_id))
    finally:
        db.close()
