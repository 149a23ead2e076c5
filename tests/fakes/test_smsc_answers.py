"""The ways in which the simulator's answers leave."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fakes.bare_esme import (
    SUBMIT_SM,
    BareEsme,
    submit_body,
)
from tests.fakes.smsc import Behaviour, Smsc


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


@pytest.fixture
def esme(smsc: Smsc) -> Iterator[BareEsme]:
    with BareEsme(smsc) as client:
        yield client


def test_a_dropped_answer_leaves_the_message_accepted_and_untold(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.behaviour = Behaviour(drop_answer_share=1.0)
    esme.submit()
    esme.assert_nothing_is_before_an_enquiry()
    one = smsc.submissions[0]
    assert (one.accepted, one.status, one.message_id) == (True, None, None)
    assert len(smsc.messages()) == 1


def test_a_share_of_the_answers_is_dropped(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(drop_answer_share=0.2)
    sequences = [esme.submit() for _ in range(100)]
    smsc.wait_for(100)
    smsc.behaviour = Behaviour()
    last = esme.submit()
    answered: list[int] = []
    while not answered or answered[-1] != last:
        answered.append(esme.read().sequence)
    assert 60 < len(answered) < 100
    told = [one.status is not None for one in smsc.submissions]
    assert [one for one, is_told in zip(sequences, told, strict=False) if is_told] == (
        answered[:-1]
    )


def test_a_doubled_answer_comes_twice_with_the_same_id(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.behaviour = Behaviour(double_answer_share=1.0)
    esme.submit()
    first, second = esme.read_many(2)
    assert first == second
    assert len(smsc.submissions) == 1


@pytest.mark.parametrize("delay_s", [0.1, (0.1, 0.12)], ids=["fixed", "range"])
def test_answers_are_delayed(
    smsc: Smsc, esme: BareEsme, delay_s: float | tuple[float, float]
) -> None:
    smsc.behaviour = Behaviour(answer_delay_s=delay_s)
    sequence = esme.submit()
    smsc.wait_for(1)
    assert smsc.submissions[0].status is None
    esme.assert_nothing_is_before_an_enquiry()
    assert esme.read().sequence == sequence
    assert time.monotonic() - smsc.submissions[0].at_s >= 0.1
    assert smsc.submissions[0].status == 0


def test_a_wide_range_of_delays_reorders_answers(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(answer_delay_s=(0.0, 0.2))
    sequences = [esme.submit() for _ in range(20)]
    order = [answer.sequence for answer in esme.read_many(20)]
    assert sorted(order) == sequences
    assert order != sequences


def test_a_late_answer_comes_after_the_others(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(late_answer_share=1.0, late_answer_s=0.1)
    late = esme.submit()
    smsc.wait_for(1)
    smsc.behaviour = Behaviour()
    prompt = esme.submit()
    assert [answer.sequence for answer in esme.read_many(2)] == [prompt, late]


def test_answers_are_held_and_given_in_another_order(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.behaviour = Behaviour(shuffle_answers=10, shuffle_wait_s=60)
    sequences = [esme.submit() for _ in range(9)]
    esme.assert_nothing_is_before_an_enquiry()
    sequences.append(esme.submit())
    answers = esme.read_many(10)
    order = [answer.sequence for answer in answers]
    assert sorted(order) == sequences
    assert order != sequences
    ids = {one.sequence: one.body for one in answers}
    assert ids[sequences[0]] == b"1\0"  # each still gets its own id


def test_held_answers_do_not_wait_for_ever(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(shuffle_answers=10, shuffle_wait_s=0.05)
    sequence = esme.submit()
    assert esme.read().sequence == sequence


def test_held_answers_are_given_when_the_behaviour_changes(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.behaviour = Behaviour(shuffle_answers=10, shuffle_wait_s=60)
    sequence = esme.submit()
    smsc.wait_for(1)
    smsc.behaviour = Behaviour()
    assert esme.read().sequence == sequence


def test_an_answer_whose_link_is_gone_is_never_told(smsc: Smsc) -> None:
    smsc.behaviour = Behaviour(answer_delay_s=0.05)
    with BareEsme(smsc) as first:
        first.submit()
        smsc.wait_for(1)
    assert smsc.wait_until(lambda: smsc.links_open == 0)
    smsc.behaviour = Behaviour(answer_delay_s=0.1)
    with BareEsme(smsc) as second:
        assert second.ask(SUBMIT_SM, submit_body()).status == 0
    assert [one.status for one in smsc.submissions] == [None, 0]
