"""Which trunk a message takes: priorities, failover, sharing, named trunks."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, held so that nobody will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_the_best_priority_takes_all_while_it_can(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    first = world.trunk("first", smsc, priority=1)
    second = world.trunk("second", other_smsc, priority=2)
    world.wait_for_session(first, "ready")
    world.wait_for_session(second, "ready")
    campaign_id = world.campaign("c", numbered(60))
    world.wait_for_counts(campaign_id, {"submitted": 60})
    assert (len(smsc.submissions), len(other_smsc.submissions)) == (60, 0)


def test_the_next_trunk_takes_over_when_the_best_cannot_be_reached(
    world: World, other_smsc: Smsc, engine: Engine, closed_port: int
) -> None:
    values = {"host": "127.0.0.1", "port": str(closed_port), "system_id": "x"}
    first = world.trunk("first", priority=1, values=values)
    world.trunk("second", other_smsc, priority=2)
    campaign_id = world.campaign("c", numbered(30))
    world.wait_for_counts(campaign_id, {"submitted": 30})
    assert world.session(first)["error_code"] == "connection_refused"


def test_the_next_trunk_takes_over_when_the_bind_is_refused(
    world: World, other_smsc: Smsc, engine: Engine
) -> None:
    with Smsc(Behaviour(refuse_bind=0x08)) as refusing:
        first = world.trunk("first", refusing, priority=1)
        world.trunk("second", other_smsc, priority=2)
        campaign_id = world.campaign("c", numbered(30))
        world.wait_for_counts(campaign_id, {"submitted": 30})
        session = world.wait_for_session(first, "waiting")
        assert session["error_code"] == "bind_refused"
        assert not world.trunk_row(first)["stopped_code"]


def test_the_next_trunk_takes_over_in_mid_run_and_gives_back_when_the_best_returns(
    world: World, other_smsc: Smsc, engine: Engine
) -> None:
    slow = Behaviour(answer_delay_s=0.01)
    with Smsc(slow) as smsc:
        first = world.trunk("first", smsc, priority=1, values={"window": "5"})
        second = world.trunk("second", other_smsc, priority=2)
        world.wait_for_session(first, "ready")
        world.wait_for_session(second, "ready")
        campaign_id = world.campaign("c", numbered(400))
        smsc.wait_for(40)
        smsc.stop()
        wait_until(lambda: not world.counts(campaign_id).get("queued"), 15)
        smsc.start()
        world.wait_for_session(first, "ready")
        before = len(other_smsc.submissions)
        more = world.campaign("d", numbered(50, first=5000))
        world.wait_for_counts(more, {"submitted": 50})
        assert len(other_smsc.submissions) == before
        counts = world.counts(campaign_id)
        assert counts.get("in_doubt", 0) <= 5
        assert counts["submitted"] + counts.get("in_doubt", 0) == 400
        both = smsc.messages() + other_smsc.messages()
        assert judge(world.messages(campaign_id) + world.messages(more), both) == (
            FAULTLESS
        )


@pytest.mark.parametrize("status", [0x0A, 0x48, 0x45, 0x102, 0x4FF])
def test_a_message_refused_for_the_trunks_own_reasons_takes_the_next_trunk(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine, status: int
) -> None:
    smsc.behaviour = Behaviour(reject={"0000003$": status})
    first = world.trunk("first", smsc, priority=1)
    second = world.trunk("second", other_smsc, priority=2)
    world.wait_for_session(first, "ready")
    campaign_id = world.campaign("c", numbered(10))
    world.wait_for_counts(campaign_id, {"submitted": 10})
    assert [s.number for s in other_smsc.submissions] == ["34600000003"]
    (row,) = [r for r in world.messages(campaign_id) if r["trunk_id"] == second]
    assert row["number"] == "+34600000003"
    assert row["tried_trunks"] == str(first)


def test_a_message_that_every_trunk_refuses_fails_with_the_last_ones_words(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    smsc.behaviour = Behaviour(reject={"3$": 0x0A})
    other_smsc.behaviour = Behaviour(reject={"3$": 0x45})
    world.trunk("first", smsc, priority=1)
    world.wait_for_session(world.trunk("second", other_smsc, priority=2), "ready")
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"submitted": 4, "failed": 1})
    (row,) = [r for r in world.messages(campaign_id) if r["state"] == "failed"]
    assert row["result_code"] == "smpp_00000045"
    assert row["result_detail"] == "RSUBMITFAIL 0x00000045"


def test_a_bad_number_is_rejected_and_no_other_trunk_is_bothered(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    smsc.behaviour = Behaviour(reject={"3$": 0x0B})
    world.trunk("first", smsc, priority=1)
    world.trunk("second", other_smsc, priority=2)
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"submitted": 4, "rejected": 1})
    assert other_smsc.submissions == []


def test_trunks_of_equal_priority_share(world: World) -> None:
    slow = Behaviour(answer_delay_s=0.02)
    with Smsc(slow) as one, Smsc(slow) as two:
        ids = [
            world.trunk(name, smsc, values={"window": "5"})
            for name, smsc in (("one", one), ("two", two))
        ]
        campaign_id = world.campaign("c", numbered(300), paused=True)
        with Engine(world.config):
            for trunk_id in ids:
                world.wait_for_session(trunk_id, "ready")
            world.pause(campaign_id, False)
            world.wait_for_counts(campaign_id, {"submitted": 300}, 30)
        both = one.messages() + two.messages()
        assert judge(world.messages(campaign_id), both) == FAULTLESS
        shares = Counter(row["trunk_id"] for row in world.messages(campaign_id))
        assert min(shares.values()) >= 60, shares


def test_a_campaign_that_names_its_trunk_never_takes_another(
    world: World, other_smsc: Smsc, engine: Engine, closed_port: int
) -> None:
    values = {"host": "127.0.0.1", "port": str(closed_port), "system_id": "x"}
    named = world.trunk("named", priority=2, values=values)
    other = world.trunk("other", other_smsc, priority=1)
    campaign_id = world.campaign("c", numbered(5), trunk_id=named)
    message_id = world.single("+34600888888", "x", trunk_id=named)
    free = world.campaign("free", numbered(5, first=100))
    world.wait_for_counts(free, {"submitted": 5})
    world.wait_for_session(named, "waiting")
    wait_until(lambda: world.session(other)["state"] == "ready", 5)
    assert world.counts(campaign_id) == {"queued": 5}
    assert world.message(message_id)["state"] == "queued"
    assert len(other_smsc.submissions) == 5


def test_a_refusal_of_the_named_trunk_is_the_end(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    smsc.behaviour = Behaviour(reject={"3$": 0x0A})
    named = world.trunk("named", smsc, priority=2)
    world.trunk("other", other_smsc, priority=1)
    campaign_id = world.campaign("c", numbered(5), trunk_id=named)
    world.wait_for_counts(campaign_id, {"submitted": 4, "failed": 1})
    assert other_smsc.submissions == []


def test_what_was_routed_to_a_trunk_that_goes_down_is_given_to_a_third(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine, closed_port: int
) -> None:
    smsc.behaviour = Behaviour(reject={"3$": 0x0A})
    values = {"host": "127.0.0.1", "port": str(closed_port), "system_id": "x"}
    world.trunk("first", smsc, priority=1)
    world.trunk("second", priority=2, values=values)
    world.wait_for_session(world.trunk("third", other_smsc, priority=3), "ready")
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"submitted": 5})
    assert [s.number for s in other_smsc.submissions] == ["34600000003"]


def test_a_message_that_waits_only_for_a_trunk_turned_off_fails(
    world: World, smsc: Smsc, engine: Engine, closed_port: int
) -> None:
    smsc.behaviour = Behaviour(reject={"3$": 0x0A})
    values = {"host": "127.0.0.1", "port": str(closed_port), "system_id": "x"}
    world.trunk("first", smsc, priority=1)
    second = world.trunk("second", priority=2, values=values)
    world.wait_for_session(second, "waiting")
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"submitted": 4, "queued": 1})
    world.switch(second, False)
    world.wait_for_counts(campaign_id, {"submitted": 4, "failed": 1})
    (row,) = [r for r in world.messages(campaign_id) if r["state"] == "failed"]
    assert row["result_code"] == "no_trunk_left"
