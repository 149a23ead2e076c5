"""What waits in a campaign, for the page before sending: counts that are kept.

How many messages and segments wait is read from the kept counts. Which trunk takes
them hangs on their numbers, and which is the dearest on their texts: for that at most
LOOKED_AT messages are grouped, the first that would be sent; a larger campaign's
shares are enlarged from them, and said to be so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..domain import send_plan
from ..domain.send_plan import Group, Plan, Way
from ..domain.settings import Settings
from . import counts, holidays, trunks
from .db import Row, Transaction

LOOKED_AT = 20_000

GROUPS = """
SELECT LEFT(f.number, %(length)s), f.segments, COUNT(*), MIN(f.id) FROM (
  SELECT id, number, segments FROM message FORCE INDEX (claim)
  WHERE campaign_id = %(campaign_id)s AND state = 'queued' LIMIT %(most)s) f
GROUP BY LEFT(f.number, %(length)s), f.segments"""


def of_campaign(
    tx: Transaction, campaign: Row, settings: Settings, now: datetime
) -> Plan:
    """The plan of one campaign, were it started now (UTC)."""
    messages, segments = counts.by_state(tx, campaign["id"]).get("queued", (0, 0))
    ways = [_way(row) for row in trunks.all_trunks(tx)]
    values = {
        "campaign_id": campaign["id"],
        "length": 1 + _longest_prefix(ways),
        "most": LOOKED_AT,
    }
    groups = [Group(*row) for row in tx.tuples(GROUPS, values)] if messages else []
    dearest = max(groups, key=lambda g: (g.segments_each, -g.first_id), default=None)
    whole = (messages, segments)
    plan = Plan(
        messages,
        segments,
        sum(group.messages for group in groups),
        send_plan.shares_of(ways, groups, campaign["trunk_id"], whole),
        dearest.first_id if dearest else None,
        dearest.segments_each if dearest else 0,
    )
    return _foreseen(tx, plan, ways, campaign, settings, now)


def _foreseen(
    tx: Transaction,
    plan: Plan,
    ways: list[Way],
    campaign: Row,
    settings: Settings,
    now: datetime,
) -> Plan:
    work_s = send_plan.work_s(ways, plan.shares)
    calendar = holidays.calendar(tx)
    schedule = calendar.schedule(campaign, settings.time_zone, settings.sending_hours)
    open_ended = replace(schedule, deadline_at=None)
    start = max(now, campaign["start_at"] or now)
    end = None if work_s is None else send_plan.finish(start, work_s, open_ended)
    deadline = campaign["deadline_at"]
    open_s = send_plan.open_s(start, deadline, open_ended) if deadline else 0.0
    return replace(
        plan,
        forecast=send_plan.forecast_words(work_s, end, now, schedule.zone)
        if plan.messages
        else None,
        warning=send_plan.deadline_warning(
            deadline, end, work_s, open_s, plan.messages
        ),
    )


def _way(trunk: Row) -> Way:
    rate = trunk["rate_per_s"]
    return Way(
        trunk["id"],
        trunk["priority"],
        bool(trunk["active"]) and trunk["stopped_code"] is None,
        trunk["prefixes"],
        trunk["cost_per_segment"],
        float(rate) if rate else None,
    )


def _longest_prefix(ways: list[Way]) -> int:
    words = [w.lstrip("!") for way in ways for w in way.prefixes.split(",")]
    return max(map(len, words), default=0)
