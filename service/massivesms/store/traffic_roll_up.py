"""Traffic that is some days old, rolled up from minutes into hours.

An hour's rows are taken away and their sums put in their place in one transaction,
so nothing is counted twice or lost; how far it has come is remembered, so that what
is done is not looked at again.
"""

from __future__ import annotations

from datetime import datetime

from .db import Transaction

KEEP_MINUTES_H = 72

BEGIN = """
INSERT INTO purge_progress (name, keep_days) VALUES ('traffic', 3)
ON DUPLICATE KEY UPDATE name = name"""
PROGRESS = "SELECT place FROM purge_progress WHERE name = 'traffic' FOR UPDATE"
NEXT = f"""
SELECT MIN(minute) - INTERVAL MINUTE(MIN(minute)) MINUTE FROM traffic
WHERE minute >= FROM_UNIXTIME(%(place)s) AND minute < UTC_TIMESTAMP()
  - INTERVAL MINUTE(UTC_TIMESTAMP()) MINUTE - INTERVAL SECOND(UTC_TIMESTAMP()) SECOND
  - INTERVAL {KEEP_MINUTES_H} HOUR"""  # noqa: S608
SUMS = """
SELECT campaign_id, trunk_id, state, SUM(messages), SUM(segments), MIN(first_id),
  MAX(last_id) FROM traffic
WHERE minute >= %(hour)s AND minute < %(hour)s + INTERVAL 1 HOUR
GROUP BY campaign_id, trunk_id, state ORDER BY campaign_id, trunk_id, state"""
TAKE = """
DELETE FROM traffic
WHERE minute >= %(hour)s AND minute < %(hour)s + INTERVAL 1 HOUR"""
PUT = """
INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments, first_id,
                     last_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
REMEMBER = """
UPDATE purge_progress SET place = UNIX_TIMESTAMP(%(hour)s + INTERVAL 1 HOUR)
WHERE name = 'traffic'"""


def roll_up(tx: Transaction) -> bool:
    """Rolls up the oldest hour that is still in minutes; False when there is none."""
    tx.execute(BEGIN)
    place = tx.value(PROGRESS)
    hour: datetime | None = tx.value(NEXT, {"place": place})
    if hour is None:
        return False
    values = {"hour": hour}
    sums = tx.tuples(SUMS, values)
    tx.execute(TAKE, values)
    tx.many(PUT, [(hour, *row) for row in sums])
    tx.execute(REMEMBER, values)
    return True
