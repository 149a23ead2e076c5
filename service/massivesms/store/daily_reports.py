"""The figures of one day's report, and that each day has one.

A day is from one moment to another in UTC: the caller knows whose midnight it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from . import receipts
from .db import Row, Transaction

KEEP_DAYS = 400

BOOK = """
INSERT IGNORE INTO daily_report (day, made_at) VALUES (%(day)s, UTC_TIMESTAMP(3))"""
PURGE = """
DELETE FROM daily_report WHERE day < UTC_DATE() - INTERVAL 400 DAY"""


def book(tx: Transaction, day: date) -> bool:
    """Says that the report of a day is made now; False when it is already.

    In the transaction that puts the report in the outbox: two services make one.
    """
    is_first = bool(tx.execute(BOOK, {"day": day}))
    if is_first:
        tx.execute(PURGE)
    return is_first


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened between two moments, and what is so now.

    `by_campaign` and `by_trunk` have name, state, messages, segments; `inbound` how
    many messages came by what was done with them.
    """

    by_campaign: list[Row]
    by_trunk: list[Row]
    inbound: dict[str, int]
    calls: int
    in_doubt: int
    orphans: int
    stopped: list[Row]


CAMPAIGNS = """
SELECT f.campaign_id, c.name, f.state, f.messages, f.segments FROM (
  SELECT campaign_id, state, SUM(messages) AS messages, SUM(segments) AS segments
  FROM traffic FORCE INDEX (PRIMARY)
  WHERE minute >= %(begin)s AND minute < %(end)s GROUP BY campaign_id, state) f
LEFT JOIN campaign c ON c.id = f.campaign_id ORDER BY f.campaign_id"""
TRUNKS = """
SELECT f.trunk_id, t.name, f.state, f.messages, f.segments FROM (
  SELECT trunk_id, state, SUM(messages) AS messages, SUM(segments) AS segments
  FROM traffic FORCE INDEX (PRIMARY)
  WHERE minute >= %(begin)s AND minute < %(end)s GROUP BY trunk_id, state) f
LEFT JOIN trunk t ON t.id = f.trunk_id ORDER BY f.trunk_id"""
INBOUND = """
SELECT handled, COUNT(*) FROM inbound_message
WHERE received_at >= %(begin)s AND received_at < %(end)s AND kind = 'message'
GROUP BY handled"""
CALLS = """
SELECT COUNT(*) FROM inbound_message
WHERE received_at >= %(begin)s AND received_at < %(end)s AND kind = 'call'"""
IN_DOUBT = "SELECT SUM(messages) FROM campaign_count WHERE state = 'in_doubt'"
STOPPED = """
SELECT name, stopped_code, stopped_detail, stopped_at FROM trunk
WHERE stopped_code IS NOT NULL AND active = 1 AND removed = 0 ORDER BY name"""


def figures(tx: Transaction, begin: datetime, end: datetime) -> Figures:
    """The figures of what happened from one moment (UTC) to another."""
    values = {
        "begin": begin.replace(tzinfo=None),
        "end": end.replace(tzinfo=None),
    }
    return Figures(
        by_campaign=tx.rows(CAMPAIGNS, values),
        by_trunk=tx.rows(TRUNKS, values),
        inbound={h: int(n) for h, n in tx.tuples(INBOUND, values)},
        calls=int(tx.value(CALLS, values)),
        in_doubt=int(tx.value(IN_DOUBT) or 0),
        orphans=receipts.orphans_total(tx),
        stopped=tx.rows(STOPPED),
    )
