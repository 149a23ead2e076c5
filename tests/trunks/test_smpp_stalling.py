"""An SMSC that takes segments and answers none is noticed before all are in doubt."""

from __future__ import annotations

from massivesms.domain.outcomes import InDoubt, TrunkDown
from massivesms.trunks.smpp.events import Over
from tests.trunks import wire
from tests.trunks.sessions import bound, outcomes, sequences, submit


def test_a_full_window_without_any_answer_ends_the_session() -> None:
    session = bound(window=3, enquire_link_s=1000.0)
    submit(session, 5)
    assert sequences(session) == [2, 3, 4], "on the wire"
    assert session.tick(29.9) == []
    assert session.next_tick_s(29.9) < 0.11
    events = session.tick(30.0)
    assert Over("no_answers") in events
    found = outcomes(events)
    assert [type(found[n]) for n in (1, 2, 3)] == [InDoubt] * 3
    assert [type(found[n]) for n in (4, 5)] == [TrunkDown] * 2


def test_one_answer_among_many_is_enough_to_go_on() -> None:
    session = bound(window=3, enquire_link_s=1000.0)
    submit(session, 5)
    session.receive(wire.answer(2), 29.0)
    session.fill(29.0)
    assert session.tick(30.0) == []
    assert session.tick(58.9) == []
    assert Over("no_answers") in session.tick(59.0)


def test_a_window_that_is_not_full_waits_for_the_time_out() -> None:
    session = bound(window=10, enquire_link_s=1000.0)
    submit(session, 3)
    assert session.tick(59.0) == []
    events = session.tick(60.0)
    assert len(outcomes(events)) == 3
    assert Over("no_answers") not in events, "three unlucky ones are no stall"


def test_several_in_a_row_in_vain_end_the_session() -> None:
    session = bound(window=10, enquire_link_s=1000.0)
    submit(session, 5)
    assert Over("no_answers") in session.tick(60.0)


def test_what_was_sent_before_an_answer_is_no_sign() -> None:
    session = bound(window=10, enquire_link_s=1000.0)
    submit(session, 6)
    session.receive(wire.answer(7), 1.0)
    events = session.tick(60.0)
    assert len(outcomes(events)) == 5
    assert Over("no_answers") not in events
