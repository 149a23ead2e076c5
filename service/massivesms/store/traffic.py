"""Traffic: what messages became, minute by minute.

Written with the counts, in the transactions that change states (store/counts.py).
A row spans the ids of its messages, so that those of a day are found without an
index of times on the messages themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ..domain.over_time import Arrived, Piece
from .db import Row, Transaction

#: The states into which a message comes; it waits or is on its way in the others.
STATES = frozenset(
    {
        *("submitted", "delivered", "undelivered", "expired", "rejected"),
        *("skipped", "cancelled", "failed", "in_doubt"),
    }
)
Key = tuple[int, int, str]  # campaign, trunk (0 = none), state

ADD = """
INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments,
                     first_id, last_id)
VALUES {rows}
ON DUPLICATE KEY UPDATE messages = messages + VALUES(messages),
  segments = segments + VALUES(segments),
  first_id = LEAST(COALESCE(first_id, VALUES(first_id)),
                   COALESCE(VALUES(first_id), first_id)),
  last_id = GREATEST(COALESCE(last_id, VALUES(last_id)),
                     COALESCE(VALUES(last_id), last_id))"""
ROW = """(UTC_TIMESTAMP() - INTERVAL SECOND(UTC_TIMESTAMP()) SECOND,
  %s, %s, %s, %s, %s, %s, %s)"""


class Arrivals:
    """What came into which state in one transaction, to be written once."""

    def __init__(self) -> None:
        self._sums: dict[Key, list[int | None]] = {}

    def add(self, key: Key, messages: int, segments: int, ids: Iterable[int]) -> None:
        """Books messages; without `ids` they are counted but not found by day."""
        first, last = min(ids, default=None), max(ids, default=None)
        entry = self._sums.get(key)
        if entry is None:
            self._sums[key] = [messages, segments, first, last]
            return
        entry[0] = (entry[0] or 0) + messages
        entry[1] = (entry[1] or 0) + segments
        if first is not None and last is not None:
            entry[2] = first if entry[2] is None else min(entry[2], first)
            entry[3] = last if entry[3] is None else max(entry[3], last)

    def write(self, tx: Transaction) -> None:
        """Writes the sums in the order of their keys, which is that of the locks."""
        if not self._sums:
            return
        values = [v for key, sums in sorted(self._sums.items()) for v in (*key, *sums)]
        rows = ", ".join([ROW] * len(self._sums))
        tx.execute(ADD.format(rows=rows), values)
        self._sums.clear()


PAST = """
INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments,
                     first_id, last_id)
SELECT DATE_FORMAT(COALESCE(settled_at, created_at), '%%Y-%%m-%%d %%H:00:00') AS hour,
  campaign_id, COALESCE(trunk_id, 0), state, COUNT(*), SUM(segments), MIN(id), MAX(id)
FROM message FORCE INDEX (PRIMARY)
WHERE campaign_id = %(campaign_id)s AND id BETWEEN %(first)s AND %(last)s
  AND state IN %(states)s
GROUP BY hour, campaign_id, COALESCE(trunk_id, 0), state
ON DUPLICATE KEY UPDATE messages = messages + VALUES(messages),
  segments = segments + VALUES(segments),
  first_id = LEAST(COALESCE(first_id, VALUES(first_id)), VALUES(first_id)),
  last_id = GREATEST(COALESCE(last_id, VALUES(last_id)), VALUES(last_id))"""


def add_past(tx: Transaction, campaign_id: int, first: int, last: int) -> None:
    """Books messages that came with their history, at their own hours."""
    values = {"campaign_id": campaign_id, "first": first, "last": last}
    tx.execute(PAST, {**values, "states": sorted(STATES)})


BY_MINUTE = """
SELECT minute, state, SUM(messages) AS messages, SUM(segments) AS segments
FROM traffic WHERE campaign_id = %(campaign_id)s
GROUP BY minute, state ORDER BY minute"""


def by_minute(tx: Transaction, campaign_id: int) -> list[Row]:
    """(minute, state, messages, segments) of a campaign, the oldest first."""
    return tx.rows(BY_MINUTE, {"campaign_id": campaign_id})


BETWEEN = """
SELECT state, SUM(messages), SUM(segments) FROM traffic
WHERE minute >= %(begin)s AND minute < %(end)s GROUP BY state"""


def between(
    tx: Transaction, begin: datetime, end: datetime
) -> dict[str, tuple[int, int]]:
    """state -> (messages, segments) that came into it; both moments in UTC."""
    values = {"begin": begin, "end": end}
    found = tx.tuples(BETWEEN, values)
    return {state: (int(n), int(segments)) for state, n, segments in found}


SPAN = """
SELECT MIN(minute), MAX(minute) FROM traffic WHERE campaign_id = %(campaign_id)s"""


def span(tx: Transaction, campaign_id: int) -> tuple[datetime, datetime] | None:
    """The first and the last minute (UTC) in which a campaign had any traffic."""
    first, last = tx.tuples(SPAN, {"campaign_id": campaign_id})[0]
    return None if first is None else (first, last)


BY_SLOT = """
SELECT (UNIX_TIMESTAMP(minute) + %(ahead_s)s) DIV %(step_s)s AS slot, state,
  SUM(messages) FROM traffic FORCE INDEX (campaign)
WHERE campaign_id = %(campaign_id)s AND minute >= %(begin)s AND minute < %(end)s
GROUP BY slot, state ORDER BY slot"""
ALL_BY_SLOT = """
SELECT (UNIX_TIMESTAMP(minute) + %(ahead_s)s) DIV %(step_s)s AS slot, state,
  SUM(messages) FROM traffic FORCE INDEX (PRIMARY)
WHERE minute >= %(begin)s AND minute < %(end)s GROUP BY slot, state ORDER BY slot"""


def by_slot(
    tx: Transaction,
    pieces: Sequence[Piece],
    step_s: int,
    campaign_id: int | None = None,
) -> list[Arrived]:
    """What came into each state in steps of local time, the oldest first.

    `pieces` are the time in question, cut where the zone's offset changes; a step in
    which it does comes in two parts.
    """
    sql = ALL_BY_SLOT if campaign_id is None else BY_SLOT
    found: list[Arrived] = []
    for begin, end, ahead_s in pieces:
        values = {
            "begin": begin.replace(tzinfo=None),
            "end": end.replace(tzinfo=None),
            "ahead_s": ahead_s,
            "step_s": step_s,
            "campaign_id": campaign_id,
        }
        for slot, state, n in tx.tuples(sql, values):
            at = datetime.fromtimestamp(int(slot) * step_s - ahead_s, UTC)
            found.append(Arrived(max(at, begin), state, int(n)))
    return found


LEAVING = """
SELECT campaign_id, minute, SUM(messages) FROM traffic FORCE INDEX (PRIMARY)
WHERE minute >= %(begin)s
  AND state IN ('submitted', 'rejected', 'failed', 'in_doubt', 'skipped')
GROUP BY campaign_id, minute ORDER BY minute"""


def leaving(tx: Transaction, begin: datetime) -> dict[int, list[tuple[datetime, int]]]:
    """campaign -> (minute, messages that left its queue), since `begin`; UTC."""
    found: dict[int, list[tuple[datetime, int]]] = {}
    for campaign_id, minute, n in tx.tuples(LEAVING, {"begin": begin}):
        row = (minute.replace(tzinfo=UTC), int(n))
        found.setdefault(campaign_id, []).append(row)
    return found


DELETE = "DELETE FROM traffic WHERE campaign_id = %(campaign_id)s"


def delete(tx: Transaction, campaign_id: int) -> None:
    """Forgets the traffic of a campaign whose messages are gone."""
    tx.execute(DELETE, {"campaign_id": campaign_id})
