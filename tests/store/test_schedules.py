"""Timetables, holidays, and the schedules of campaigns that go by them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain import settings as product_settings
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID, Draft
from massivesms.domain.holidays import Holiday
from massivesms.domain.timetables import Slot, Timetable
from massivesms.errors import StoreError
from massivesms.store import campaign_schedules, campaigns, holidays, timetables
from massivesms.store.campaign_schedules import Change
from massivesms.store.db import Database, Row, Transaction
from tests.store import examples
from tests.store.examples import ANA

SHOP = Timetable("shop", (Slot(1, 540, 840), Slot(1, 960, 1200), Slot(5, 1320, 1560)))
MADRID = ZoneInfo("Europe/Madrid")
XMAS = Holiday(12, 25, 0, "Navidad")


NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)  # a Monday


def change(tx: Transaction, row: Row, wanted: Change) -> bool:
    settings = product_settings.read({})
    return campaign_schedules.change(tx, row, wanted, ANA, settings, NOW)


def test_a_timetable_is_read_back_as_it_was_written(db: Database) -> None:
    with db.transaction() as tx:
        timetables.create(tx, SHOP, ANA)
        row = timetables.by_name(tx, "shop")
        other = Timetable("shop 2", (Slot(7, 0, 1440),))
        timetables.update(tx, row, other, ANA)
        changed = timetables.by_id(tx, row["id"])
    assert (row["table"], row["campaigns"]) == (SHOP, 0)
    assert changed is not None and changed["table"] == other
    assert examples.audited(db) == ["timetable.create", "timetable.change"]


def test_the_name_of_a_timetable_is_taken_once(db: Database) -> None:
    with db.transaction() as tx:
        timetables.create(tx, SHOP, ANA)
    with pytest.raises(StoreError, match="already"), db.transaction() as tx:
        timetables.create(tx, SHOP, ANA)
    with pytest.raises(StoreError, match="no timetable"), db.transaction() as tx:
        timetables.by_name(tx, "other")


def test_a_timetable_in_use_stays_and_a_removed_one_frees_its_name(
    db: Database,
) -> None:
    with db.transaction() as tx:
        shop = timetables.create(tx, SHOP, ANA)
        campaign_id = campaigns.create(tx, Draft("one", "x", timetable_id=shop), ANA)
        row = timetables.by_name(tx, "shop")
        assert (row["campaigns"], len(timetables.used_by(tx, shop))) == (1, 1)
    with pytest.raises(StoreError, match="one"), db.transaction() as tx:
        timetables.remove(tx, row, ANA)
    with db.transaction() as tx:
        campaign = campaigns.by_id(tx, campaign_id)
        assert campaign is not None
        change(tx, campaign, Change(timetable_id=0))
        timetables.remove(tx, row, ANA)
        timetables.create(tx, SHOP, ANA)
        assert len(timetables.all_timetables(tx)) == 1
        assert timetables.load(tx)[shop].slots == SHOP.slots  # what was sent by it


def test_a_campaign_goes_by_all_that_was_drafted(db: Database) -> None:
    with db.transaction() as tx:
        shop = timetables.create(tx, SHOP, ANA)
        holidays.put(tx, [XMAS], ANA)
        draft = Draft(
            "one", "x", days=frozenset({1, 5}), timetable_id=shop,
            time_zone="America/Santiago", keeps_holidays=True,
        )  # fmt: skip
        campaigns.create(tx, draft, ANA)
        row = campaigns.by_name(tx, "one")
        schedule = holidays.calendar(tx).schedule(row, MADRID, None)
    assert schedule.zone.key == "America/Santiago"
    assert schedule.timetable == SHOP and schedule.days == {1, 5}
    assert schedule.holiday(date(2030, 12, 25)) == "Navidad"


def test_a_schedule_changes_while_the_campaign_is_there(db: Database) -> None:
    with db.transaction() as tx:
        examples.campaign(tx, "one")
        row = campaigns.by_name(tx, "one")
        wanted = Change(frozenset({6, 7}), None, "Pacific/Apia", False)
        assert change(tx, row, wanted)
        row = campaigns.by_name(tx, "one")
        assert not change(tx, row, wanted)
        queue = campaigns.by_id(tx, OUTPUT_QUEUE_ID)
    assert (row["days"], row["time_zone"]) == ("6,7", "Pacific/Apia")
    assert (row["timetable_id"], row["keeps_holidays"]) == (None, 0)
    assert queue is not None and not queue["keeps_holidays"]
    with pytest.raises(StoreError, match="output queue"), db.transaction() as tx:
        change(tx, queue, wanted)


def test_a_schedule_without_any_moment_is_refused(db: Database) -> None:
    with db.transaction() as tx:
        shop = timetables.create(tx, SHOP, ANA)  # Mondays and Fridays
        examples.campaign(tx, "one")
        row = campaigns.by_name(tx, "one")
    with pytest.raises(StoreError, match="no moment"), db.transaction() as tx:
        change(tx, row, Change(frozenset({3}), shop))
    over = {**row, "deadline_at": NOW - timedelta(days=1)}
    with db.transaction() as tx:
        assert change(tx, over, Change(frozenset({3})))
    soon = {**row, "deadline_at": NOW + timedelta(hours=1)}
    with pytest.raises(StoreError, match="the deadline"), db.transaction() as tx:
        change(tx, soon, Change(frozenset({7})))


def test_a_timetable_that_is_not_known_yet_holds_the_campaign(db: Database) -> None:
    with db.transaction() as tx:
        before = holidays.calendar(tx)
        shop = timetables.create(tx, SHOP, ANA)
        campaigns.create(tx, Draft("one", "x", timetable_id=shop), ANA)
        row = campaigns.by_name(tx, "one")
    schedule = before.schedule(row, MADRID, None)
    monday = datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert not any(schedule.allows(monday + timedelta(hours=n)) for n in range(168))


def test_a_holiday_of_the_same_date_is_renamed(db: Database) -> None:
    with db.transaction() as tx:
        once = Holiday(4, 3, 2026, "Viernes Santo")
        assert holidays.put(tx, [XMAS, once], ANA) == 2
        assert holidays.put(tx, [XMAS, Holiday(4, 3, 2026, "Good Friday")], ANA) == 1
        names = [row["holiday"].name for row in holidays.all_holidays(tx)]
        assert names == ["Navidad", "Good Friday"]
        assert holidays.remove(tx, once, ANA) and not holidays.remove(tx, once, ANA)


def test_what_uses_a_timetable_is_found_by_an_index(db: Database) -> None:
    with db.transaction() as tx:
        plan = tx.rows("EXPLAIN " + timetables.USED_BY, {"id": 1})
    assert "timetable" in plan[0]["possible_keys"]
