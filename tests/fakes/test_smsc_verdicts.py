"""What the simulator records, decides, and says in its answers."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from tests.fakes.bare_esme import (
    GENERIC_NACK,
    SUBMIT_SM,
    SUBMIT_SM_RESP,
    BareEsme,
    submit_body,
    tlv,
)
from tests.fakes.smsc import Behaviour, Smsc, Submission
from tests.fakes.smsc.verdicts import Verdicts


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


@pytest.fixture
def esme(smsc: Smsc) -> Iterator[BareEsme]:
    with BareEsme(smsc) as client:
        yield client


# What is recorded


def test_a_submission_is_recorded_field_by_field(smsc: Smsc, esme: BareEsme) -> None:
    before_s = time.monotonic()
    body = submit_body(
        "34600000009",
        b"caf\x05",
        sender="Acme",
        esm_class=0x03,
        data_coding=0x11,
        registered=1,
        validity=b"000001000000000R",
        schedule=b"300101000000000+",
        tlvs=tlv(0x1400, b"\x01\x02"),
    )
    esme.ask(SUBMIT_SM, body)
    one = smsc.submissions[0]
    assert before_s <= one.at_s <= time.monotonic()
    assert (one.system_id, one.sender, one.number) == ("tester", "Acme", "34600000009")
    assert (one.source_ton, one.source_npi) == (5, 0)
    assert (one.dest_ton, one.dest_npi) == (1, 1)
    assert (one.esm_class, one.data_coding, one.registered_delivery) == (3, 0x11, 1)
    assert one.validity_period == "000001000000000R"
    assert one.schedule_delivery_time == "300101000000000+"
    assert (one.short_message, one.tlvs) == (b"caf\x05", {0x1400: b"\x01\x02"})
    assert (one.message_id, one.status) == ("1", 0)


def test_the_receive_log_grows_while_it_is_held(smsc: Smsc, esme: BareEsme) -> None:
    log = smsc.submissions
    numbers = [f"3460000000{digit}" for digit in range(5)]
    for number in numbers:
        esme.submit(number)
    smsc.wait_for(5)
    assert [one.number for one in log] == numbers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 0x02),
        (submit_body(sender="123456789012345678901"), 0x02),
        (submit_body(number=""), 0x0B),
        (submit_body(validity=b"tomorrow"), 0x62),
        (submit_body(schedule=b"300101000000000"), 0x61),
        (submit_body(text=b"x" * 255), 0x01),
        (submit_body(text=b"hello")[:-1], 0x01),
        (submit_body(tlvs=b"\x14\x00\x00\x09x"), 0xC0),
        (submit_body(tlvs=b"\x14"), 0xC0),
        (submit_body(tlvs=tlv(0x0424, b"twice")), 0xC1),
    ],
    ids=[
        "empty body",
        "sender of 21 characters",
        "no number",
        "validity period that is no time",
        "schedule without its sign",
        "255 octets of text",
        "text cut off",
        "TLV longer than the PDU",
        "TLV without length",
        "text here and in message_payload",
    ],
)
def test_a_malformed_submission_is_refused_with_its_status(
    smsc: Smsc, esme: BareEsme, body: bytes, status: int
) -> None:
    answer = esme.ask(SUBMIT_SM, body)
    assert (answer.command, answer.status) == (SUBMIT_SM_RESP, status)
    assert smsc.submissions == []
    assert [refused.body for refused in smsc.refused] == [body]


# Verdicts


def test_numbers_are_rejected_by_pattern(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(reject={"^34699": 0x0B, "00$": 0x45})
    numbers = ["34600000001", "34699000000", "34600000100"]
    for number in numbers:
        esme.submit(number)
    assert [answer.status for answer in esme.read_many(3)] == [0, 0x0B, 0x45]
    assert [one.accepted for one in smsc.submissions] == [True, False, False]
    assert [one.message_id for one in smsc.submissions] == ["1", None, None]
    assert [message.number for message in smsc.messages()] == ["34600000001"]


def test_what_is_over_the_rate_is_throttled(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(throttle_above_per_s=3)
    for _ in range(5):
        esme.submit()
    statuses = [answer.status for answer in esme.read_many(5)]
    assert statuses == [0, 0, 0, 0x58, 0x58]


def test_the_rate_is_counted_over_the_second_that_ends_now() -> None:
    now_s = [100.0]
    behaviour = Behaviour(throttle_above_per_s=2)
    verdicts = Verdicts(behaviour, random.Random(1), clock=lambda: now_s[0])
    submission = Submission(0.0, "x", submit_body(), 1)

    def status_at(at_s: float) -> int:
        now_s[0] = at_s
        return verdicts.judge(submission).status

    statuses = [status_at(at_s) for at_s in (100.0, 100.5, 100.9, 101.1, 101.2, 101.6)]
    assert statuses == [0, 0, 0x58, 0, 0x58, 0]


def test_a_share_is_throttled_the_same_way_for_the_same_seed() -> None:
    def statuses(seed: int) -> list[int]:
        behaviour = Behaviour(throttle_share=0.5, seed=seed)
        with Smsc(behaviour) as smsc, BareEsme(smsc) as esme:
            for _ in range(200):
                esme.submit()
            return [answer.status for answer in esme.read_many(200)]

    first = statuses(1)
    assert set(first) == {0, 0x58}
    assert 60 < first.count(0x58) < 140
    assert statuses(1) == first
    assert statuses(2) != first


def test_some_are_rejected_by_a_generic_nack(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(nack_share=1.0, nack_status=0x02)
    assert esme.ask(SUBMIT_SM, submit_body()) == (
        GENERIC_NACK,
        0x02,
        esme.sequence,
        b"",
    )
    assert (smsc.submissions[0].accepted, smsc.submissions[0].status) == (False, 0x02)


@pytest.mark.parametrize(
    ("behaviour", "body"),
    [
        (Behaviour(reject={"": 0x08}), b""),
        (Behaviour(reject={"": 0x08}, error_body=True), b"\0"),
    ],
    ids=["as the specification says", "as many servers do"],
)
def test_an_error_answer_has_no_body_unless_told(
    smsc: Smsc, esme: BareEsme, behaviour: Behaviour, body: bytes
) -> None:
    smsc.behaviour = behaviour
    answer = esme.ask(SUBMIT_SM, submit_body())
    assert (answer.status, answer.body) == (0x08, body)


# Message ids


@pytest.mark.parametrize(
    ("form", "body"),
    [("hex", b"c\0"), ("decimal", b"12\0"), ("empty", b"\0")],
)
def test_message_ids_come_in_the_form_asked_for(
    smsc: Smsc, esme: BareEsme, form: str, body: bytes
) -> None:
    smsc.behaviour = Behaviour(message_id_form=form)  # type: ignore[arg-type]
    for _ in range(12):
        esme.submit()
    assert esme.read_many(12)[-1].body == body
    assert smsc.submissions[-1].message_id == body[:-1].decode()


def test_uuid_message_ids_are_all_different(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(message_id_form="uuid")
    for _ in range(20):
        esme.submit()
    ids = {answer.body for answer in esme.read_many(20)}
    assert len(ids) == 20
    assert {len(message_id) for message_id in ids} == {37}


def test_a_message_id_can_lack_its_final_nul(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(message_id_nul=False)
    assert esme.ask(SUBMIT_SM, submit_body()).body == b"1"


def test_ids_go_on_counting_when_the_behaviour_changes(
    smsc: Smsc, esme: BareEsme
) -> None:
    esme.ask(SUBMIT_SM, submit_body())
    smsc.behaviour = Behaviour(answer_tlvs={0x1400: b"x"})
    esme.ask(SUBMIT_SM, submit_body())
    assert [one.message_id for one in smsc.submissions] == ["1", "2"]


def test_unknown_tlvs_are_appended_to_the_answer(smsc: Smsc, esme: BareEsme) -> None:
    smsc.behaviour = Behaviour(answer_tlvs={0x1400: b"\x01", 0x0428: b"c"})
    body = b"1\0" + tlv(0x1400, b"\x01") + tlv(0x0428, b"c")
    assert esme.ask(SUBMIT_SM, submit_body()).body == body
