"""Pacing, throttling, and the message for which somebody waits."""

from __future__ import annotations

from itertools import pairwise

from tests.engine.world import Engine, World, numbered
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge


def test_a_rate_is_kept_and_used(world: World, smsc: Smsc, engine: Engine) -> None:
    trunk_id = world.trunk("one", smsc, rate_per_s=50.0)
    world.wait_for_session(trunk_id, "ready")
    campaign_id = world.campaign("c", numbered(100))
    world.wait_for_counts(campaign_id, {"submitted": 100})
    at_s = [s.at_s for s in smsc.submissions]
    assert 1.8 <= smsc.span_s() <= 2.6, smsc.span_s()
    most = max(sum(1 for other in at_s if s <= other < s + 1) for s in at_s)
    assert most <= 50 + 6


def test_a_low_rate_counts_segments(world: World, smsc: Smsc, engine: Engine) -> None:
    trunk_id = world.trunk("one", smsc, rate_per_s=8.0)
    world.wait_for_session(trunk_id, "ready")
    campaign_id = world.campaign("c", numbered(4, "ñ" * 170 + " {n}"))
    world.wait_for_counts(campaign_id, {"submitted": 4})
    assert len(smsc.submissions) == 8
    assert 0.6 <= smsc.span_s() <= 1.2  # the first pair is ahead of its tokens
    firsts = [s.at_s for s in smsc.submissions[::2]]
    assert all(later - earlier > 0.15 for earlier, later in pairwise(firsts))


def test_throttling_loses_nothing_and_costs_little_time(world: World) -> None:
    """The trunk has no rate of its own: it learns that of the operator."""
    with Smsc(Behaviour(throttle_above_per_s=40)) as smsc:
        world.trunk("one", smsc, values={"window": "10"})
        campaign_id = world.campaign("c", numbered(160))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 160}, 30)
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS
        assert {row["attempts"] for row in world.messages(campaign_id)} == {0}
        assert smsc.span_s() < 8


def test_an_express_message_overtakes_a_queue_of_ten_thousand(world: World) -> None:
    with Smsc(Behaviour(answer_delay_s=0.02)) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": "5"})
        campaign_id = world.campaign("c", numbered(10_000, None))
        queued = [world.single(f"+3461000{n:04}", "cola") for n in range(20)]
        with Engine(world.config):
            world.wait_for_session(trunk_id, "ready")
            for message_id in queued:
                world.wait_for_state(message_id, "submitted")
            smsc.wait_for(100)
            before = len(smsc.submissions)
            message_id = world.single("+34699999999", "ya", express=True)
            world.wait_for_state(message_id, "submitted")
            place = [s.number for s in smsc.submissions].index("34699999999")
            # A look of the dispatcher (0.1 s) and what was on the wire.
            assert place - before < 100
            world.pause(campaign_id, True)


def test_equal_campaigns_share_a_trunk(world: World) -> None:
    with Smsc(Behaviour(answer_delay_s=0.01)) as smsc:
        world.trunk("one", smsc, values={"window": "10"})
        first = world.campaign("first", numbered(200))
        second = world.campaign("second", numbered(200, first=10_000))
        with Engine(world.config):
            world.wait_for_counts(first, {"submitted": 200})
            world.wait_for_counts(second, {"submitted": 200})
        early = [s.number for s in smsc.submissions[:200]]
        of_second = sum(1 for number in early if number >= "34600010000")
        assert 60 <= of_second <= 140
