"""Where messages of a filter may be: campaigns and spans of ids that are worth a look.

Everything here is too much rather than too little: what a message really is like is
asked of the message itself (store/message_search.py). There is no index of times on
messages; `traffic` says between which ids those of an hour are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.message_filters import Filter
from .db import Transaction

Span = tuple[int, int]  # the first and the last id, both within
#: Traffic is kept by the hour once it is old, and is booked right after the event.
SLACK = timedelta(hours=2)
#: What was on its way when a service died is put in doubt later, with the older date.
DOUBT_SLACK = timedelta(days=7)
NEVER, EVER = datetime(1970, 1, 1), datetime(9000, 1, 1)
MOST_CAMPAIGNS = 500  # of more, all messages are looked through

OF_TRUNK = "SELECT DISTINCT campaign_id FROM campaign_count WHERE trunk_id = %(id)s"
OF_IMPORT = "SELECT campaign_id FROM import WHERE id = %(id)s"
OF_USER = "SELECT id FROM campaign WHERE created_by = %(user)s"


def campaigns(tx: Transaction, wanted: Filter) -> set[int] | None:
    """The campaigns that a filter's messages are of; None = of any."""
    found: list[set[int]] = []

    def only(sql: str, values: dict[str, object]) -> None:
        found.append({cid for (cid,) in tx.tuples(sql, values) if cid is not None})

    if wanted.campaign_id is not None:
        found.append({wanted.campaign_id})
    if wanted.import_id is not None:
        only(OF_IMPORT, {"id": wanted.import_id})
    if wanted.trunk_id is not None:
        only(OF_TRUNK, {"id": wanted.trunk_id})
    if wanted.user:
        found.append({*made_by(tx, wanted.user), OUTPUT_QUEUE_ID})
    return set.intersection(*found) if found else None


def made_by(tx: Transaction, user: str) -> list[int]:
    """The campaigns that somebody made; there are thousands at most."""
    return [campaign_id for (campaign_id,) in tx.tuples(OF_USER, {"user": user})]


IN_STATES = """
SELECT campaign_id, SUM(messages) FROM campaign_count
WHERE state IN %(states)s{of} GROUP BY campaign_id HAVING SUM(messages) > 0"""
OF = " AND campaign_id IN %(ids)s"


def in_states(
    tx: Transaction, states: Sequence[str], of: Collection[int] | None
) -> dict[int, int]:
    """campaign -> messages in these states; without those that have none."""
    if of is not None and not of:
        return {}
    sql = IN_STATES.format(of="" if of is None else OF)
    found = tx.tuples(sql, {"states": states, "ids": list(of or ())})
    return {campaign_id: int(n) for campaign_id, n in found}


ENDS = """
SELECT campaign_id, MIN(id), MAX(id) FROM message FORCE INDEX (campaign_page)
WHERE campaign_id IN %(ids)s GROUP BY campaign_id"""


def of_campaigns(tx: Transaction, ids: Collection[int]) -> list[Span]:
    """From the first to the last message of each campaign."""
    if not ids:
        return []
    return [(first, last) for _, first, last in tx.tuples(ENDS, {"ids": list(ids)})]


BETWEEN = """
SELECT MIN(first_id), MAX(last_id) FROM traffic
WHERE minute >= %(begin)s AND minute < %(end)s{also} GROUP BY campaign_id"""
DOUBTS = """
SELECT MIN(first_id), MAX(last_id) FROM traffic
WHERE minute >= %(end)s AND minute < %(later)s AND state = 'in_doubt'{also}
GROUP BY campaign_id"""
OF_ONE = " AND campaign_id = %(campaign_id)s"


def between(
    tx: Transaction, start: datetime | None, end: datetime | None, of: int | None = None
) -> list[Span]:
    """Where messages of a time may be; of one campaign or of all."""
    begin = _naive(start, NEVER)
    until = _naive(end, EVER)
    hour = begin.replace(minute=0, second=0, microsecond=0)
    values = {
        "begin": hour - SLACK if begin > NEVER else begin,
        "end": until + SLACK,
        "later": until + SLACK + DOUBT_SLACK,
        "campaign_id": of,
    }
    also = "" if of is None else OF_ONE
    found = list(tx.tuples(BETWEEN.format(also=also), values))
    if until < EVER:
        found += tx.tuples(DOUBTS.format(also=also), values)
    spans = [(first, last) for first, last in found if first is not None]
    return merged([*spans, *_waiting(tx, begin, until, of)])


OPEN = "SELECT id FROM campaign WHERE open = 1"
OPEN_ONE = "SELECT id FROM campaign WHERE open = 1 AND id = %(campaign_id)s"
NEWEST = """
SELECT created_at FROM message FORCE INDEX (campaign_page)
WHERE campaign_id = %(campaign_id)s ORDER BY id DESC LIMIT 1"""
OLDEST = """
SELECT created_at FROM message FORCE INDEX (campaign_page)
WHERE campaign_id = %(campaign_id)s ORDER BY id LIMIT 1"""
WAITING_ENDS = """
SELECT MIN(id), MAX(id) FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state IN ('queued', 'submitting')"""


def _waiting(
    tx: Transaction, begin: datetime, until: datetime, of: int | None
) -> Iterable[Span]:
    """Where those are that wait: they have had no traffic yet.

    Messages of a campaign are created in the order of their ids.
    """
    found = tx.tuples(OPEN if of is None else OPEN_ONE, {"campaign_id": of})
    for (campaign_id,) in found:
        values = {"campaign_id": campaign_id}
        newest, oldest = tx.value(NEWEST, values), tx.value(OLDEST, values)
        if newest is None or newest < begin or oldest >= until:
            continue
        if campaign_id == OUTPUT_QUEUE_ID:  # the others' ids are together anyway
            spans: Sequence[Span] = tx.tuples(WAITING_ENDS, values)
        else:
            spans = of_campaigns(tx, [campaign_id])
        yield from (span for span in spans if span[0] is not None)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that neither overlap nor touch, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is within both, each of them merged."""
    found, at = [], 0
    for first, last in some:
        while at < len(others) and others[at][1] < first:
            at += 1
        here = at
        while here < len(others) and others[here][0] <= last:
            found.append((max(first, others[here][0]), min(last, others[here][1])))
            here += 1
    return found


def _naive(moment: datetime | None, instead: datetime) -> datetime:
    return instead if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
