"""Addresses with TON and NPI, and texts as octets."""

from __future__ import annotations

import pytest

from massivesms.domain.segments import reference, split
from massivesms.trunks.smpp.encoding import (
    destination_ton,
    encode_text,
    source_address,
)


@pytest.mark.parametrize(
    ("sender", "seen"),
    [
        ("", (0, 0, "")),
        ("Empresa", (5, 0, "Empresa")),
        ("Tu 24", (5, 0, "Tu 24")),
        ("5000", (3, 0, "5000")),
        ("12345678", (3, 0, "12345678")),
        ("123456789", (1, 1, "123456789")),
        ("+34911222333", (1, 1, "34911222333")),
        ("+5000", (3, 0, "5000")),
        ("+", (5, 0, "+")),
    ],
)
def test_ton_and_npi_follow_from_the_sender(
    sender: str, seen: tuple[int, int, str]
) -> None:
    assert source_address(sender, "auto", "auto") == seen


@pytest.mark.parametrize(
    ("ton", "npi", "seen"),
    [("2", "auto", (2, 0)), ("auto", "8", (5, 8)), ("0", "0", (0, 0))],
)
def test_a_trunk_may_fix_ton_and_npi(ton: str, npi: str, seen: tuple[int, int]) -> None:
    assert source_address("Empresa", ton, npi)[:2] == seen


def test_a_number_without_country_code_has_an_unknown_ton() -> None:
    assert (destination_ton(True), destination_ton(False)) == (1, 0)


@pytest.mark.parametrize(
    ("text", "alphabet", "data_coding", "octets"),
    [
        ("@£ñ", "gsm7", 0, b"\x00\x01\x7d"),
        ("€{", "gsm7", 0, b"\x1be\x1b("),
        ("@£ñ", "latin1", 0, "@£ñ".encode("latin-1")),
        ("{}[]", "latin1", 0, b"{}[]"),
        ("Ж", "gsm7", 8, b"\x04\x16"),
        ("Ж", "latin1", 8, b"\x04\x16"),
        ("🎉", "gsm7", 8, b"\xd8\x3c\xdf\x89"),
        ("`", "gsm7", 8, b"\x00`"),
    ],
)
def test_a_short_text_is_one_segment_without_header(
    text: str, alphabet: str, data_coding: int, octets: bytes
) -> None:
    encoded = encode_text(split(text), 1, alphabet)
    assert encoded == (data_coding, (octets,), False)


@pytest.mark.parametrize("text", ["5 €", "Ω"])
def test_latin1_names_the_character_that_it_lacks(text: str) -> None:
    assert encode_text(split(text), 1, "latin1") == text[-1]


@pytest.mark.parametrize("text", ["a" * 400, "Ж" * 150, "€" * 100, "🎉" * 80])
def test_a_long_text_has_a_header_in_each_segment(text: str) -> None:
    parts = split(text).parts
    encoded = encode_text(split(text), 77, "gsm7")
    assert not isinstance(encoded, str)
    assert encoded.has_udh
    assert len(encoded.short_messages) == len(parts)
    for n, octets in enumerate(encoded.short_messages, start=1):
        assert octets[:6] == bytes((5, 0, 3, reference(77), len(parts), n))
        assert len(octets) <= (140 if encoded.data_coding == 8 else 159)


def test_a_message_sent_again_has_the_same_reference() -> None:
    once = encode_text(split("a" * 400), 5, "gsm7")
    assert once == encode_text(split("a" * 400), 5, "gsm7")
    assert once != encode_text(split("a" * 400), 6, "gsm7")
