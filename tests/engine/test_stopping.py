"""Stop, resume, start dates, sending hours and the general stop."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from massivesms.domain.schedule import SendingHours
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
WINDOW = 5


def test_a_stop_in_mid_run_lets_at_most_a_window_more_out_and_resume_sends_the_rest(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(answer_delay_s=0.02)) as smsc:
        world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = world.campaign("c", numbered(200))
        smsc.wait_for(30)
        world.pause(campaign_id, True)
        at_stop = len(smsc.submissions)
        wait_until(lambda: not world.counts(campaign_id).get("submitting"), 10)
        assert len(smsc.submissions) <= at_stop + WINDOW
        left = world.counts(campaign_id)
        assert left["queued"] + left["submitted"] == 200
        world.pause(campaign_id, False)
        world.wait_for_counts(campaign_id, {"submitted": 200})
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS


def test_the_general_stop_holds_everything_until_it_is_lifted(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.set(sending="no")
    trunk_id = world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(5))
    express = world.single("+34600999999", "ya", express=True)
    world.wait_for_session(trunk_id, "ready")
    stays_queued(world, campaign_id, 5)
    assert smsc.submissions == []
    world.set(sending="yes")
    world.wait_for_counts(campaign_id, {"submitted": 5})
    world.wait_for_state(express, "submitted")


def test_nothing_leaves_before_the_start_date(world: World, smsc: Smsc) -> None:
    engine = Engine(world.config)
    engine.clock = lambda: NOON
    trunk_id = world.trunk("one", smsc)
    start = NOON + timedelta(seconds=1)
    campaign_id = world.campaign("c", numbered(5), start_at=start)
    with engine:
        world.wait_for_session(trunk_id, "ready")
        stays_queued(world, campaign_id, 5)
        engine.clock = lambda: start
        world.wait_for_counts(campaign_id, {"submitted": 5})


def test_a_campaign_keeps_its_sending_hours_in_the_configured_zone(
    world: World, smsc: Smsc
) -> None:
    world.set(time_zone="America/Santiago")  # 08:00 there at 12:00 UTC in July
    engine = Engine(world.config)
    engine.clock = lambda: NOON
    trunk_id = world.trunk("one", smsc)
    hours = SendingHours(time(9), time(20))
    campaign_id = world.campaign("c", numbered(5), hours=hours)
    with engine:
        world.wait_for_session(trunk_id, "ready")
        stays_queued(world, campaign_id, 5)
        engine.clock = lambda: NOON + timedelta(hours=1)
        world.wait_for_counts(campaign_id, {"submitted": 5})


def test_hours_that_end_in_mid_run_hold_the_rest_back(world: World) -> None:
    engine = Engine(world.config)
    engine.clock = lambda: NOON
    hours = SendingHours(time(22), time(13))  # over midnight
    with Smsc(Behaviour(answer_delay_s=0.02)) as smsc, engine:
        world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = world.campaign("c", numbered(200), hours=hours)
        smsc.wait_for(20)
        engine.clock = lambda: NOON + timedelta(hours=1)
        at_end = len(smsc.submissions)
        wait_until(lambda: not world.counts(campaign_id).get("submitting"), 10)
        assert len(smsc.submissions) <= at_end + 2 * WINDOW
        assert world.counts(campaign_id)["queued"] > 100


def test_the_general_sending_hours_hold_the_output_queue_too(
    world: World, smsc: Smsc
) -> None:
    world.set(sending_hours="13:00-20:00")
    engine = Engine(world.config)
    engine.clock = lambda: NOON
    trunk_id = world.trunk("one", smsc)
    message_id = world.single("+34600999999", "hola")
    with engine:
        world.wait_for_session(trunk_id, "ready")
        stays_queued(world, 1, 1)
        engine.clock = lambda: NOON + timedelta(hours=1)
        world.wait_for_state(message_id, "submitted")


def test_messages_of_a_removed_campaign_are_deleted(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc, values={"window": "2"})
    sent = world.campaign("sent", numbered(3, "ñ" * 200))
    kept = world.campaign("kept", numbered(3), paused=True)
    never = world.campaign("never", numbered(2500), paused=True)
    world.wait_for_counts(sent, {"submitted": 3})
    world.remove(sent)
    world.remove(never)
    wait_until(lambda: world.ask("SELECT COUNT(*) FROM campaign") == 2, 15)
    assert world.ask("SELECT COUNT(*) FROM message") == 3
    assert world.ask("SELECT COUNT(*) FROM segment") == 0
    rest = "SELECT COUNT(*) FROM campaign_count WHERE campaign_id <> %s"
    assert world.ask(rest, kept) == 0


def test_a_campaign_removed_in_mid_run_goes_with_what_was_on_the_wire(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(answer_delay_s=0.2)) as smsc:
        world.trunk("one", smsc, values={"window": "5"})
        campaign_id = world.campaign("c", numbered(100))
        smsc.wait_for(7)
        world.remove(campaign_id)
        wait_until(lambda: world.ask("SELECT COUNT(*) FROM campaign") == 1, 15)
        assert world.ask("SELECT COUNT(*) FROM message") == 0


def stays_queued(world: World, campaign_id: int, n: int) -> None:
    """Several looks of the dispatcher pass, and nothing has moved."""
    beat = "SELECT MAX(heartbeat_at) FROM service_instance"
    first = world.ask(beat)
    wait_until(lambda: world.ask(beat) != first, 10)
    assert world.counts(campaign_id) == {"queued": n}
