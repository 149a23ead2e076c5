"""How texts are cut into segments, and which texts are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain import gsm7
from massivesms.domain.segments import (
    MAX_SEGMENTS,
    Alphabet,
    check_text,
    reference,
    reference16,
    refill,
    split,
    udh,
    udh16,
)

GSM7, UCS2 = Alphabet.GSM7, Alphabet.UCS2

long_texts = st.one_of(
    st.text(alphabet="abñ€^\f", max_size=700),
    st.text(alphabet="aб😀€", max_size=300),
    st.text(max_size=300),
)


@pytest.mark.parametrize(
    ("text", "alphabet", "segments", "units", "left"),
    [
        pytest.param("", GSM7, 1, 0, 160, id="empty-is-one-empty-segment"),
        pytest.param("a" * 159, GSM7, 1, 159, 1, id="159-letters"),
        pytest.param("a" * 160, GSM7, 1, 160, 0, id="160-letters-fit-one"),
        pytest.param("a" * 161, GSM7, 2, 161, 145, id="161-letters"),
        pytest.param("a" * 306, GSM7, 2, 306, 0, id="306-letters-fill-two"),
        pytest.param("a" * 307, GSM7, 3, 307, 152, id="307-letters"),
        pytest.param("ñ" * 160, GSM7, 1, 160, 0, id="enye-is-one-septet"),
        pytest.param("€" * 80, GSM7, 1, 160, 0, id="80-euros-fit-one"),
        pytest.param("€" * 81, GSM7, 2, 162, 143, id="no-euro-straddles"),
        pytest.param(
            "a" * 152 + "€" + "a" * 152, GSM7, 3, 306, 152, id="euro-at-the-boundary"
        ),
        pytest.param("a" * 158 + "€", GSM7, 1, 160, 0, id="euro-at-the-very-end"),
        pytest.param("я" * 70, UCS2, 1, 70, 0, id="70-cyrillic-fit-one"),
        pytest.param("я" * 71, UCS2, 2, 71, 63, id="71-cyrillic"),
        pytest.param("я" * 134, UCS2, 2, 134, 0, id="134-cyrillic-fill-two"),
        pytest.param("я" * 135, UCS2, 3, 135, 66, id="135-cyrillic"),
        pytest.param("😀" * 35, UCS2, 1, 70, 0, id="35-emoji-fit-one"),
        pytest.param("😀" * 36, UCS2, 2, 72, 61, id="emoji-are-two-units"),
        pytest.param(
            "я" * 66 + "😀" + "я" * 66, UCS2, 3, 134, 66, id="emoji-at-the-boundary"
        ),
        pytest.param("a" * 69 + "á", UCS2, 1, 70, 0, id="one-accent-makes-it-ucs2"),
    ],
)
def test_a_text_needs_as_many_segments_as_its_parts_fill(
    text: str, alphabet: Alphabet, segments: int, units: int, left: int
) -> None:
    found = split(text)
    assert (found.alphabet, len(found.parts)) == (alphabet, segments)
    assert (found.units, found.left) == (units, left)
    assert found.characters == len(text)


def test_an_escape_pair_moves_whole_to_the_next_segment() -> None:
    parts = split("a" * 152 + "€" + "b" * 152).parts
    assert parts == ("a" * 152, "€" + "b" * 151, "b")


def test_an_emoji_moves_whole_to_the_next_segment() -> None:
    parts = split("я" * 66 + "😀" + "ю" * 66).parts
    assert parts == ("я" * 66, "😀" + "ю" * 65, "ю")


@given(long_texts)
def test_the_parts_joined_are_the_text(text: str) -> None:
    assert "".join(split(text).parts) == text


@given(long_texts)
def test_no_part_exceeds_its_limit_and_the_units_add_up(text: str) -> None:
    found = split(text)
    sizes = [_units(part, found.alphabet) for part in found.parts]
    alone, joined = (160, 153) if found.alphabet is GSM7 else (70, 67)
    limit = alone if len(sizes) == 1 else joined
    assert max(sizes) <= limit
    assert found.units == sum(sizes)
    assert found.left == limit - sizes[-1]


@given(long_texts)
def test_no_segment_leaves_room_that_the_next_character_fits(text: str) -> None:
    found = split(text)
    limit = 153 if found.alphabet is GSM7 else 67
    for part, following in zip(found.parts, found.parts[1:], strict=False):
        assert _units(part + following[0], found.alphabet) > limit


def _units(text: str, alphabet: Alphabet) -> int:
    if alphabet is GSM7:
        return len(gsm7.encode(text))
    return len(text.encode("utf-16-be")) // 2


def test_the_alphabets_are_stored_by_their_names() -> None:
    assert (GSM7.value, UCS2.value) == ("gsm7", "ucs2")


@given(st.integers(min_value=0, max_value=2**63))
def test_a_message_always_has_the_same_reference_of_one_octet(message_id: int) -> None:
    assert 0 <= reference(message_id) <= 255
    assert reference(message_id) == reference(message_id)


@given(st.integers(min_value=0, max_value=2**63))
def test_messages_in_a_row_have_different_references(message_id: int) -> None:
    following = {reference(message_id + step) for step in range(89)}
    assert len(following) == 89


def test_references_use_the_whole_octet_evenly() -> None:
    counts = [0] * 256
    for message_id in range(25_600):
        counts[reference(message_id)] += 1
    assert 80 < min(counts) <= max(counts) < 120


def test_the_concatenation_header_is_that_of_23_040() -> None:
    assert udh(0xA7, 3, 2) == bytes.fromhex("050003a70302")


@pytest.mark.parametrize(
    ("ref", "total", "n"),
    [
        pytest.param(0, 2, 0, id="segments-count-from-one"),
        pytest.param(0, 2, 3, id="beyond-the-total"),
        pytest.param(0, 256, 1, id="total-over-an-octet"),
        pytest.param(256, 2, 1, id="reference-over-an-octet"),
    ],
)
def test_a_header_that_cannot_be_is_refused(ref: int, total: int, n: int) -> None:
    with pytest.raises(ValueError, match="segment|reference"):
        udh(ref, total, n)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("", "text_empty", id="empty"),
        pytest.param(" \n ", "text_empty", id="nothing-to-read"),
        pytest.param("a\x00b", "text_control_characters", id="nul"),
        pytest.param("a\tb", "text_control_characters", id="tab"),
        pytest.param("a\x1bb", "text_control_characters", id="escape"),
        pytest.param("a\x7fb", "text_control_characters", id="delete"),
        pytest.param("a\x9db", "text_control_characters", id="c1-control"),
        pytest.param("a\ud83db", "text_broken_characters", id="half-an-emoji"),
        pytest.param("a" * 1531, "text_too_long", id="eleven-gsm7-segments"),
        pytest.param("я" * 671, "text_too_long", id="eleven-ucs2-segments"),
    ],
)
def test_a_text_is_refused_with_its_reason(text: str, code: str) -> None:
    problem = check_text(text)
    assert problem is not None
    assert problem.code == code
    assert str(problem).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Hola\r\nMañana\f¿Sí?", id="line-breaks-and-form-feed"),
        pytest.param("a" * 1530, id="ten-full-gsm7-segments"),
        pytest.param("я" * 670, id="ten-full-ucs2-segments"),
        pytest.param("👨\u200d👩\u200d👧", id="joined-emoji"),
    ],
)
def test_a_text_that_can_be_sent_has_no_problem(text: str) -> None:
    assert check_text(text) is None


def test_a_text_too_long_says_how_many_segments_it_needs() -> None:
    problem = check_text("a" * 3000)
    assert problem is not None
    assert problem.params == {"segments": 20, "maximum": MAX_SEGMENTS}


def test_a_control_character_is_named_once() -> None:
    problem = check_text("a\x07b\x07c\x00")
    assert problem is not None
    assert problem.params == {"characters": "U+0007, U+0000"}


@given(long_texts)
def test_a_wider_header_leaves_room_for_less(text: str) -> None:
    alphabet = split(text).alphabet
    parts = refill(text, alphabet, wide_header=True)
    assert "".join(parts) == text
    if len(parts) == 1:
        assert split(text).parts == parts
        return
    for part in parts:
        if alphabet is GSM7:
            assert gsm7.septets(part) <= 152
        else:
            assert len(part.encode("utf-16-be")) <= 2 * 66
    assert 0 <= len(parts) - len(split(text).parts) <= 1 + len(parts) // 30


@given(long_texts)
def test_the_same_header_fills_the_same_parts(text: str) -> None:
    assert refill(text, split(text).alphabet) == split(text).parts


@given(st.text(alphabet="abñ€", max_size=300))
def test_a_text_of_the_small_alphabet_may_be_filled_as_the_large_one(
    text: str,
) -> None:
    parts = refill(text, UCS2)
    assert "".join(parts) == text
    room = 70 if len(parts) == 1 else 67
    assert all(len(part) <= room for part in parts)


@given(st.integers(0, 2**64 - 1))
def test_the_16_bit_reference_goes_on_where_the_8_bit_one_ends(message_id: int) -> None:
    wide = reference16(message_id)
    assert wide == reference16(message_id)
    assert wide >> 8 == reference(message_id)


def test_the_wide_header_is_that_of_23_040() -> None:
    assert udh16(0x0102, 3, 2) == bytes((6, 8, 4, 1, 2, 3, 2))


@pytest.mark.parametrize(
    ("ref", "total", "n"),
    [(-1, 2, 1), (0x10000, 2, 1), (0, 2, 3), (0, 2, 0), (0, 256, 1)],
)
def test_a_wide_header_that_cannot_be_is_refused(ref: int, total: int, n: int) -> None:
    with pytest.raises(ValueError):
        udh16(ref, total, n)
