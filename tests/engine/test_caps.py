"""A trunk's caps hold across sessions and restarts; the next trunk takes over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from massivesms.domain.caps import Caps
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc

NOON = datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)
USED = "SELECT segments FROM trunk_usage WHERE trunk_id = %s AND period = %s"


def test_a_used_up_cap_holds_until_the_next_period(world: World, smsc: Smsc) -> None:
    world.set(time_zone="UTC")
    trunk_id = world.trunk("one", smsc, caps=Caps(hour=7), values={"window": "3"})
    campaign_id = world.campaign("c", numbered(20))
    engine = Engine(world.config)
    engine.clock = lambda: NOON
    with engine:
        world.wait_for_counts(campaign_id, {"submitted": 7, "queued": 13})
    again = Engine(world.config)  # a restart forgets nothing
    again.clock = lambda: NOON + timedelta(minutes=59)
    with again:
        world.wait_for_session(trunk_id, "ready")
        world.single("+34699999999", "cola", trunk_id=trunk_id)
        wait_until(lambda: world.ask(USED, trunk_id, "hour") == 7, 5)
        assert len(smsc.messages()) == 7
        again.clock = lambda: NOON + timedelta(hours=1)
        wait_until(lambda: len(smsc.messages()) == 14, 10, lambda: smsc.messages())
    assert world.ask(USED, trunk_id, "hour") == 7


def test_segments_count_and_what_was_refused_does_not(world: World) -> None:
    with Smsc(Behaviour(reject={"0000000$": 0x0B})) as smsc:
        trunk_id = world.trunk("one", smsc, caps=Caps(day=9), values={"window": "50"})
        campaign_id = world.campaign("c", numbered(8, "x" * 200 + " {n}"))
        with Engine(world.config):
            world.wait_for_counts(
                campaign_id, {"submitted": 4, "rejected": 1, "queued": 3}
            )
        assert world.ask(USED, trunk_id, "day") == 8


def test_the_next_trunk_takes_over_from_a_used_up_one(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    first = world.trunk("one", smsc, caps=Caps(month=5), priority=1)
    second = world.trunk("two", other_smsc, priority=2)
    world.wait_for_session(first, "ready")
    world.wait_for_session(second, "ready")
    campaign_id = world.campaign("c", numbered(12))
    world.wait_for_counts(campaign_id, {"submitted": 12})
    assert (len(smsc.messages()), len(other_smsc.messages())) == (5, 7)
