"""What a phone shows of the characters tells the operator's alphabet."""

from __future__ import annotations

import pytest

from massivesms.domain import alphabet_probe, gsm7
from massivesms.domain.alphabet_probe import Reading
from massivesms.domain.segments import split


@pytest.mark.parametrize("alphabet", alphabet_probe.CHARACTERS)
def test_the_text_is_one_segment_that_needs_no_unicode(alphabet: str) -> None:
    text = alphabet_probe.probe_text("smpp", {"default_alphabet": alphabet})
    assert gsm7.is_gsm7(text)
    assert len(split(text).parts) == 1
    assert alphabet_probe.characters_of(text, alphabet)


def test_what_is_right_comes_first_and_each_other_reading_differs() -> None:
    found = alphabet_probe.readings("@£${}[]ñÇ_", "latin1")
    assert found == [
        Reading("latin1", "@£${}[]ñÇ_"),
        Reading("gsm7", "¡·¤äñÄÑ··§"),
        Reading("ascii", "@·${}[]··_"),
    ]


def test_ascii_and_latin_1_make_the_same_of_gsm_7_bit() -> None:
    found = alphabet_probe.readings("@£$€{}[]ñÇ_", "gsm7")
    assert [one.alphabet for one in found] == ["gsm7", "latin1"]
    assert "@" not in found[1].shown


@pytest.mark.parametrize(
    ("shown", "alphabet", "wanted"),
    [
        pytest.param("@£$?{}[]ñÇ_ mass", "gsm7", "gsm7", id="translated"),
        pytest.param("@?$?{}[]??_ mass", "gsm7", "gsm7", id="in ASCII"),
        pytest.param("e()<>} massivesm", "gsm7", "", id="our octets again"),
        pytest.param("@£${}[]ñÇ_ massi", "latin1", "", id="our Latin-1 again"),
        pytest.param("¡?¤äñÄÑ??§ massi", "latin1", "gsm7", id="read as GSM"),
        pytest.param("", "gsm7", "", id="nothing"),
        pytest.param("Hola", "gsm7", "", id="something else"),
    ],
)
def test_a_repeated_text_tells_the_alphabet_unless_nobody_read_it(
    shown: str, alphabet: str, wanted: str
) -> None:
    characters = alphabet_probe.CHARACTERS[alphabet]
    assert alphabet_probe.read_as(shown, characters, alphabet) == wanted


def test_a_text_of_ones_own_shows_nothing() -> None:
    assert alphabet_probe.characters_of("Hola", "gsm7") == ""
    # With a character outside it the whole text goes as Unicode.
    assert alphabet_probe.characters_of("@£$€{}[]ñÇ_ Ж", "gsm7") == ""


def test_only_smpp_has_a_setting_that_can_be_wrong() -> None:
    assert alphabet_probe.is_a_setting("smpp")
    assert not alphabet_probe.is_a_setting("modem")
    assert alphabet_probe.sent_as("modem", {}) == "gsm7"
