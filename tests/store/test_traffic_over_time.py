"""Traffic over time: read in steps, and rolled up into hours without a loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.over_time import Arrived, Piece, Step, over_time, pieces
from massivesms.engine import housekeeping
from massivesms.store import traffic, traffic_roll_up
from massivesms.store.db import Database
from tests.store import examples

NOW = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None)
OLD = NOW.replace(minute=0) - timedelta(days=5)
SUMS = """
SELECT campaign_id, trunk_id, state, SUM(messages), SUM(segments), MIN(first_id),
  MAX(last_id) FROM traffic GROUP BY campaign_id, trunk_id, state ORDER BY 1, 2, 3"""


def arrive(
    db: Database,
    minute: datetime,
    *,
    campaign_id: int = 7,
    trunk_id: int = 1,
    state: str = "submitted",
    n: int = 1,
    ids: tuple[int | None, int | None] = (None, None),
) -> None:
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages,"
            " segments, first_id, last_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (minute, campaign_id, trunk_id, state, n, 2 * n, *ids),
        )


def roll_up(db: Database) -> int:
    """Until there is nothing left to do; how many hours it took."""
    hours = 0
    while db.atomically(traffic_roll_up.roll_up):
        hours += 1
        assert hours < 1000, "it never ends"
    return hours


def minutes(db: Database) -> list[datetime]:
    with db.transaction() as tx:
        found = tx.tuples("SELECT minute FROM traffic ORDER BY minute")
    return [minute for (minute,) in found]


def sums(db: Database) -> tuple[tuple[object, ...], ...]:
    with db.transaction() as tx:
        return tx.tuples(SUMS)


def test_old_minutes_become_hours_and_the_sums_stay(db: Database) -> None:
    for n in range(0, 150, 10):
        arrive(db, OLD + timedelta(minutes=n), n=n + 1, ids=(n + 1, n + 5))
    arrive(db, OLD + timedelta(minutes=20), state="delivered")
    arrive(db, OLD + timedelta(minutes=20), campaign_id=8)
    before = sums(db)
    assert roll_up(db) == 3
    assert sums(db) == before
    assert set(minutes(db)) == {OLD + timedelta(hours=h) for h in range(3)}


def test_what_is_young_stays_in_minutes(db: Database) -> None:
    young = NOW - timedelta(hours=traffic_roll_up.KEEP_MINUTES_H - 1, minutes=3)
    arrive(db, young)
    assert roll_up(db) == 0 and minutes(db) == [young]


def test_an_hour_is_rolled_up_once(db: Database) -> None:
    arrive(db, OLD)
    arrive(db, OLD + timedelta(minutes=1))
    assert roll_up(db) == 1
    before = sums(db)
    assert roll_up(db) == 0 and sums(db) == before


def test_an_hour_that_is_rolled_up_again_stays_what_it_is(db: Database) -> None:
    arrive(db, OLD + timedelta(minutes=5), n=4)
    assert roll_up(db) == 1
    before = sums(db)
    with db.transaction() as tx:
        tx.execute("UPDATE purge_progress SET place = 0 WHERE name = 'traffic'")
    assert roll_up(db) == 1 and sums(db) == before


def test_rolling_up_that_breaks_off_counts_nothing_twice(db: Database) -> None:
    arrive(db, OLD, n=4)
    arrive(db, OLD + timedelta(minutes=1), n=4)
    before = sums(db)
    try:
        with db.transaction() as tx:
            traffic_roll_up.roll_up(tx)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert len(minutes(db)) == 2
    assert roll_up(db) == 1 and sums(db) == before


def test_housekeeping_rolls_up_a_day_at_a_time(db: Database) -> None:
    for hour in range(30):
        arrive(db, OLD - timedelta(hours=hour, minutes=-1))
    assert housekeeping.roll_up_traffic(db)
    assert not housekeeping.roll_up_traffic(db)
    assert all(minute.minute == 0 for minute in minutes(db))


def test_a_campaign_is_read_in_steps_of_time(db: Database) -> None:
    arrive(db, OLD, n=2)
    arrive(db, OLD + timedelta(minutes=14), n=3)
    arrive(db, OLD + timedelta(minutes=15), n=5, trunk_id=2)
    arrive(db, OLD, campaign_id=8, n=7)
    with db.transaction() as tx:
        assert traffic.span(tx, 7) == (OLD, OLD + timedelta(minutes=15))
        assert traffic.span(tx, 9) is None
        begin = OLD.replace(tzinfo=UTC)
        piece = Piece(begin, begin + timedelta(hours=1), 0)
        of_one = traffic.by_slot(tx, [piece], 900, 7)
        of_all = traffic.by_slot(tx, [piece], 900)
    later = begin + timedelta(minutes=15)
    assert of_one == [(begin, "submitted", 5), (later, "submitted", 5)]
    assert of_all == [(begin, "submitted", 12), (later, "submitted", 5)]


@pytest.mark.parametrize("zone", ["Europe/Madrid", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("step", Step)
def test_the_database_sums_up_as_we_would(db: Database, zone: str, step: Step) -> None:
    first = datetime(2026, 3, 28, 20, 0)  # the clocks change in the night to 29
    moments = [first + timedelta(minutes=17 * n) for n in range(200)]
    for moment in moments:
        arrive(db, moment)
    begin, end = (m.replace(tzinfo=UTC) for m in (moments[0], moments[-1]))
    local = ZoneInfo(zone)
    with db.transaction() as tx:
        summed = traffic.by_slot(tx, pieces(begin, end, local), step, 7)
    single = [Arrived(m.replace(tzinfo=UTC), "submitted", 1) for m in moments]
    ours = over_time(single, local, step, begin, end)
    assert over_time(summed, local, step, begin, end) == ours
    assert sum(ours.counts["submitted"]) == 200


def test_what_left_each_queue_is_told_by_minute(db: Database) -> None:
    arrive(db, NOW, n=2)
    arrive(db, NOW, n=9, state="delivered")
    arrive(db, NOW, n=1, state="skipped", campaign_id=8)
    arrive(db, NOW - timedelta(minutes=30), n=5)
    with db.transaction() as tx:
        found = traffic.leaving(tx, NOW - timedelta(minutes=10))
    minute = NOW.replace(tzinfo=UTC)
    assert found == {7: [(minute, 2)], 8: [(minute, 1)]}


def test_the_traffic_of_a_removed_campaign_goes_with_it(db: Database) -> None:
    with db.transaction() as tx:
        campaign_id = examples.campaign(tx)
    arrive(db, OLD, campaign_id=campaign_id)
    arrive(db, OLD, campaign_id=campaign_id + 1)
    with db.transaction() as tx:
        tx.execute("UPDATE campaign SET removed = 1 WHERE id = %s", (campaign_id,))
    housekeeping.purge_removed(db)
    with db.transaction() as tx:
        left = tx.tuples("SELECT campaign_id FROM traffic")
    assert left == ((campaign_id + 1,),)
