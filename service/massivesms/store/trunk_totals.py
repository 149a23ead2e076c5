"""Totals by trunk and state since the installation: they never go back.

Traffic is folded into them minute by minute once its transactions are long over;
the last minutes are added when somebody asks. A campaign that is forgotten leaves
its traffic here.
"""

from __future__ import annotations

from .db import Transaction

SETTLED_MINUTES = 5  # no transaction writes into a minute so old

BEGIN = """
INSERT IGNORE INTO trunk_total_progress (id, until) VALUES (1, '2000-01-01')"""
UNTIL = "SELECT until FROM trunk_total_progress WHERE id = 1"
HOLD = UNTIL + " FOR UPDATE"
NEW_UNTIL = f"""
SELECT UTC_TIMESTAMP() - INTERVAL SECOND(UTC_TIMESTAMP()) SECOND
  - INTERVAL {SETTLED_MINUTES} MINUTE"""  # noqa: S608
FOLD = """
INSERT INTO trunk_total (trunk_id, state, messages, segments)
SELECT trunk_id, state, SUM(messages), SUM(segments) FROM traffic
WHERE minute >= %(since)s AND minute < %(until)s GROUP BY trunk_id, state
ON DUPLICATE KEY UPDATE messages = trunk_total.messages + VALUES(messages),
                        segments = trunk_total.segments + VALUES(segments)"""
ADVANCE = "UPDATE trunk_total_progress SET until = %(until)s WHERE id = 1"


def fold(tx: Transaction) -> None:
    """Adds what traffic has of minutes that are over."""
    since = tx.value(HOLD)
    if since is None:
        tx.execute("SET sql_notes = 0")
        tx.execute(BEGIN)
        tx.execute("SET sql_notes = 1")
        since = tx.value(HOLD)
    values = {"since": since, "until": tx.value(NEW_UNTIL)}
    if values["until"] > since:
        tx.execute(FOLD, values)
        tx.execute(ADVANCE, values)


KEEP = """
INSERT INTO trunk_total (trunk_id, state, messages, segments)
SELECT trunk_id, state, SUM(messages), SUM(segments) FROM traffic
WHERE campaign_id = %(campaign_id)s AND minute >= %(since)s GROUP BY trunk_id, state
ON DUPLICATE KEY UPDATE messages = trunk_total.messages + VALUES(messages),
                        segments = trunk_total.segments + VALUES(segments)"""


def keep(tx: Transaction, campaign_id: int) -> None:
    """Adds what is not yet in them of a campaign whose traffic is about to go."""
    fold(tx)
    tx.execute(KEEP, {"campaign_id": campaign_id, "since": tx.value(UNTIL)})


TOTALS = """
SELECT trunk_id, state, SUM(messages), SUM(segments) FROM (
  SELECT trunk_id, state, messages, segments FROM trunk_total
  UNION ALL
  SELECT trunk_id, state, messages, segments FROM traffic
  WHERE minute >= COALESCE(
    (SELECT until FROM trunk_total_progress WHERE id = 1), '2000-01-01')) both_parts
GROUP BY trunk_id, state"""


def totals(tx: Transaction) -> dict[tuple[int, str], tuple[int, int]]:
    """(trunk, state) -> (messages, segments) that ever came into it; one look."""
    return {
        (trunk_id, state): (int(messages), int(segments))
        for trunk_id, state, messages, segments in tx.tuples(TOTALS)
    }
