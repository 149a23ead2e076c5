"""What a campaign's messages share is made once, and never mixed up."""

from __future__ import annotations

import itertools

import pytest
from smpplib import smpp

from massivesms.domain.segments import split, udh
from massivesms.trunks.base import Submission
from massivesms.trunks.smpp import codec
from massivesms.trunks.smpp.mould import KEPT, Moulds
from massivesms.trunks.smpp.pending import Pending, Single
from tests.trunks.conftest import settings, submission
from tests.trunks.test_smpp_codec import FIRST, SimpleSequenceClient

SENDERS = {"Empresa": (5, 0), "5000": (3, 0), "34911222333": (1, 1), "": (0, 0)}
TEXTS = {"Hola {1} €": 0, "Ж🎉": 8, "": 0}


def theirs(one: Submission, octets: bytes, data_coding: int, esm_class: int) -> bytes:
    """The body of a submit_sm as smpplib makes it."""
    ton, npi = SENDERS[one.sender_id]
    pdu = smpp.make_pdu(
        "submit_sm",
        client=SimpleSequenceClient(),
        source_addr_ton=ton,
        source_addr_npi=npi,
        source_addr=one.sender_id,
        dest_addr_ton=1 if one.is_international else 0,
        dest_addr_npi=1,
        destination_addr=one.destination,
        esm_class=esm_class,
        registered_delivery=1,
        data_coding=data_coding,
        short_message=octets,
        validity_period="000001000000000R",
    ).generate()
    body: bytes = pdu[16:]
    return body


def octets_of(text: str) -> bytes:
    if TEXTS[text] == 8:
        return text.encode("utf-16-be")
    return (
        text.replace("€", "\x1be").replace("{", "\x1b(").replace("}", "\x1b)").encode()
    )


def test_each_message_of_mixed_campaigns_is_the_one_of_smpplib() -> None:
    moulds = Moulds(settings("smpp"))
    numbers = ("34600111222", "600111223")
    cases = list(itertools.product(numbers, (True, False), SENDERS, TEXTS))
    for _ in range(2):
        for n, (number, is_international, sender, text) in enumerate(cases):
            one = Submission(n, 3, number, is_international, sender, text, split(text))
            made = moulds.message(one)
            assert isinstance(made, Single)
            assert made.body == theirs(one, octets_of(text), TEXTS[text], 0)


@pytest.mark.parametrize("message_id", [1, 2, 2**40])
def test_each_segment_of_a_long_message_is_the_one_of_smpplib(message_id: int) -> None:
    moulds = Moulds(settings("smpp"))
    one = submission(message_id, "x" * 200)
    made = moulds.message(one)
    assert isinstance(made, Pending)
    reference = (message_id * 0x9E3779B97F4A7C15 % 2**64) >> 56
    texts = (b"x" * 153, b"x" * 47)
    assert made.bodies == [
        theirs(one, udh(reference, 2, n) + text, 0, 0x40)
        for n, text in enumerate(texts, start=1)
    ]
    assert codec.encode(codec.SUBMIT_SM, FIRST, made.bodies[0])[16:] == made.bodies[0]


@pytest.mark.parametrize(
    ("validity_s", "period"),
    [
        (None, "000001000000000R"),
        (86400, "000001000000000R"),
        (86399, "000000235959000R"),
        (90, "000000000130000R"),
        (1, "000000000001000R"),
    ],
)
def test_the_validity_never_passes_the_deadline_nor_the_trunks_own(
    validity_s: int | None, period: str
) -> None:
    moulds = Moulds(settings("smpp"))
    for text in ("Hola", "x" * 200):
        for _ in range(2):
            one = submission(1, text)._replace(validity_s=validity_s)
            made = moulds.message(one)
            bodies = [made.body] if isinstance(made, Single) else made.bodies
            assert all(period.encode() + b"\0" in body for body in bodies)
            plain = moulds.message(submission(1, text))
            assert isinstance(plain, type(made))


def test_a_trunk_without_a_validity_has_the_deadlines_up_to_30_days() -> None:
    moulds = Moulds(settings("smpp", validity_hours="0"))
    for validity_s, period in (
        (40 * 86400, "000030000000000R"),
        (3600, "000000010000000R"),
    ):
        made = moulds.message(submission(1, "Hola")._replace(validity_s=validity_s))
        assert isinstance(made, Single) and period.encode() in made.body


def test_a_million_texts_of_their_own_take_no_memory() -> None:
    moulds = Moulds(settings("smpp"))
    for n in range(3 * KEPT):
        made = moulds.message(submission(n, f"Hola {n}"))
        assert isinstance(made, Single)
        assert made.body.endswith(b"Hola %d" % n)
        moulds.message(submission(n, f"{n} " * 100))
    assert len(moulds._tails) <= KEPT
    assert len(moulds._encoded) <= KEPT
