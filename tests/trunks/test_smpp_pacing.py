"""A session asks the pace for each segment, and does all else meanwhile."""

from __future__ import annotations

import time

import pytest

from massivesms.domain.outcomes import Accepted, TrunkDown
from massivesms.trunks.base import Pace
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.trunks import wire
from tests.trunks.conftest import Driver, settings, submission
from tests.trunks.paces import Granting, Steady
from tests.trunks.sessions import bound, outcomes, sequences, submit


def driver(smsc: Smsc, pace: Pace, **values: str) -> Driver:
    own = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
    one = Driver.paced(settings("smpp", **(own | values)), pace)
    one.open()
    return one


def test_only_what_the_pace_grants_is_written() -> None:
    pace = Granting(2)
    session = bound(pace=pace)
    submit(session, 5)
    assert sequences(session) == [2, 3]
    assert (session.waiting, session.unanswered) == (3, 2)
    pace.left = 2
    session.fill(1.0)
    assert sequences(session) == [4, 5]


def test_the_pace_is_asked_for_no_more_than_the_window_has_free() -> None:
    pace = Granting(100)
    session = bound(window=3, pace=pace)
    submit(session, 5)
    session.fill(0.0)
    assert pace.asked == [3], "and not at all while the window is full"
    session.receive(wire.answer(2) + wire.answer(3), 1.0)
    session.fill(1.0)
    assert pace.asked == [3, 2]


def test_each_segment_of_a_long_message_is_asked_for() -> None:
    pace = Granting(2)
    session = bound(pace=pace)
    submit(session, 1, segments=3)
    assert (session.unanswered, session.waiting) == (2, 1)


def test_it_wakes_up_when_the_pace_grants_again() -> None:
    session = bound(pace=Granting(1, next_s=0.0021))
    submit(session, 2)
    assert session.next_tick_s(0.0) == pytest.approx(0.0021)
    session.receive(wire.answer(2), 0.0)
    assert session.next_tick_s(0.0) == pytest.approx(0.0021)


def test_the_pace_does_not_wake_it_when_nothing_waits_or_fits() -> None:
    session = bound(window=1, pace=Granting(1, next_s=0.002), answer_timeout_s=9.0)
    submit(session, 2)
    assert session.next_tick_s(0.0) == pytest.approx(4.5), "a full window may stall"
    idle = bound(pace=Granting(0, next_s=0.002))
    assert idle.next_tick_s(0.0) == pytest.approx(25.0)


def test_what_the_pace_never_granted_is_given_back_at_the_end() -> None:
    session = bound(pace=Granting(1))
    submit(session, 3)
    session.output.clear()
    assert outcomes(session.give_back_unsent()) == {
        2: TrunkDown("service_stopped"),
        3: TrunkDown("service_stopped"),
    }
    assert session.unanswered == 1


@pytest.mark.parametrize("rate_per_s", [100, 500])
def test_the_smsc_sees_the_rate(rate_per_s: int) -> None:
    n = rate_per_s // 2 + 1
    with Smsc() as smsc:
        one = driver(smsc, Steady(rate_per_s), window="100")
        one.send(*(submission(i) for i in range(n)))
        one.until(lambda: len(one.outcomes) == n)
        one.close()
        assert 0.49 <= smsc.span_s() < 0.6
        assert set(map(type, one.outcomes.values())) == {Accepted}


def test_a_pause_neither_spins_nor_stops_reading_and_answering() -> None:
    with Smsc(Behaviour(receipts=Receipts())) as smsc:
        one = driver(smsc, Granting(1))
        one.send(submission(1), submission(2))
        one.until(lambda: one.receipts and 1 in one.outcomes)
        assert smsc.wait_until(lambda: smsc.delivered_answers)
        smsc.behaviour = Behaviour(unsolicited={"enquire_link": 0.01})
        one.until(lambda: len(smsc.other_answers) > 2)
        smsc.behaviour = Behaviour()
        used_s = time.process_time()
        one.session.poll(0.3, -1)
        assert time.process_time() - used_s < 0.1
        assert len(smsc.submissions) == 1
        one.close()
        assert one.outcomes[2] == TrunkDown("service_stopped")


def test_a_pace_that_says_now_and_grants_nothing_does_not_make_it_spin() -> None:
    class Broken(Granting):
        def wait_s(self, now_s: float) -> float:
            return 0.0

    with Smsc() as smsc:
        pace = Broken(0)
        one = driver(smsc, pace)
        one.send(submission(1))
        one.session.poll(0.2, -1)
        assert len(pace.asked) < 1100
        one.close(0.0)
