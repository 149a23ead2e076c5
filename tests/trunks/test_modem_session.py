"""The talk with a modem: to whom each line belongs, and what is never sent twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.outcomes import Deferred, InDoubt, Rejected, TrunkDown
from massivesms.trunks.modem.events import (
    Answered,
    Ask,
    Came,
    Ended,
    Final,
    Notice,
    Over,
    Rings,
    Send,
    SessionEvent,
    Stored,
    Ussd,
)
from massivesms.trunks.modem.session import Session
from massivesms.trunks.modem.tpdu import Pdu
from massivesms.trunks.modem.verdicts import outcome

PDU = Pdu(13, "0001000381" + "21F3" + "0000" + "0161")
SIGNAL = Ask("AT+CSQ")
SEND = Send(7, PDU)
COMMAND = b"AT+CMGS=13\r"
TEXT = PDU.text.encode() + b"\x1a"


def asked(job: Ask | Send = SIGNAL) -> Session:
    """A session with one job under way, its command written."""
    session = Session()
    session.do(job, 0)
    session.take_out()
    return session


def written() -> Session:
    """One whose text and Ctrl-Z are written."""
    session = asked(SEND)
    assert session.receive(b"\r\n> ", 1) == []
    assert session.take_out() == TEXT
    return session


def test_a_command_is_answered_by_its_lines_and_its_end() -> None:
    session = Session()
    session.do(SIGNAL, 0)
    assert session.take_out() == b"AT+CSQ\r"
    assert session.receive(b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n", 1) == [
        Answered(SIGNAL, ("+CSQ: 21,99",), Final("ok"))
    ]
    assert session.is_idle
    assert session.due_s is None


def test_an_echo_belongs_to_no_answer() -> None:
    assert asked().receive(b"AT+CSQ\r\r\n+CSQ: 21,99\r\n\r\nOK\r\n", 1) == [
        Answered(SIGNAL, ("+CSQ: 21,99",), Final("ok"))
    ]


def test_a_command_waits_for_the_one_before() -> None:
    session = asked()
    session.do(Ask("AT+CREG?"), 0)
    assert session.take_out() == b""
    session.receive(b"\r\nOK\r\n", 1)
    assert session.take_out() == b"AT+CREG?\r"


def test_the_text_is_written_only_after_the_prompt() -> None:
    session = Session()
    session.do(SEND, 0)
    assert session.take_out() == COMMAND
    session.receive(b"AT+CMGS=13\r\r\n", 1)
    assert session.take_out() == b""
    session.receive(b"> ", 1)
    assert session.take_out() == TEXT


def test_a_prompt_that_comes_twice_gets_one_text() -> None:
    session = written()
    assert session.receive(b"\r\n> \r\n", 1) == []
    assert session.take_out() == b""
    assert session.due_s == 121
    ended = session.receive(b">\r\n+CMGS: 42\r\n\r\nOK\r\n", 2)
    assert (ended, session.take_out()) == ([Ended(7, 42, Final("ok"), True)], b"")


def test_a_message_ends_with_its_reference() -> None:
    assert written().receive(b"\r\n+CMGS: 42\r\n\r\nOK\r\n", 2) == [
        Ended(7, 42, Final("ok"), is_written=True)
    ]


def test_an_echo_of_the_text_is_no_answer() -> None:
    answer = TEXT + b"\r\n\r\n+CMGS: 42\r\n\r\nOK\r\n"
    assert written().receive(answer, 2) == [Ended(7, 42, Final("ok"), True)]


def test_lines_that_nobody_asked_for_may_fall_anywhere() -> None:
    session = asked(SEND)
    events = session.receive(b'\r\n^RSSI:19\r\n\r\n+CMTI: "SM",3\r\n\r\n> ', 1)
    assert session.take_out() == TEXT
    noise = b"\r\n+CDS: 25\r\n0006\r\n\r\nRING\r\n\r\n+CREG: 1\r\n+CMGS: 42\r\n"
    events += session.receive(noise + b'+CLIP: "+58414",145\r\n\r\nOK\r\n', 2)
    assert events == [
        Notice("^RSSI:19"),
        Stored("SM", 3),
        Came("0006"),
        Rings(None),
        Notice("+CREG: 1"),
        Rings("+58414"),
        Ended(7, 42, Final("ok"), is_written=True),
    ]


def test_a_message_that_comes_while_others_are_listed_is_not_among_them() -> None:
    listing = Ask("AT+CMGL=4")
    session = asked(listing)
    events = session.receive(
        b"\r\n+CMGL: 1,1,,3\r\n0102\r\n+CMT: ,2\r\nAABB\r\n"
        b"+CMGL: 2,1,,3\r\n0304\r\n\r\nOK\r\n",
        1,
    )
    lines = ("+CMGL: 1,1,,3", "0102", "+CMGL: 2,1,,3", "0304")
    assert events == [Came("AABB"), Answered(listing, lines, Final("ok"))]


def test_a_ussd_text_may_have_several_lines() -> None:
    text = b'\r\n+CUSD: 0,"Saldo\r\nBs. 12,50",15\r\n'
    assert Session().receive(text, 0) == [Ussd(0, "Saldo\nBs. 12,50", 15)]


@pytest.mark.parametrize(
    ("line", "final"),
    [
        pytest.param(b"+CME ERROR: 10", Final("cme", 10), id="number"),
        pytest.param(
            b"+CME ERROR: SIM not inserted",
            Final("cme", 10, "SIM not inserted"),
            id="words",
        ),
        pytest.param(
            b"+CMS ERROR: no such thing",
            Final("error", 0, "no such thing"),
            id="words that nobody knows",
        ),
        pytest.param(b"ERROR", Final("error", 0, "ERROR"), id="bare"),
        pytest.param(
            b"COMMAND NOT SUPPORT",
            Final("error", 0, "COMMAND NOT SUPPORT"),
            id="a stick's own",
        ),
    ],
)
def test_an_error_ends_a_command(line: bytes, final: Final) -> None:
    assert asked().receive(b"\r\n" + line + b"\r\n", 1) == [Answered(SIGNAL, (), final)]


def test_without_a_prompt_the_message_is_broken_off() -> None:
    session = asked(SEND)
    assert session.due_s == 10
    assert session.check(9.9) == []
    assert session.check(10) == [Ended(7, None, Final("silent"), is_written=False)]
    assert session.take_out() == b"\x1b"


def test_a_prompt_that_comes_late_gets_no_text() -> None:
    session = asked(SEND)
    session.do(SIGNAL, 1)
    session.check(10)
    session.take_out()
    session.receive(b"\r\n> ", 11)
    assert session.take_out() == b"\x1b"
    session.receive(b"\r\nOK\r\n", 12)
    assert session.take_out() == b"AT+CSQ\r"


def test_without_a_result_the_message_is_in_doubt_and_the_session_over() -> None:
    session = written()
    assert session.due_s == 121
    events = session.check(121)
    assert events == [Ended(7, None, Final("silent"), is_written=True), Over()]
    assert session.is_over
    assert isinstance(told(events[0]), InDoubt)


def test_a_reference_without_an_end_is_enough() -> None:
    session = written()
    session.receive(b"\r\n+CMGS: 42\r\n", 2)
    assert told(session.check(121)[0]) is None


def test_only_the_message_whose_text_was_written_is_in_doubt() -> None:
    session = written()
    session.do(Send(8, PDU), 2)
    first, second = session.end()
    assert told(first) == InDoubt("modem_gone")
    assert told(second) == TrunkDown("modem_gone_before")


def told(event: SessionEvent) -> object:
    assert isinstance(event, Ended)
    return outcome(event, {})


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        pytest.param("+CMS ERROR: 42", "retry", "retry", id="congestion"),
        pytest.param("+CMS ERROR: 38", "once_more", "once_more", id="38"),
        pytest.param("+CMS ERROR: 1", "fail", "fail", id="no such number"),
        pytest.param("+CMS ERROR: 310", "stop_trunk", "stop_trunk", id="no SIM"),
        pytest.param("+CME ERROR: 20", "retry", "retry", id="storage full"),
        pytest.param("+CMS ERROR: 331", "retry", "doubt", id="no network"),
        pytest.param("+CMS ERROR: 332", "retry", "doubt", id="network silent"),
        pytest.param("+CMS ERROR: 500", "retry", "doubt", id="unknown"),
        pytest.param("+CMS ERROR: 999", "retry", "doubt", id="in no table"),
        pytest.param("ERROR", "retry", "doubt", id="bare"),
        pytest.param("OK", "retry", "doubt", id="no reference"),
    ],
)
def test_an_error_decides(error: str, before: str, after: str) -> None:
    line = f"\r\n{error}\r\n".encode()
    assert decided(asked(SEND).receive(line, 1)) == before
    assert decided(written().receive(line, 2)) == after


def decided(events: list[SessionEvent]) -> str:
    (event,) = events
    found = told(event)
    if isinstance(found, InDoubt):
        return "doubt"
    assert isinstance(found, Rejected)
    return found.decision.value


def test_what_was_taken_before_is_remembered() -> None:
    ended = Ended(7, None, Final("silent"), is_written=False)
    found = outcome(ended, {1: "4"})
    assert found == Deferred(0.0, "modem_no_prompt", "", {1: "4"})


PIECES = [
    *(b"\r\n", b"OK\r\n", b"ERROR\r\n", b"> ", b"+CMGS: 5\r\n", b"+CMT: ,3\r\n"),
    *(b"AABB\r\n", b"+CMS ERROR: 38\r\n", b'+CUSD: 1,"a\r\n', b"RING\r\n", TEXT),
    *(b"\x00\xff", b'+CMTI: "SM",1\r\n', b"+CSQ: 1,2\r\n", COMMAND),
]


@given(pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=9), max_size=30))
def test_whatever_comes_each_message_ends_once(pieces: list[bytes]) -> None:
    session = Session()
    for key in range(3):
        session.do(Send(key, PDU), 0)
        session.do(SIGNAL, 0)
    events: list[SessionEvent] = []
    texts_written = 0
    for piece in pieces:
        events += session.receive(piece, 1)
        texts_written += session.take_out().count(TEXT)
    events += session.end()
    ended = [event for event in events if isinstance(event, Ended)]
    assert [one.key for one in ended] == [0, 1, 2]
    assert sum(one.is_written for one in ended) == texts_written
    assert sum(isinstance(event, Answered) for event in events) == 3


@given(data=st.data())
def test_pieces_may_be_of_any_size(data: st.DataObject) -> None:
    whole = b"".join(data.draw(st.lists(st.sampled_from(PIECES), max_size=15)))
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=6).map(sorted))
    bounds = [0, *cuts, len(whole)]
    in_pieces = asked()
    events: list[SessionEvent] = []
    for begin, end in zip(bounds, bounds[1:], strict=False):
        events += in_pieces.receive(whole[begin:end], 1)
    assert events == asked().receive(whole, 1)
