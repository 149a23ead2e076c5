"""The simulator's deliveries: asked for from outside, and kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.bare_esme import (
    BIND_RECEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    DELIVER_SM_RESP,
    SUBMIT_SM,
    SUBMIT_SM_RESP,
    UNBIND,
    BareEsme,
    pdu,
    submit_body,
)
from tests.fakes.smsc import Behaviour, Receipts, Smsc


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


@pytest.fixture
def esme(smsc: Smsc) -> Iterator[BareEsme]:
    with BareEsme(smsc) as client:
        yield client


# Receipts and messages from outside


def test_a_receipt_can_be_sent_for_an_id(smsc: Smsc, esme: BareEsme) -> None:
    message_id = esme.ask(SUBMIT_SM, submit_body("34600000005")).body[:-1].decode()
    smsc.send_receipt(message_id, "ENROUTE", esm_class=0x20)
    receipt = esme.read_delivered()
    assert (receipt.sender, receipt.esm_class) == ("34600000005", 0x20)
    assert b"stat:ENROUTE" in receipt.short_message
    assert receipt.tlvs[0x0427] == b"\x01"


def test_a_receipt_can_be_sent_for_a_submission_twice(
    smsc: Smsc, esme: BareEsme
) -> None:
    esme.ask(SUBMIT_SM, submit_body())
    smsc.send_receipt(smsc.submissions[0], copies=2)
    assert esme.read_delivered() == esme.read_delivered()


def test_a_receipt_can_be_about_a_message_that_never_was(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.send_receipt("beef", "UNDELIV", number="34600000001", sender="Shop")
    receipt = esme.read_delivered()
    assert (receipt.sender, receipt.number) == ("34600000001", "Shop")
    assert receipt.tlvs[0x001E] == b"beef\0"


@pytest.mark.parametrize(
    ("text", "data_coding", "octets"),
    [("да", 8, b"\x04\x34\x04\x30"), ("€@", 0, b"\x1b\x65\x00")],
    ids=["UCS-2", "GSM 7-bit"],
)
def test_an_incoming_message_is_delivered_in_its_alphabet(
    smsc: Smsc, esme: BareEsme, text: str, data_coding: int, octets: bytes
) -> None:
    smsc.deliver("34600000001", "12345", text, data_coding=data_coding)
    arrived = esme.read_delivered()
    assert (arrived.sender, arrived.number) == ("34600000001", "12345")
    assert (arrived.esm_class, arrived.data_coding) == (0, data_coding)
    assert arrived.short_message == octets


def test_a_text_that_its_alphabet_lacks_is_a_mistake_of_the_test(smsc: Smsc) -> None:
    with pytest.raises(ValueError, match="not in the GSM 7-bit alphabet"):
        smsc.deliver("34600000001", "12345", "sí")


def test_incoming_octets_go_out_as_they_are(smsc: Smsc, esme: BareEsme) -> None:
    octets = b"\x05\x00\x03\x01\x02\x01half"
    smsc.deliver(
        "34600000001", "12345", short_message=octets, esm_class=0x40, tlvs={5: b"x"}
    )
    arrived = esme.read_delivered()
    assert (arrived.esm_class, arrived.short_message) == (0x40, octets)
    assert arrived.tlvs == {5: b"x"}


# How they are kept


def test_deliveries_wait_until_somebody_receives(smsc: Smsc) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts())
    with BareEsme(smsc, bind=BIND_TRANSMITTER) as transmitter:
        transmitter.submit()
        assert transmitter.read().command == SUBMIT_SM_RESP
        transmitter.assert_nothing_is_before_an_enquiry()
        assert smsc.deliveries_waiting == 1
        with BareEsme(smsc, bind=BIND_RECEIVER, system_id="other") as stranger:
            stranger.assert_nothing_is_before_an_enquiry()
        with BareEsme(smsc, bind=BIND_RECEIVER) as receiver:
            assert receiver.read_delivered().tlvs[0x001E] == b"1\0"
    assert smsc.deliveries_waiting == 0


def test_an_unacknowledged_delivery_comes_again_on_the_next_link(smsc: Smsc) -> None:
    with BareEsme(smsc) as first:
        smsc.deliver("34600000001", "12345", "one")
        smsc.deliver("34600000001", "12345", "two")
        assert first.read_delivered(status=None).short_message == b"one"
    assert smsc.wait_until(lambda: smsc.links_open == 0)
    with BareEsme(smsc) as second:
        texts = [second.read_delivered().short_message for _ in range(2)]
        assert texts == [b"one", b"two"]
        assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 2)
    assert smsc.wait_until(lambda: smsc.links_open == 0)
    assert smsc.deliveries_waiting == 0


@pytest.mark.parametrize(
    ("status", "again"),
    [(0x64, True), (0x14, True), (0x0B, False)],
    ids=["temporary error", "queue full", "permanent error"],
)
def test_a_temporary_error_brings_the_delivery_again(
    smsc: Smsc, esme: BareEsme, status: int, again: bool
) -> None:
    smsc.behaviour = Behaviour(redeliver_s=0)
    smsc.deliver("34600000001", "12345", "hello")
    esme.read_delivered(status=status)
    assert smsc.wait_until(lambda: smsc.delivered_answers)
    if again:
        assert esme.read_delivered().short_message == b"hello"
    esme.assert_nothing_is_before_an_enquiry()


def test_deliveries_keep_to_their_window(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(deliver_window=2)
    for _ in range(3):
        smsc.deliver("34600000001", "12345", "hello")
    esme.read_delivered(status=None)
    second = esme.read()
    esme.assert_nothing_is_before_an_enquiry()
    esme.sock.sendall(pdu(DELIVER_SM_RESP, second.sequence, b"\0"))
    assert esme.read().command == DELIVER_SM


def test_nothing_is_delivered_on_a_link_that_was_asked_to_go(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.unbind_links()
    assert esme.read().command == UNBIND
    smsc.deliver("34600000001", "12345", "hello")
    esme.assert_nothing_is_before_an_enquiry()
    assert smsc.deliveries_waiting == 1


# Messages from people


def test_a_long_message_comes_in_parts_in_any_order_and_twice(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.deliver_long("34600000001", "5000", [b"a", b"b"], reference=7, order=[2, 1])
    assert esme.read_delivered().short_message == b"\x05\x00\x03\x07\x02\x02b"
    first = esme.read_delivered()
    assert (first.esm_class, first.short_message) == (
        0x40,
        b"\x05\x00\x03\x07\x02\x01a",
    )
    smsc.deliver_long(
        "34600000001", "5000", [b"a", b"b"], reference=0x1234, form="udh16"
    )
    assert esme.read_delivered().short_message == b"\x06\x08\x04\x12\x34\x02\x01a"
    esme.read_delivered()
    smsc.deliver_long(
        "34600000001", "5000", [b"a", b"b"], form="sar", order=[2], copies=2
    )
    last = esme.read_delivered()
    assert (last.esm_class, last.short_message) == (0, b"b")
    assert last.tlvs == {0x020C: b"\0\1", 0x020E: b"\2", 0x020F: b"\2"}
    assert esme.read_delivered() == last


def test_a_person_replies_once() -> None:
    behaviour = Behaviour(replies={"1$": "BAJA", "2$": "sí " * 40}, reply_delay_s=0)
    with Smsc(behaviour) as smsc, BareEsme(smsc) as esme:
        esme.ask(SUBMIT_SM, submit_body("34600000001"))
        reply = esme.read_delivered()
        for number in ("34600000001", "34600000003", "34600000002"):
            esme.ask(SUBMIT_SM, submit_body(number))
        assert (reply.sender, reply.short_message) == ("34600000001", b"BAJA")
        assert reply.esm_class == 0
        parts = [esme.read_delivered() for _ in range(2)]
        assert {part.esm_class for part in parts} == {0x40}
        assert {part.data_coding for part in parts} == {8}
        octets = b"".join(part.short_message[6:] for part in parts)
        assert octets.decode("utf-16-be") == "sí " * 40
