"""The simulator's receipts for what it accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.fakes.bare_esme import (
    SUBMIT_SM,
    SUBMIT_SM_RESP,
    BareEsme,
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


def test_a_final_receipt_follows_the_answer(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts())
    esme.submit("34600000001", b"hello")
    assert esme.read().command == SUBMIT_SM_RESP
    receipt = esme.read_delivered()
    assert (receipt.sender, receipt.number) == ("34600000001", "Shop")
    assert receipt.esm_class == 0x04
    assert re.fullmatch(
        rb"id:1 sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} "
        rb"stat:DELIVRD err:000 text:hello",
        receipt.short_message,
    )
    assert receipt.tlvs == {0x001E: b"1\0", 0x0427: b"\x02"}
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 1)


def test_a_receipt_quotes_the_text_without_its_header(
    smsc: Smsc, esme: BareEsme
) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts())
    segment = b"\x05\x00\x03\x07\x02\x01" + b"twenty characters and more"
    esme.ask(SUBMIT_SM, submit_body(text=segment, esm_class=0x40, registered=1))
    receipt = esme.read_delivered()
    assert receipt.short_message.endswith(b" text:twenty characters an")


def test_a_receipt_comes_after_its_delay(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts(delay_s=0.05))
    esme.submit()
    esme.read()
    esme.assert_nothing_is_before_an_enquiry()
    assert esme.read_delivered().tlvs[0x001E] == b"1\0"


def test_a_receipt_can_overtake_the_answer(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts(before_answer=True))
    esme.submit()
    assert esme.read_delivered().tlvs[0x001E] == b"1\0"
    assert esme.read().command == SUBMIT_SM_RESP
    esme.assert_nothing_is_before_an_enquiry()


def test_a_dropped_answer_still_has_its_receipt(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(drop_answer_share=1.0, receipts=Receipts())
    esme.submit()
    assert esme.read_delivered().tlvs[0x001E] == b"1\0"


def test_a_receipt_can_come_more_than_once(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts(copies=2))
    esme.submit()
    esme.read()
    assert esme.read_delivered() == esme.read_delivered()


@pytest.mark.parametrize(
    ("registered", "state", "comes"),
    [
        (0, "DELIVRD", False),
        (1, "DELIVRD", True),
        (1, "UNDELIV", True),
        (2, "DELIVRD", False),
        (2, "UNDELIV", True),
    ],
)
def test_receipts_come_only_where_registered_delivery_asks(
    smsc: Smsc, esme: BareEsme, registered: int, state: str, comes: bool
) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts(states={"": state}))
    esme.ask(SUBMIT_SM, submit_body(registered=registered))
    if comes:
        assert f"stat:{state}".encode() in esme.read_delivered().short_message
    else:
        esme.assert_nothing_is_before_an_enquiry()


def test_receipts_can_come_unasked(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(receipts=Receipts(unasked=True))
    esme.ask(SUBMIT_SM, submit_body(registered=0))
    assert esme.read_delivered().esm_class == 0x04


def test_rejected_messages_have_no_receipt(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(reject={"": 0x0B}, receipts=Receipts())
    esme.submit()
    assert esme.read().status == 0x0B
    esme.assert_nothing_is_before_an_enquiry()


@pytest.mark.parametrize(
    ("number", "stat", "err", "state"),
    [
        ("34600000001", "DELIVRD", "000", 2),
        ("34699000001", "UNDELIV", "0A1", 5),
        ("34688000001", "EXPIRED", "001", 3),
    ],
)
def test_the_state_follows_the_number(
    smsc: Smsc, esme: BareEsme, number: str, stat: str, err: str, state: int
) -> None:
    style = Receipts(
        states={"^34699": "UNDELIV", "^34688": "EXPIRED"}, errors={"UNDELIV": "0A1"}
    )
    smsc.behaviour = Behaviour(receipts=style)
    esme.submit(number)
    esme.read()
    receipt = esme.read_delivered()
    assert f"stat:{stat} err:{err} ".encode() in receipt.short_message
    assert receipt.tlvs[0x0427] == bytes((state,))


@pytest.mark.parametrize(
    ("style", "has_text", "tags"),
    [
        (Receipts(), True, {0x001E, 0x0427}),
        (Receipts(tlvs=False), True, set()),
        (Receipts(text=False), False, {0x001E, 0x0427}),
        (Receipts(in_payload=True, tlvs=False), False, {0x0424}),
    ],
    ids=["text and TLVs", "text only", "TLVs only", "message_payload"],
)
def test_a_receipt_says_it_in_text_or_in_tlvs(
    smsc: Smsc, esme: BareEsme, style: Receipts, has_text: bool, tags: set[int]
) -> None:
    smsc.behaviour = Behaviour(receipts=style)
    esme.submit()
    esme.read()
    receipt = esme.read_delivered()
    assert receipt.short_message.startswith(b"id:1 ") == has_text
    assert set(receipt.tlvs) == tags


def test_a_receipt_can_have_an_operators_own_text(smsc: Smsc, esme: BareEsme) -> None:
    style = Receipts(template="stat:{stat} submitdate:{date} id:{id}", date_format="0")
    smsc.behaviour = Behaviour(receipts=style)
    esme.submit()
    esme.read()
    assert esme.read_delivered().short_message == b"stat:DELIVRD submitdate:0 id:1"


@pytest.mark.parametrize(
    ("answered", "receipt_form", "in_answer", "in_receipt"),
    [
        ("hex", "same", b"c\0", b"c\0"),
        ("hex", "decimal", b"c\0", b"12\0"),
        ("decimal", "hex", b"12\0", b"c\0"),
        ("empty", "same", b"\0", b"c\0"),
    ],
)
def test_the_receipt_may_write_the_id_differently(
    smsc: Smsc,
    esme: BareEsme,
    answered: str,
    receipt_form: str,
    in_answer: bytes,
    in_receipt: bytes,
) -> None:
    for _ in range(11):
        esme.ask(SUBMIT_SM, submit_body())
    smsc.behaviour = Behaviour(
        message_id_form=answered,  # type: ignore[arg-type]
        receipts=Receipts(id_form=receipt_form),  # type: ignore[arg-type]
    )
    esme.submit()
    assert esme.read().body == in_answer
    receipt = esme.read_delivered()
    assert receipt.tlvs[0x001E] == in_receipt
    assert receipt.short_message.startswith(b"id:" + in_receipt[:-1] + b" ")
