"""What becomes of messages in doubt by themselves: rules, receipts, late answers."""

from __future__ import annotations

import pytest

from massivesms.store import doubt_rules
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Receipts, Smsc

SETTLED_LONG_AGO = (
    "UPDATE message SET settled_at = settled_at - INTERVAL 1 HOUR"
    " WHERE state = 'in_doubt'"
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule waits for seconds; here it need not."""
    patched = doubt_rules.IN_DOUBT.replace(
        f"INTERVAL {doubt_rules.WAIT_S} SECOND", "INTERVAL 0 SECOND"
    )
    assert patched != doubt_rules.IN_DOUBT
    monkeypatch.setattr(doubt_rules, "IN_DOUBT", patched)


def silent_once() -> Behaviour:
    """Takes three messages, hangs up before it answers, and is well afterwards."""
    return Behaviour(
        hang_up="reset", hang_up_after=3, hang_up_before_answer=True, fault_times=1
    )


def test_held_ones_wait_for_a_person(world: World) -> None:
    with Smsc(silent_once()) as smsc:
        world.trunk("one", smsc, values={"window": "3"})
        campaign_id = world.campaign("c", numbered(10))
        with Engine(world.config):
            wait_until(lambda: world.counts(campaign_id).get("queued", 0) == 0, 20)
            wait_until(lambda: world.counts(campaign_id).get("submitting", 0) == 0, 20)
        counts = world.counts(campaign_id)
        assert 1 <= counts["in_doubt"] <= 3
        assert len(smsc.messages()) <= 10


def test_resend_sends_them_again(world: World) -> None:
    with Smsc(silent_once()) as smsc:
        world.trunk("one", smsc, values={"window": "3"})
        campaign_id = world.campaign("c", numbered(10), in_doubt="resend")
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 10}, 20)
        numbers = [one.number for one in smsc.messages()]
        assert len(set(numbers)) == 10
        assert len(numbers) <= 13


def test_resending_ends_after_three_times(world: World) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        world.trunk("one", smsc, values={"answer_timeout_s": "2"})
        campaign_id = world.campaign("c", numbered(1), in_doubt="resend")
        with Engine(world.config):
            wait_until(lambda: len(smsc.messages()) == 4, 30)
            world.wait_for_counts(campaign_id, {"in_doubt": 1}, 10)
        assert len(smsc.messages()) == 4


def test_assume_sent_takes_them_as_sent_and_says_so(world: World) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        world.trunk("one", smsc, values={"answer_timeout_s": "2"})
        campaign_id = world.campaign("c", numbered(2), in_doubt="assume_sent")
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 2}, 15)
        assert len(smsc.messages()) == 2
        codes = {row["result_code"] for row in world.messages(campaign_id)}
        assert codes == {"assumed_by_rule"}


@pytest.mark.parametrize("copies", [1, 2])
def test_a_receipt_settles_what_was_never_answered(world: World, copies: int) -> None:
    """By number and text: the operator never told us its id."""
    receipts = Receipts(delay_s=3.5, copies=copies)
    behaviour = Behaviour(drop_answer_share=1.0, receipts=receipts)
    with Smsc(behaviour) as smsc:
        world.trunk("one", smsc, values={"answer_timeout_s": "2"})
        campaign_id = world.campaign("c", numbered(4))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"delivered": 4}, 20)
        assert len(smsc.messages()) == 4


def test_a_receipt_that_came_first_settles_it_when_it_comes_in_doubt(
    world: World,
) -> None:
    behaviour = Behaviour(drop_answer_share=1.0, receipts=Receipts())
    with Smsc(behaviour) as smsc:
        world.trunk("one", smsc, values={"answer_timeout_s": "2"})
        campaign_id = world.campaign("c", numbered(4))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"delivered": 4}, 20)
        assert len(smsc.messages()) == 4


def test_a_receipt_of_another_text_settles_nothing(world: World) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        world.trunk("one", smsc, values={"answer_timeout_s": "2"})
        campaign_id = world.campaign("c", numbered(1, "Recordatorio de su cita"))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"in_doubt": 1}, 10)
            text = "id:77 stat:DELIVRD err:000 text:Su pedido"
            number = smsc.submissions[0].number
            smsc.deliver(number, "1234", text, esm_class=0x04)
            wait_until(lambda: world.ask("SELECT COUNT(*) FROM receipt") == 1, 5)
            assert world.counts(campaign_id) == {"in_doubt": 1}
