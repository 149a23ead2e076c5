"""Several binds of one trunk: one service, one pace, one window each."""

from __future__ import annotations

from massivesms.store import trunk_sessions
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge


def test_all_binds_send_and_none_sends_twice(world: World, smsc: Smsc) -> None:
    world.trunk("one", smsc, values={"binds": "3", "window": "10"})
    campaign_id = world.campaign("c", numbered(900))
    with Engine(world.config):
        wait_until(lambda: smsc.links_open == 3, 10)
        world.wait_for_counts(campaign_id, {"submitted": 900})
    assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS


def test_binds_share_the_speed_limit(world: World, smsc: Smsc, engine: Engine) -> None:
    world.trunk("one", smsc, rate_per_s=40.0, values={"binds": "4"})
    wait_until(lambda: smsc.links_open == 4, 10)
    campaign_id = world.campaign("c", numbered(120))
    world.wait_for_counts(campaign_id, {"submitted": 120})
    at_s = [s.at_s for s in smsc.submissions]
    most = max(sum(1 for other in at_s if s <= other < s + 1) for s in at_s)
    assert most <= 41
    assert smsc.span_s() < 4


def test_a_trunk_is_never_shared_between_services(world: World, smsc: Smsc) -> None:
    trunk_id = world.trunk("one", smsc, values={"binds": "2"})
    other = "elsewhere/1/x"
    lease = world.db.atomically(
        lambda tx: trunk_sessions.acquire(tx, trunk_id, 1, other)
    )
    assert lease is not None
    mine = world.db.atomically(
        lambda tx: trunk_sessions.acquire(tx, trunk_id, 0, "here/1/y")
    )
    assert mine is None
    world.db.atomically(lambda tx: trunk_sessions.expire(tx, other))
    assert world.db.atomically(
        lambda tx: trunk_sessions.acquire(tx, trunk_id, 0, "here/1/y")
    )


def test_one_broken_bind_leaves_the_others_at_work(world: World) -> None:
    with Smsc(Behaviour(hang_up="reset", hang_up_after=30, fault_times=1)) as smsc:
        world.trunk("one", smsc, values={"binds": "2", "window": "5"})
        campaign_id = world.campaign("c", numbered(300))
        with Engine(world.config):
            wait_until(lambda: not world.counts(campaign_id).get("queued"), 15)
            wait_until(lambda: not world.counts(campaign_id).get("submitting"), 15)
        counts = world.counts(campaign_id)
        assert sum(counts.values()) == 300
        assert counts.get("in_doubt", 0) <= 5
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS


def test_fewer_binds_end_the_rest(world: World, smsc: Smsc, engine: Engine) -> None:
    trunk_id = world.trunk("one", smsc, values={"binds": "3"})
    wait_until(lambda: smsc.links_open == 3, 10)
    world.change_trunk(trunk_id, "one", smsc, values={"binds": "1"})
    wait_until(lambda: smsc.links_open == 1, 10)
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"submitted": 5})
