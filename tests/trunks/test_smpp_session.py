"""One session without a socket: answers, time-outs, and the rules of what is safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    Deferred,
    InDoubt,
    Rejected,
    TrunkDown,
)
from massivesms.trunks.base import Settled
from massivesms.trunks.smpp.events import Over, SessionEvent, State, Unread
from massivesms.trunks.smpp.pending import Pending, Single
from tests.trunks import wire
from tests.trunks.sessions import bound, outcomes, sequences, submit


def test_answers_match_in_any_order() -> None:
    session = bound()
    submit(session, 4)
    data = b"".join(wire.answer(n, f"id{n}") for n in (4, 2, 5, 3))
    got = outcomes(session.receive(data, 1.0))
    assert got == {n: Accepted((f"id{n + 1}",)) for n in (3, 1, 4, 2)}
    assert session.unanswered == 0


def test_an_answer_that_comes_twice_counts_once() -> None:
    session = bound()
    submit(session, 1)
    assert len(session.receive(wire.answer(2, "a") + wire.answer(2, "b"), 1.0)) == 1


@pytest.mark.parametrize("sequence", [0, 99, 0x7FFFFFFF, 0xFFFFFFFF])
def test_an_answer_to_nothing_is_ignored(sequence: int) -> None:
    session = bound()
    submit(session, 1)
    assert session.receive(wire.answer(sequence), 1.0) == []
    assert session.unanswered == 1


def test_the_window_is_never_exceeded() -> None:
    session = bound(window=3)
    submit(session, 5, segments=2)
    assert sequences(session) == [2, 3, 4]
    session.receive(wire.answer(3), 1.0)
    session.fill(1.0)
    assert sequences(session) == [5]
    session.tick(60.0)  # two have timed out; 6 is the enquiry
    session.fill(60.0)
    assert sequences(session) == [7, 8]


def test_no_answer_in_time_is_doubt_and_a_late_one_ends_it() -> None:
    session = bound(answer_timeout_s=10.0)
    submit(session, 2)
    session.receive(wire.answer(3, "b"), 9.9)
    assert session.tick(9.9) == []
    assert outcomes(session.tick(10.0)) == {1: InDoubt("answer_timeout")}
    late = session.receive(wire.answer(2, "late"), 12.0)
    assert outcomes(late) == {1: Accepted(("late",))}
    assert session.receive(wire.answer(2, "later"), 13.0) == []


def test_a_late_refusal_is_a_refusal() -> None:
    session = bound(answer_timeout_s=10.0)
    submit(session, 1)
    session.tick(10.0)
    late = outcomes(session.receive(wire.answer(2, status=0x0B), 12.0))
    assert late == {
        1: Rejected("smpp_0000000B", "RINVDSTADR 0x0000000B", Decision.FAIL)
    }


def test_sequence_numbers_wrap_and_skip_those_outstanding() -> None:
    session = bound()
    submit(session, 2)  # 2 and 3
    session._window.sequence = 0x7FFFFFFE
    session.output.clear()
    session.submit([Single(message_id, b"") for message_id in (11, 12, 13)])
    session.fill(0.0)
    assert sequences(session) == [0x7FFFFFFF, 1, 4]


def test_sequence_numbers_skip_those_whose_late_answer_may_come() -> None:
    session = bound(answer_timeout_s=1.0)
    submit(session, 1)
    session.tick(1.0)
    session._window.sequence = 1
    session.output.clear()
    session.submit([Single(9, b"")])
    session.fill(1.0)
    assert sequences(session) == [3]


@pytest.mark.parametrize("status", [0x02, 0x03, 0x08, 0])
def test_a_nack_of_a_submission_is_its_refusal(status: int) -> None:
    session = bound()
    submit(session, 2)
    session.output.clear()
    events = session.receive(wire.pdu(wire.GENERIC_NACK, 2, b"", status), 1.0)
    got = outcomes(events)
    assert isinstance(got[1], Rejected)
    if status == 0x08:
        assert session.state is State.BOUND
        assert 2 not in got
    else:  # it does not understand our framing: the rest cannot be trusted
        assert got[2] == InDoubt("link_lost", "generic_nack")
        assert events[-1] == Over("protocol_error", "generic_nack")


def test_a_nack_of_nothing_is_ignored() -> None:
    session = bound()
    submit(session, 1)
    assert session.receive(wire.pdu(wire.GENERIC_NACK, 0, b"", 3), 1.0) == []
    assert session.state is State.BOUND


def test_not_bound_means_nothing_of_that_message_left() -> None:
    session = bound()
    submit(session, 2)
    session.output.clear()
    events = session.receive(wire.answer(2, status=0x04), 1.0)
    got = outcomes(events)
    assert got[1] == Deferred(0.0, "trunk_down", "RINVBNDSTS 0x00000004")
    assert isinstance(got[2], InDoubt)
    assert isinstance(events[-1], Over)


def test_an_unbind_is_answered_and_what_is_unanswered_is_in_doubt() -> None:
    session = bound(window=1)
    submit(session, 2)
    session.output.clear()
    events = session.receive(wire.pdu(wire.UNBIND, 77), 1.0)
    unbind_resp = (wire.UNBIND | wire.RESPONSE, 0, 77, b"")
    assert wire.pdus(bytes(session.output)) == [unbind_resp]
    assert outcomes(events) == {
        1: InDoubt("unbound_by_operator", "unbind"),
        2: TrunkDown("closed_by_operator", "unbind"),
    }
    assert events[-1] == Over("closed_by_operator", "unbind")


def test_an_unbind_resp_that_nobody_asked_for_is_ignored() -> None:
    session = bound()
    submit(session, 1)
    assert session.receive(wire.pdu(wire.UNBIND | wire.RESPONSE, 2), 1.0) == []
    assert session.unanswered == 1


def test_answers_count_until_our_unbind_is_answered() -> None:
    session = bound()
    submit(session, 1)
    session.unbind()
    data = wire.answer(2, "a") + wire.pdu(wire.UNBIND | wire.RESPONSE, 3)
    events = session.receive(data, 1.0)
    assert events == [Settled(1, Accepted(("a",))), Over("unbound")]


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0\x0f" + bytes(12), b"HTTP/1.1 400 Bad Request\r\n"],
    ids=["closed", "impossible length", "not SMPP"],
)
def test_the_end_of_the_stream_puts_what_was_sent_in_doubt(data: bytes) -> None:
    session = bound(window=1)
    submit(session, 3)
    session.output.clear()
    events = session.receive(data, 1.0)
    assert [e.octets for e in events if isinstance(e, Unread)] == (
        [data] if data else []
    )
    got = outcomes(events)
    assert isinstance(got[1], InDoubt)
    assert {type(got[2]), type(got[3])} == {TrunkDown}
    assert session.receive(wire.answer(2), 2.0) == []


def test_what_is_submitted_after_the_end_never_left() -> None:
    session = bound()
    session.lost("link_lost", "reset")
    events = session.submit([Single(1, b"x")])
    assert outcomes(events) == {1: TrunkDown("link_lost", "reset")}
    half = session.submit([Pending(2, [b"x", b"y"], {1: "a"})])
    assert outcomes(half) == {2: Deferred(0.0, "trunk_down", "reset", {1: "a"})}


def test_a_message_of_which_nothing_is_missing_is_finished_at_once() -> None:
    events = bound().submit([Pending(1, [b"x"], {1: "a"})])
    assert outcomes(events) == {1: Accepted(("a",))}


def test_what_was_not_begun_is_given_back() -> None:
    session = bound(window=3)
    submit(session, 3, segments=2)
    assert outcomes(session.give_back_unsent()) == {3: TrunkDown("service_stopped")}
    assert session.unanswered == 3


@given(st.lists(st.sampled_from([0, 0, 0, 0x58, 0x0B, 0x0A]), max_size=12), st.data())
def test_however_the_stream_is_cut_each_message_has_its_one_outcome(
    statuses: list[int], data: st.DataObject
) -> None:
    session = bound(window=50)
    submit(session, len(statuses))
    order = data.draw(st.permutations(range(len(statuses))))
    noise = wire.pdu(0x999, 7) + wire.pdu(wire.ENQUIRE_LINK, 8)
    stream = noise.join(wire.answer(n + 2, f"{n}", statuses[n]) for n in order)
    events: list[SessionEvent] = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        events += session.receive(stream[:cut], 1.0)
        stream = stream[cut:]
    events = [event for event in events if not isinstance(event, Unread)]
    kinds = {0: Accepted, 0x58: Deferred, 0x0B: Rejected, 0x0A: Rejected}
    assert len(events) == len(statuses)
    got = outcomes(events)
    assert {n: type(o) for n, o in got.items()} == {
        n + 1: kinds[status] for n, status in enumerate(statuses)
    }
