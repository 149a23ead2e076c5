"""What capped trunks have claimed in their present minute, hour, day and month.

Kept by the transactions that claim and settle, so that a cap holds across all
sessions, services and restarts. A row of an earlier period counts as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from ..domain.caps import all_begin_at
from .db import Transaction

LOCK = """
SELECT period, begins_at, segments FROM trunk_usage
WHERE trunk_id = %(trunk_id)s FOR UPDATE"""


def locked(
    tx: Transaction, trunk_id: int, begins: Mapping[str, datetime]
) -> dict[str, int]:
    """period -> segments used since `begins` (UTC); held until the commit."""
    found = tx.tuples(LOCK, {"trunk_id": trunk_id})
    return {
        period: segments
        for period, begins_at, segments in found
        if period in begins and begins_at >= begins[period].replace(tzinfo=None)
    }


ALL = "SELECT trunk_id, period, begins_at, segments FROM trunk_usage"


def used_by_all(
    tx: Transaction, now: datetime, zone: ZoneInfo
) -> dict[int, dict[str, int]]:
    """trunk -> period -> segments used in the present periods of `now` (UTC)."""
    begins = all_begin_at(now, zone)
    used: dict[int, dict[str, int]] = {}
    for trunk_id, period, begins_at, segments in tx.tuples(ALL):
        if begins_at >= begins[period].replace(tzinfo=None):
            used.setdefault(trunk_id, {})[period] = segments
    return used


ADD = """
INSERT INTO trunk_usage (trunk_id, period, begins_at, segments)
VALUES (%(trunk_id)s, %(period)s, %(begins_at)s, GREATEST(0, %(segments)s))
ON DUPLICATE KEY UPDATE
  segments = GREATEST(0, IF(begins_at >= VALUES(begins_at),
                            CAST(segments AS SIGNED), 0) + %(segments)s),
  begins_at = VALUES(begins_at)"""


def add(
    tx: Transaction, trunk_id: int, begins: Mapping[str, datetime], segments: int
) -> None:
    """Books claimed segments in each period (negative: they did not go out)."""
    for period, begins_at in begins.items():
        values = {
            "trunk_id": trunk_id,
            "period": period,
            "begins_at": begins_at.replace(tzinfo=None),
            "segments": segments,
        }
        tx.execute(ADD, values)
