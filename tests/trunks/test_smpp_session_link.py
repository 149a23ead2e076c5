"""A session's link: the bind, enquiries, and PDUs that nobody expects."""

from __future__ import annotations

import pytest

from massivesms.domain.outcomes import Accepted
from massivesms.trunks.smpp.events import (
    BindRefused,
    Bound,
    Delivered,
    Over,
    SessionEvent,
    State,
    Unread,
)
from massivesms.trunks.smpp.session import Session
from tests.trunks import wire
from tests.trunks.sessions import BIND_RESP, bound, outcomes, submit


def test_an_enquiry_goes_out_after_silence_and_must_be_answered() -> None:
    session = bound(enquire_link_s=25.0)
    assert session.tick(24.9) == []
    assert not session.output
    session.tick(25.0)
    ((command, _, sequence, _),) = wire.pdus(bytes(session.output))
    assert command == wire.ENQUIRE_LINK
    assert session.tick(33.9) == []
    assert session.tick(34.0) == [Over("enquire_timeout")]
    assert sequence == 2


def test_an_enquiry_that_is_answered_or_nacked_keeps_the_link() -> None:
    for command in (wire.ENQUIRE_LINK | wire.RESPONSE, wire.GENERIC_NACK):
        session = bound()
        session.tick(25.0)
        session.receive(wire.pdu(command, 2), 26.0)
        assert session.tick(40.0) == []


def test_any_pdu_is_a_sign_of_life() -> None:
    session = bound()
    session.receive(wire.pdu(wire.ALERT_NOTIFICATION, 5), 24.0)
    session.tick(30.0)
    assert not session.output


def test_the_smscs_enquiry_is_answered() -> None:
    session = bound()
    session.receive(wire.pdu(wire.ENQUIRE_LINK, 9), 1.0)
    assert bytes(session.output) == wire.pdu(wire.ENQUIRE_LINK | wire.RESPONSE, 9)


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (wire.pdu(BIND_RESP, 1, b"smsc\0"), Bound("smsc")),
        (wire.pdu(BIND_RESP, 1), Bound("")),
        (wire.pdu(BIND_RESP, 1, b"s\0" + wire.tlv(0x210, b"4")), Bound("s")),
        (wire.pdu(BIND_RESP, 1, b"", 0x0E), BindRefused(0x0E)),
        (wire.pdu(wire.GENERIC_NACK, 1, b"", 3), BindRefused(3)),
        (wire.pdu(wire.GENERIC_NACK, 0, b"", 0), BindRefused(3)),
        (wire.pdu(wire.UNBIND, 1), Over("closed_by_operator", "unbind")),
        (b"", Over("closed_by_operator")),
    ],
    ids=["taken", "no body", "TLV", "refused", "nacked", "nacked 0", "unbind", "end"],
)
def test_a_bind_ends_so(data: bytes, event: SessionEvent) -> None:
    session = Session(10, 60.0, 25.0)
    session.bind(wire.BIND_TRANSCEIVER, b"", 0.0)
    assert session.receive(data, 1.0) == [event]


@pytest.mark.parametrize(
    "data",
    [
        wire.pdu(BIND_RESP, 9),
        wire.answer(1),
        wire.pdu(wire.DATA_SM | wire.RESPONSE, 1, b"\0"),
        wire.pdu(wire.ENQUIRE_LINK, 1),
        wire.pdu(0x999, 1),
    ],
    ids=["other sequence", "submit_sm_resp", "data_sm_resp", "enquiry", "unknown"],
)
def test_only_its_own_answer_makes_a_bind(data: bytes) -> None:
    session = Session(10, 60.0, 25.0)
    session.bind(wire.BIND_TRANSCEIVER, b"", 0.0)
    session.receive(data, 1.0)
    assert session.state is State.BINDING
    assert session.tick(14.9) == []
    assert session.tick(15.0) == [Over("bind_timeout")]


def test_a_receipt_may_come_before_the_bind_is_answered() -> None:
    session = Session(10, 60.0, 25.0)
    session.bind(wire.BIND_TRANSCEIVER, b"", 0.0)
    (event,) = session.receive(wire.deliver(1, b"id:1 stat:DELIVRD"), 1.0)
    assert isinstance(event, Delivered)
    assert session.state is State.BINDING


UNKNOWN = wire.pdu(0x999, 5, b"body")
CUT_OFF = wire.pdu(wire.DELIVER_SM, 5, b"x")


@pytest.mark.parametrize(
    ("data", "said", "events"),
    [
        (UNKNOWN, wire.pdu(wire.GENERIC_NACK, 5, b"", 3), [Unread(UNKNOWN)]),
        (wire.pdu(0x999 | wire.RESPONSE, 5), b"", []),
        (wire.pdu(wire.ALERT_NOTIFICATION, 5, b"\0" * 9), b"", []),
        (CUT_OFF, b"", [Unread(CUT_OFF, wire.DELIVER_SM, 5)]),
    ],
    ids=["unknown", "unknown answer", "alert", "unreadable deliver_sm"],
)
def test_what_it_does_not_know_does_not_end_it(
    data: bytes, said: bytes, events: list[Unread]
) -> None:
    session = bound()
    submit(session, 1)
    session.output.clear()
    assert session.receive(data, 1.0) == events
    assert bytes(session.output) == said
    assert outcomes(session.receive(wire.answer(2), 1.0)) == {1: Accepted(("id",))}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, wire.pdu(wire.GENERIC_NACK, 5, b"", 2)),
        (0x64, wire.pdu(wire.DELIVER_SM | wire.RESPONSE, 5, b"\0", 0x64)),
    ],
    ids=["kept: refused", "not kept: please again"],
)
def test_an_unreadable_delivery_is_answered_when_it_is_kept(
    status: int, said: bytes
) -> None:
    session = bound()
    (event,) = session.receive(CUT_OFF, 1.0)
    assert isinstance(event, Unread)
    session.output.clear()
    session.answer_delivery(event, status)
    assert bytes(session.output) == said
