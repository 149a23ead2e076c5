"""Long messages in each form that operators take, and the fields of a trunk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from massivesms.domain.outcomes import Accepted, Rejected
from massivesms.domain.segments import reference, reference16, split
from massivesms.trunks.base import TrunkSettings
from tests.fakes.smsc import Behaviour, Smsc
from tests.trunks.conftest import Driver, settings, submission

Drive = Callable[[TrunkSettings], Driver]
FORMS = ["udh8", "udh16", "sar", "payload"]
TEXTS = {
    "GSM": "0123456789" * 40,
    "escapes at the cuts": "a" * 151 + "€" * 100,
    "UCS-2": "Ж" * 150,
    "pairs at the cuts": "Ж" * 65 + "🎉" * 60,
    "full to the last": "x" * 306,
}


def at(smsc: Smsc, **values: str) -> TrunkSettings:
    own = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
    return settings("smpp", **{**own, **values})


def sent(drive: Drive, smsc: Smsc, text: str, **values: str) -> Driver:
    one = drive(at(smsc, **values))
    one.open()
    one.send(submission(77, text))
    one.until(lambda: one.outcomes)
    return one


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("form", FORMS)
def test_the_phone_shows_the_text_whatever_the_form(
    drive: Drive, form: str, text: str
) -> None:
    with Smsc() as smsc:
        one = sent(drive, smsc, text, long_messages=form)
        (message,) = smsc.messages()
        assert (message.text, message.complete) == (text, True)
        ids = tuple(submitted.message_id for submitted in smsc.submissions)
        assert one.outcomes == {77: Accepted(ids)}, "one id for each submit_sm"
        assert smsc.refused == []


@pytest.mark.parametrize("form", FORMS)
def test_a_short_message_is_the_same_in_every_form(drive: Drive, form: str) -> None:
    with Smsc() as smsc:
        sent(drive, smsc, "x" * 160, long_messages=form)
        (only,) = smsc.submissions
        assert (only.fields.esm_class, only.fields.tlvs) == (0, {})
        assert only.fields.short_message == b"x" * 160


@pytest.mark.parametrize(
    ("text", "segments"),
    [("x" * 306, 3), ("x" * 304, 2), ("Ж" * 134, 3), ("Ж" * 132, 2)],
)
def test_a_wider_header_may_need_one_segment_more(
    drive: Drive, text: str, segments: int
) -> None:
    assert len(split(text).parts) == 2
    with Smsc() as smsc:
        one = sent(drive, smsc, text, long_messages="udh16")
        assert len(smsc.submissions) == segments
        outcome = one.outcomes[77]
        assert isinstance(outcome, Accepted)
        assert len(outcome.ids) == segments
        for submitted in smsc.submissions:
            header = submitted.fields.short_message[:7]
            assert header[:3] == b"\x06\x08\x04"
            assert int.from_bytes(header[3:5], "big") == reference16(77)
            assert len(submitted.fields.short_message) <= 159


def test_sar_fields_are_those_of_the_specification(drive: Drive) -> None:
    with Smsc() as smsc:
        sent(drive, smsc, "x" * 306, long_messages="sar")
        assert [s.fields.tlvs for s in smsc.submissions] == [
            {0x020C: reference16(77).to_bytes(2, "big"), 0x020E: b"\2", 0x020F: n}
            for n in (b"\1", b"\2")
        ]
        assert {s.fields.esm_class for s in smsc.submissions} == {0}


def test_a_payload_leaves_the_short_message_empty(drive: Drive) -> None:
    with Smsc() as smsc:
        sent(drive, smsc, "x" * 306, long_messages="payload")
        (only,) = smsc.submissions
        assert only.fields.short_message == b""
        assert only.fields.tlvs == {0x0424: b"x" * 306}


@pytest.mark.parametrize("form", ["udh8", "udh16", "sar"])
def test_only_the_missing_segments_go_again_with_the_same_reference(
    drive: Drive, form: str
) -> None:
    with Smsc(Behaviour(throttle_above_per_s=1)) as smsc:
        text = "0123456789" * 40
        one = sent(drive, smsc, text, long_messages=form)
        first = one.outcomes[77]
        assert not isinstance(first, Accepted)
        smsc.behaviour = Behaviour()
        taken = dict(first.accepted)  # type: ignore[union-attr]
        one.send(submission(77, text, taken=taken))
        one.until(lambda: isinstance(one.outcomes[77], Accepted))
        (message,) = smsc.messages()
        assert (message.text, message.complete) == (text, True)


def test_what_was_taken_in_segments_goes_again_in_one_piece(drive: Drive) -> None:
    with Smsc() as smsc:
        one = drive(at(smsc, long_messages="payload"))
        one.open()
        one.send(submission(1, "x" * 306, taken={1: "old"}))
        one.until(lambda: one.outcomes)
        assert one.outcomes == {1: Accepted((smsc.submissions[0].message_id or "",))}


def test_the_16_bit_reference_begins_with_the_8_bit_one() -> None:
    for message_id in (0, 1, 77, 2**63):
        assert reference16(message_id) >> 8 == reference(message_id)


def test_a_trunks_own_fields_are_on_the_wire(drive: Drive) -> None:
    values = {
        "service_type": "CMT",
        "protocol_id": "65",
        "priority_flag": "3",
        "dest_ton": "2",
        "dest_npi": "8",
        "source_ton": "0",
        "validity_hours": "0",
    }
    with Smsc() as smsc:
        sent(drive, smsc, "Hola", **values)
        fields = smsc.submissions[0].fields
        assert fields.service_type == "CMT"
        assert (fields.protocol_id, fields.priority_flag) == (65, 3)
        assert (fields.dest_ton, fields.dest_npi) == (2, 8)
        assert fields.source_ton == 0
        assert fields.validity_period == ""


@pytest.mark.parametrize(
    ("receipts", "receipts_for", "asked"),
    [
        ("yes", "all", 1),
        ("yes", "failures", 2),
        ("no", "all", 0),
        ("no", "failures", 0),
    ],
)
def test_the_receipts_that_are_wanted_are_asked_for(
    drive: Drive, receipts: str, receipts_for: str, asked: int
) -> None:
    with Smsc() as smsc:
        sent(drive, smsc, "Hola", receipts=receipts, receipts_for=receipts_for)
        assert smsc.submissions[0].fields.registered_delivery == asked


@pytest.mark.parametrize(
    ("alphabet", "text"),
    [
        ("latin1", "¿Qué tal, señor? @[]{}"),
        ("ascii", "all of this is ASCII @[]{}"),
        ("ascii", "¿Qué tal? 5 €"),
        ("latin1", "5 €"),
    ],
)
def test_the_operators_own_alphabet_shows_the_text(
    drive: Drive, alphabet: str, text: str
) -> None:
    behaviour = Behaviour(default_alphabet=alphabet)
    with Smsc(behaviour) as smsc:
        sent(drive, smsc, text, default_alphabet=alphabet)
        assert [message.text for message in smsc.messages()] == [text]


def test_a_text_that_would_cost_more_as_ucs2_is_refused(drive: Drive) -> None:
    with Smsc() as smsc:
        one = sent(drive, smsc, "x" * 80 + "ñ", default_alphabet="ascii")
        outcome = one.outcomes[77]
        assert isinstance(outcome, Rejected)
        assert (outcome.code, outcome.reason) == ("text_not_encodable", "ñ")
        assert smsc.submissions == []


def test_a_trunks_own_decision_is_the_one_that_counts(drive: Drive) -> None:
    with Smsc(Behaviour(reject={".": 0x45})) as smsc:
        one = sent(drive, smsc, "Hola", status_overrides="0x45=fail, 0x0B=retry")
        outcome = one.outcomes[77]
        assert isinstance(outcome, Rejected)
        assert outcome.decision == "fail"
