"""The GSM 7-bit alphabet, against the tables of 3GPP TS 23.038."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain import gsm7

gsm7_texts = st.text(alphabet=sorted(gsm7.GSM7_CHARACTERS))


def test_the_alphabet_has_128_codes_and_ten_extension_characters() -> None:
    assert len(gsm7.GSM7_BASIC) == 128
    assert len(set(gsm7.GSM7_BASIC)) == 128
    assert len(gsm7.GSM7_EXTENSION) == 10


# Character and code from the table of 23.038, not from our own string.
@pytest.mark.parametrize(
    ("character", "code"),
    [
        pytest.param("@", b"\x00", id="commercial-at-is-zero"),
        pytest.param("ù", b"\x06", id="u-grave"),
        pytest.param("\n", b"\x0a", id="line-feed"),
        pytest.param("Δ", b"\x10", id="delta"),
        pytest.param("Ξ", b"\x1a", id="xi"),
        pytest.param("É", b"\x1f", id="capital-e-acute"),
        pytest.param("¤", b"\x24", id="currency-sign-not-dollar"),
        pytest.param("A", b"\x41", id="letter-as-in-ascii"),
        pytest.param("Ñ", b"\x5d", id="capital-n-tilde"),
        pytest.param("¿", b"\x60", id="inverted-question-mark"),
        pytest.param("ñ", b"\x7d", id="n-tilde"),
        pytest.param("à", b"\x7f", id="a-grave-is-last"),
        pytest.param("\f", b"\x1b\x0a", id="form-feed-escaped"),
        pytest.param("€", b"\x1b\x65", id="euro-escaped"),
        pytest.param("|", b"\x1b\x40", id="bar-escaped"),
        pytest.param("\\", b"\x1b\x2f", id="backslash-escaped"),
    ],
)
def test_a_character_has_the_code_of_the_specification(
    character: str, code: bytes
) -> None:
    assert gsm7.encode(character) == code
    assert gsm7.decode(code) == character


@pytest.mark.parametrize(
    ("text", "is_gsm7"),
    [
        pytest.param("", True, id="empty"),
        pytest.param("Mañana a las 5 en la peña", True, id="enye"),
        pytest.param("{10€}", True, id="extension"),
        pytest.param("mamá", False, id="a-acute-is-foreign"),
        pytest.param("ç", False, id="only-the-capital-cedilla-is-in"),
        pytest.param("`", False, id="backtick-is-ascii-but-foreign"),
        pytest.param("\t", False, id="tab"),
        pytest.param("\x1b", False, id="the-escape-itself"),
        pytest.param("😀", False, id="emoji"),
    ],
)
def test_a_text_is_gsm7_when_every_character_is(text: str, is_gsm7: bool) -> None:
    assert gsm7.is_gsm7(text) is is_gsm7


def test_an_extension_character_costs_two_septets() -> None:
    assert gsm7.septets("a€b") == 4


@pytest.mark.parametrize("act", [gsm7.septets, gsm7.encode])
def test_a_foreign_character_is_refused_and_never_replaced(act) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"U\+00E1"):
        act("mamá")


def test_foreign_characters_are_named_once_in_order() -> None:
    assert gsm7.foreign_characters("“ñandú” de mamá, “ú”") == ["“", "ú", "”", "á"]


@pytest.mark.parametrize(
    ("received", "text"),
    [
        pytest.param(b"\x1b\x41", "A", id="unknown-extension-shows-the-basic-one"),
        pytest.param(b"\x1b\x1b", " ", id="doubled-escape-is-a-space"),
        pytest.param(b"a\x1b", "a ", id="last-escape-is-a-space"),
        pytest.param(b"\x80a", "\N{REPLACEMENT CHARACTER}a", id="no-septet"),
        pytest.param(b"\x1b\xff", "\N{REPLACEMENT CHARACTER}", id="no-septet-escaped"),
    ],
)
def test_anything_that_comes_in_can_be_read(received: bytes, text: str) -> None:
    assert gsm7.decode(received) == text


@given(gsm7_texts)
def test_what_is_encoded_comes_back(text: str) -> None:
    encoded = gsm7.encode(text)
    assert gsm7.decode(encoded) == text
    assert len(encoded) == gsm7.septets(text)


@given(st.binary())
def test_decoding_never_raises(received: bytes) -> None:
    gsm7.decode(received)


@given(st.text())
def test_a_text_is_gsm7_exactly_when_nothing_in_it_is_foreign(text: str) -> None:
    assert gsm7.is_gsm7(text) is not bool(gsm7.foreign_characters(text))
