"""The SMSC breaks the link, falls silent, refuses or stops: nothing is lost, nothing
goes twice, and people are told what happened.
"""

from __future__ import annotations

import pytest

from massivesms.domain import results
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge

WINDOW = 10


@pytest.mark.parametrize("how", ["reset", "close", "unbind"])
@pytest.mark.parametrize("before_answer", [True, False], ids=["unanswered", "answered"])
def test_a_broken_link_leaves_at_most_a_window_in_doubt(
    world: World, engine: Engine, how: str, before_answer: bool
) -> None:
    behaviour = Behaviour(
        hang_up=how,  # type: ignore[arg-type]
        hang_up_after=30,
        hang_up_before_answer=before_answer,
        fault_times=2,
    )
    with Smsc(behaviour) as smsc:
        world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = world.campaign("c", numbered(100))
        wait_until(lambda: finished(world, campaign_id), 20)
        in_doubt = world.counts(campaign_id).get("in_doubt", 0)
        assert in_doubt <= 2 * WINDOW
        assert world.counts(campaign_id)["submitted"] + in_doubt == 100
        assert world.counts(campaign_id) == world.real_counts(campaign_id)
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS


def test_dropped_answers_become_doubt_and_late_ones_resolve_it(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(late_answer_share=0.3, late_answer_s=3.0)) as smsc:
        values = {"window": "50", "answer_timeout_s": "2"}
        world.trunk("one", smsc, values=values)
        campaign_id = world.campaign("c", numbered(50))
        wait_until(lambda: world.counts(campaign_id).get("in_doubt"), 10)
        world.wait_for_counts(campaign_id, {"submitted": 50})
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS
        assert all(row["smsc_message_ids"] for row in world.messages(campaign_id))


def test_a_late_refusal_puts_a_message_in_doubt_back_in_the_queue(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    """The campaign was closed meanwhile: it must be opened again."""
    smsc.behaviour = Behaviour(throttle_share=1.0, answer_delay_s=3.0)
    world.trunk("one", smsc, values={"answer_timeout_s": "2"})
    campaign_id = world.campaign("c", numbered(1))
    world.wait_for_counts(campaign_id, {"in_doubt": 1})
    wait_until(lambda: not world.row(campaign_id)["open"], 10)
    smsc.behaviour = Behaviour()
    world.wait_for_counts(campaign_id, {"submitted": 1})


def test_a_silent_smsc_is_noticed_and_what_it_has_is_in_doubt(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.LINK_ANSWER_S", 1.0)
    with Smsc(Behaviour(silent_after=20, fault_times=1)) as smsc:
        values = {"window": str(WINDOW), "enquire_link_s": "1"}
        trunk_id = world.trunk("one", smsc, values=values)
        campaign_id = world.campaign("c", numbered(60))
        wait_until(lambda: finished(world, campaign_id), 20)
        counts = world.counts(campaign_id)
        assert counts["submitted"] >= 60 - 2 * WINDOW
        assert counts["submitted"] + counts["in_doubt"] == 60
        assert world.session(trunk_id)["error_code"] == "enquire_timeout"
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS


def test_an_smsc_that_restarts_is_bound_again(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    smsc.stop()
    world.wait_for_session(trunk_id, "waiting")
    campaign_id = world.campaign("c", numbered(20))
    smsc.start()
    world.wait_for_counts(campaign_id, {"submitted": 20})
    session = world.session(trunk_id)
    assert session["state"] == "ready"
    assert session["error_code"] in ("closed_by_operator", "connection_refused")


def test_a_wrong_password_stops_the_trunk_with_words_and_no_other(
    world: World, other_smsc: Smsc, engine: Engine
) -> None:
    with Smsc(Behaviour(password="right")) as smsc:
        trunk_id = world.trunk("one", smsc, values={"password": "wrong"})
        world.trunk("two", other_smsc, priority=2)
        campaign_id = world.campaign("c", numbered(10))
        world.wait_for_counts(campaign_id, {"submitted": 10})
        wait_until(lambda: world.trunk_row(trunk_id)["stopped_code"], 5)
        world.wait_for_session(trunk_id, "stopped")
        row = world.trunk_row(trunk_id)
        words = results.text(row["stopped_code"], row["stopped_detail"])
        assert words == (
            "The operator does not accept the user or password: RINVPASWD 0x0000000E"
        )
        more = world.campaign("d", numbered(10, first=100))
        world.wait_for_counts(more, {"submitted": 10})
        assert len(smsc.binds) == 1, "it does not try again by itself"


def test_ten_refusals_in_a_row_stop_the_trunk_and_put_nothing_in_doubt(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(reject={".": 0x0A}, answer_delay_s=(0.0, 0.1))) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": "20"})
        campaign_id = world.campaign("c", numbered(60))
        wait_until(lambda: world.trunk_row(trunk_id)["stopped_code"], 10)
        world.wait_for_session(trunk_id, "stopped")
        row = world.trunk_row(trunk_id)
        assert row["stopped_code"] == "refused_in_a_row"
        assert "RINVSRCADR" in row["stopped_detail"]
        counts = world.counts(campaign_id)
        assert "in_doubt" not in counts, counts
        assert counts["queued"] >= 60 - 10 - 20
        assert len(smsc.submissions) <= 30


def test_a_text_that_a_trunk_cannot_carry_does_not_stop_the_trunk(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("latin", smsc, values={"default_alphabet": "latin1"})
    world.trunk("gsm", other_smsc, priority=2)
    world.wait_for_session(trunk_id, "ready")
    campaign_id = world.campaign("c", numbered(30, "solo 9 € {n} " + "x" * 70))
    world.wait_for_counts(campaign_id, {"submitted": 30})
    assert len(other_smsc.submissions) == 30
    assert world.trunk_row(trunk_id)["stopped_code"] is None


def test_no_credit_stops_the_trunk_and_keeps_the_messages(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    smsc.behaviour = Behaviour(reject={".": 0x40B})
    trunk_id = world.trunk("one", smsc, values={"window": "5"})
    campaign_id = world.campaign("c", numbered(10))
    wait_until(lambda: world.trunk_row(trunk_id)["stopped_code"], 10)
    world.wait_for_session(trunk_id, "stopped")
    assert world.counts(campaign_id) == {"queued": 10}
    smsc.behaviour = Behaviour()
    world.switch(trunk_id, True)  # a person has paid
    world.wait_for_counts(campaign_id, {"submitted": 10})


def finished(world: World, campaign_id: int) -> bool:
    counts = world.counts(campaign_id)
    return not counts.get("queued") and not counts.get("submitting")
