"""How much of its caps a trunk has used: only what is of the present period counts."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from massivesms.store import trunk_usage
from massivesms.store.db import Database

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 7, 1, 12, 34, 56, tzinfo=UTC)
ROWS = [
    (1, "minute", "2026-07-01 12:33:00", 9),  # the minute before
    (1, "hour", "2026-07-01 12:00:00", 40),
    (1, "day", "2026-06-30 22:00:00", 120),  # midnight in Madrid
    (2, "day", "2026-06-29 22:00:00", 500),  # yesterday
    (2, "month", "2026-06-30 22:00:00", 700),
]


def test_a_row_of_an_earlier_period_counts_nothing(db: Database) -> None:
    with db.transaction() as tx:
        for row in ROWS:
            tx.execute(
                "INSERT INTO trunk_usage (trunk_id, period, begins_at, segments)"
                " VALUES (%s, %s, %s, %s)",
                row,
            )
        used = trunk_usage.used_by_all(tx, NOW, MADRID)
    assert used == {1: {"hour": 40, "day": 120}, 2: {"month": 700}}
