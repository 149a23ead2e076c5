"""The talk with the manager interface, by octets and moments alone."""

from __future__ import annotations

import hashlib

import pytest

from massivesms.trunks.asterisk.events import (
    Answered,
    Happened,
    LoggedIn,
    Over,
    Unanswered,
)
from massivesms.trunks.asterisk.session import (
    ALIVE_ANSWER_S,
    ALIVE_S,
    ANSWER_S,
    SIGN_IN_S,
    Access,
    Session,
)

BANNER = b"Asterisk Call Manager/9.0.0\r\n"


def written(session: Session) -> str:
    """What goes out now, all of it."""
    output = session.output
    session.wrote(len(output))
    return output.decode()


def answer(key: int, *lines: str) -> bytes:
    text = "\r\n".join([lines[0], f"ActionID: massivesms-{key}", *lines[1:]])
    return f"{text}\r\n\r\n".encode()


@pytest.fixture
def session() -> Session:
    """Signed in; its next action has key 2."""
    session = Session(Access("ana", "secreto", "plain", "call"), 0.0)
    session.receive(BANNER, 0.0)
    written(session)
    accepted = answer(1, "Response: Success", "Message: Authentication accepted")
    [event] = session.receive(accepted, 0.0)
    assert event == LoggedIn("Asterisk Call Manager/9.0.0")
    return session


def test_the_secret_stays_here_when_it_is_asked_by_challenge() -> None:
    session = Session(Access("ana", "secreto", "md5", "call"), 0.0)
    assert session.output == b""
    session.receive(BANNER, 0.0)
    assert "Action: Challenge\r\n" in written(session)
    session.receive(answer(1, "Response: Success", "Challenge: 123"), 0.0)
    login = written(session)
    key = hashlib.md5(b"123secreto").hexdigest()
    assert f"Username: ana\r\nAuthType: MD5\r\nKey: {key}\r\nEvents: call" in login
    assert "secreto" not in login
    assert "secreto" not in repr(Access("ana", "secreto"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "Authentication failed",
            Over("asterisk_login", "", True),
        ),
        ("Login Already In Use", Over("asterisk_in_use")),
    ],
)
def test_a_refused_sign_in_is_told_apart(said: str, expected: Over) -> None:
    session = Session(Access("ana", "x", "plain"), 0.0)
    session.receive(BANNER, 0.0)
    events = session.receive(answer(1, "Response: Error", f"Message: {said}"), 0.0)
    assert events == [expected]


def test_a_server_that_says_nothing_is_given_up() -> None:
    session = Session(Access("ana", "x"), 0.0)
    assert session.check(SIGN_IN_S - 1) == []
    assert session.check(SIGN_IN_S) == [Over("asterisk_login_silent")]


def test_answers_belong_to_their_action_and_not_to_the_last_one(
    session: Session,
) -> None:
    first = session.ask("DongleSendSMS", [], 0.0)
    second = session.ask("DongleSendSMS", [], 0.0)
    events = session.receive(
        answer(second, "Response: Error") + answer(first, "Response: Success"), 0.0
    )
    told = [(e.key, e.is_success) for e in events if isinstance(e, Answered)]
    assert told == [(second, False), (first, True)]


def test_a_list_is_answered_with_all_its_entries(session: Session) -> None:
    key = session.ask("DongleShowDevices", [], 0.0, is_list=True)
    start = answer(key, "Response: Success", "EventList: start")
    entry = answer(key, "Event: DongleDeviceEntry", "Device: dongle0")
    assert session.receive(start + entry, 0.0) == []
    foreign = b"Event: Hangup\r\nActionID: other-1\r\n\r\n"
    [event] = session.receive(foreign, 0.0)
    assert isinstance(event, Happened)
    done = answer(key, "Event: DongleShowDevicesComplete", "EventList: Complete")
    [event] = session.receive(done, 0.0)
    assert isinstance(event, Answered)
    assert event.is_success
    assert [entry.get("Device") for entry in event.entries] == ["dongle0"]


def test_the_action_id_of_another_program_is_not_ours(session: Session) -> None:
    session.ask("DongleSendSMS", [], 0.0)
    foreign = b"Event: OriginateResponse\r\nActionID: 2\r\n\r\n"
    [event] = session.receive(foreign, 0.0)
    assert isinstance(event, Happened)


def test_an_action_without_an_answer_is_given_up_and_a_late_one_belongs_to_nobody(
    session: Session,
) -> None:
    key = session.ask("DongleSendSMS", [], 0.0)
    written(session)
    session.receive(b"Event: x\r\n\r\n", ANSWER_S - 1)
    assert session.check(ANSWER_S) == [Unanswered(key, has_left=True)]
    assert session.receive(answer(key, "Response: Success"), ANSWER_S + 1) == []


def test_what_is_late_and_has_not_left_ends_the_talk_so_that_it_never_leaves(
    session: Session,
) -> None:
    first = session.ask("DongleSendSMS", [("Number", "1")], 0.0)
    session.wrote(len(session.output))
    second = session.ask("DongleSendSMS", [("Number", "2")], 1.0)
    session.wrote(len(session.output) - 1)
    session.receive(b"Event: x\r\n\r\n", ANSWER_S)  # it talks, but reads nothing
    assert session.check(ANSWER_S) == [Unanswered(first, has_left=True)]
    assert session.check(ANSWER_S + 1) == [
        Unanswered(second, has_left=False),
        Over("asterisk_silent"),
    ]
    assert session.is_over
    assert session.output == b""


def test_only_what_left_to_its_last_octet_may_have_been_read(session: Session) -> None:
    first = session.ask("DongleSendSMS", [("Number", "1")], 0.0)
    length = len(session.output)
    second = session.ask("DongleSendSMS", [("Number", "2")], 0.0)
    session.wrote(len(session.output) - 1)
    assert length
    events = session.receive(b"", 0.0)
    assert events == [
        Unanswered(first, has_left=True),
        Unanswered(second, has_left=False),
        Over("asterisk_closed"),
    ]


def test_silence_is_asked_about_and_then_given_up(session: Session) -> None:
    assert session.check(ALIVE_S) == []
    assert "Action: Ping" in written(session)
    session.receive(answer(2, "Response: Success", "Ping: Pong"), ALIVE_S + 1)
    assert session.check(ALIVE_S + ALIVE_ANSWER_S) == []
    again_s = 2 * ALIVE_S + 1
    session.check(again_s)
    assert "Action: Ping" in written(session)
    last = session.check(again_s + ALIVE_ANSWER_S)
    assert last == [Unanswered(3, has_left=True), Over("asterisk_silent")]


def test_garbage_in_the_middle_ends_the_talk(session: Session) -> None:
    key = session.ask("DongleSendSMS", [], 0.0)
    written(session)
    events = session.receive(b"x" * 300_000, 0.0)
    assert events[0] == Unanswered(key, has_left=True)
    assert isinstance(events[1], Over)
    assert events[1].code == "asterisk_garbage"
