"""Timetables, days and holidays hold campaigns back, also when changed meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from massivesms.domain import settings as product_settings
from massivesms.domain.holidays import Holiday
from massivesms.domain.timetables import Slot, Timetable
from massivesms.store import campaign_schedules, campaigns, holidays, timetables
from massivesms.store.audit import Actor
from massivesms.store.campaign_schedules import Change
from tests.engine.test_stopping import stays_queued
from tests.engine.world import Engine, World, numbered
from tests.fakes.smsc import Smsc

ANA = Actor("ana")
SATURDAY_1 = datetime(2026, 3, 7, 0, 30, tzinfo=UTC)  # 01:30 in Madrid
NIGHT = Timetable("night", (Slot(5, 22 * 60, 26 * 60),))


def test_a_slot_of_friday_sends_on_saturday_until_its_end(
    world: World, smsc: Smsc
) -> None:
    world.set(time_zone="Europe/Madrid")
    with world.db.transaction() as tx:
        night = timetables.create(tx, NIGHT, ANA)
    engine = Engine(world.config)
    engine.clock = lambda: SATURDAY_1 + timedelta(hours=1)
    trunk_id = world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(5), timetable_id=night)
    with engine:
        world.wait_for_session(trunk_id, "ready")
        stays_queued(world, campaign_id, 5)
        engine.clock = lambda: SATURDAY_1
        world.wait_for_counts(campaign_id, {"submitted": 5})


def test_what_is_changed_while_it_waits_holds_at_once(world: World, smsc: Smsc) -> None:
    with world.db.transaction() as tx:
        holidays.put(tx, [Holiday(3, 7, 0, "Fiesta")], ANA)
    engine = Engine(world.config)
    engine.clock = lambda: SATURDAY_1
    trunk_id = world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(5))
    with engine:
        world.wait_for_session(trunk_id, "ready")
        stays_queued(world, campaign_id, 5)
        single = world.single("+34600999999", "hola")  # single messages do not wait
        world.wait_for_state(single, "submitted")
        with world.db.transaction() as tx:
            row = campaigns.by_id(tx, campaign_id) or {}
            wanted, ours = Change(keeps_holidays=False), product_settings.read({})
            campaign_schedules.change(tx, row, wanted, ANA, ours, SATURDAY_1)
        world.wait_for_counts(campaign_id, {"submitted": 5})
