"""Addresses with TON and NPI, and texts as octets."""

from __future__ import annotations

import pytest

from massivesms.domain.segments import reference, split
from massivesms.trunks.smpp.encoding import (
    LONG_FORMS,
    Encoded,
    destination_type,
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


@pytest.mark.parametrize(
    ("is_international", "ton", "npi", "seen"),
    [
        (True, "auto", "auto", (1, 1)),
        (False, "auto", "auto", (0, 1)),
        (True, "2", "auto", (2, 1)),
        (False, "auto", "8", (0, 8)),
        (True, "0", "0", (0, 0)),
    ],
)
def test_a_number_has_its_type_by_its_country_code_or_the_trunks(
    is_international: bool, ton: str, npi: str, seen: tuple[int, int]
) -> None:
    assert destination_type(is_international, ton, npi) == seen


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
def test_a_short_text_is_one_segment(
    text: str, alphabet: str, data_coding: int, octets: bytes
) -> None:
    assert encode_text(text, split(text), alphabet) == Encoded(data_coding, (octets,))


@pytest.mark.parametrize("alphabet", ["latin1", "ascii"])
@pytest.mark.parametrize("text", ["5 €", "Ω", "a" * 65 + "€" * 5])
def test_what_the_alphabet_lacks_goes_as_ucs2_where_that_costs_nothing(
    text: str, alphabet: str
) -> None:
    assert encode_text(text, split(text), alphabet) == Encoded(
        8, (text.encode("utf-16-be"),)
    )


@pytest.mark.parametrize(
    ("text", "alphabet", "lacking"),
    [
        ("a" * 70 + "€", "latin1", "€"),
        ("a" * 300 + "Ω", "latin1", "Ω"),
        ("a" * 70 + "ñ", "ascii", "ñ"),
        ("a" * 70 + "éñ", "ascii", "éñ"),
    ],
)
def test_what_would_cost_more_segments_is_refused_with_what_is_lacking(
    text: str, alphabet: str, lacking: str
) -> None:
    assert encode_text(text, split(text), alphabet) == lacking


@pytest.mark.parametrize("text", ["a" * 400, "Ж" * 150, "€" * 100, "🎉" * 80])
def test_a_long_text_has_a_header_in_each_segment(text: str) -> None:
    parts = split(text).parts
    encoded = encode_text(text, split(text), "gsm7")
    assert isinstance(encoded, Encoded)
    pieces = LONG_FORMS["udh8"](encoded.parts, 77)
    assert len(pieces) == len(parts)
    for n, piece in enumerate(pieces, start=1):
        header = bytes((5, 0, 3, reference(77), len(parts), n))
        assert piece == (0x40, header + encoded.parts[n - 1], b"")
        assert len(piece.short_message) <= (140 if encoded.data_coding == 8 else 159)


def test_a_message_sent_again_has_the_same_reference() -> None:
    assert LONG_FORMS["udh8"]((b"a", b"b"), 5) == LONG_FORMS["udh8"]((b"a", b"b"), 5)
    assert LONG_FORMS["udh8"]((b"a", b"b"), 5) != LONG_FORMS["udh8"]((b"a", b"b"), 6)
