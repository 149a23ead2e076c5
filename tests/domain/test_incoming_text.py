"""Texts that came, from octets as the specifications have them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from massivesms.domain.incoming_text import (
    MISSING,
    MOST_CHARACTERS,
    Octets,
    Read,
    coding,
    read,
)
from massivesms.domain.user_data import Header, Place, read_header


def text_of(
    data_coding: int, octets: str, default: str = "gsm7", header: Header | None = None
) -> Read:
    name = coding(data_coding, default, header or Header())
    return read([Octets(name, bytes.fromhex(octets))])


#: name, data_coding, octets, alphabet of data_coding 0, text
TEXTS = [
    ("GSM 7-bit", 0, "48 6F 6C 61 00 02 7D 5D", "gsm7", "Hola@$ñÑ"),
    ("GSM escapes", 0, "1B65 1B3C 1B3E 1B28 1B40 1B2F", "gsm7", "€[]{|\\"),
    ("GSM Greek", 0, "10 12 13 14 15 16 17 18 19 1A", "gsm7", "ΔΦΓΛΩΠΨΣΘΞ"),
    ("GSM last escape", 0, "41 1B", "gsm7", "A "),
    ("GSM doubled escape", 0, "1B1B 41", "gsm7", " A"),
    ("empty", 0, "", "gsm7", ""),
    ("0 is Latin-1", 0, "40 A3 F1 C1 24", "latin1", "@£ñÁ$"),
    ("0 is ASCII", 0, "40 24 7B 7D", "ascii", "@${}"),
    ("0 is GSM but is not: Latin-1", 0, "6D 61 F1 61 6E 61", "gsm7", "mañana"),
    ("0 is GSM but is not: UTF-8", 0, "C3B1 E282AC", "gsm7", "ñ€"),
    ("ASCII", 1, "42 41 4A 41", "gsm7", "BAJA"),
    ("ASCII that is UTF-8", 1, "C3A9", "gsm7", "é"),
    ("octets with a text", 2, "53 ED", "gsm7", "Sí"),
    ("octets with UTF-8", 4, "53 C3AD", "gsm7", "Sí"),
    ("Latin-1", 3, "BF 51 75 E9 3F A0 21", "gsm7", "¿Qué?\xa0!"),
    ("Latin-1 of Windows", 3, "80 93 94", "gsm7", "€“”"),
    ("filled up with NUL", 3, "41 00 00", "gsm7", "A"),
    ("JIS with escapes", 5, "1B2442 46 7C 4B 5C 1B2842", "gsm7", "日本"),
    ("JIS shifted", 5, "93FA 967B", "gsm7", "日本"),
    ("Cyrillic", 6, "BF E0 D8 D2 D5 E2", "gsm7", "Привет"),
    ("Hebrew", 7, "F9 EC E5 ED", "gsm7", "שלום"),
    ("UCS-2", 8, "00BF 0051 00E1 20AC", "gsm7", "¿Qá€"),
    ("UTF-16 surrogates", 8, "D83D DE00", "gsm7", "😀"),
    ("half a surrogate pair", 8, "0041 D83D", "gsm7", "A\ufffd"),
    ("UCS-2 of odd length", 8, "0041 00", "gsm7", "A\ufffd"),
    ("UCS-2 with a mark", 8, "FEFF 00F1", "gsm7", "ñ"),
    ("UCS-2 the other way round", 8, "FFFE F100", "gsm7", "ñ"),
    ("pictograms", 9, "93FA", "gsm7", "日"),
    ("ISO-2022-JP", 10, "1B2442 2438 1B2842 41", "gsm7", "じA"),
    ("extended kanji", 13, "C6FC CBDC", "gsm7", "日本"),
    ("Korean", 14, "C7D1 B1B9", "gsm7", "한국"),
    ("reserved but a text", 11, "4F 4B", "gsm7", "OK"),
    ("general, class 0", 0x10, "48 6F", "gsm7", "Ho"),
    ("general, class 1, Latin-1", 0x11, "F1", "latin1", "ñ"),
    ("general, octets", 0x14, "53 ED", "gsm7", "Sí"),
    ("general, UCS-2", 0x18, "00F1", "gsm7", "ñ"),
    ("general, UCS-2 of class 0", 0x19, "00F1", "gsm7", "ñ"),
    ("to be deleted", 0x40, "48 6F", "gsm7", "Ho"),
    ("to be deleted, UCS-2", 0x48, "00F1", "gsm7", "ñ"),
    ("a voice message waits", 0xC8, "48 6F", "gsm7", "Ho"),
    ("a message waits, stored", 0xD0, "48 6F", "gsm7", "Ho"),
    ("a message waits, UCS-2", 0xE0, "00F1", "gsm7", "ñ"),
    ("class 0 (flash)", 0xF0, "48 6F 00", "gsm7", "Ho@"),
    ("class 1", 0xF1, "48 6F", "gsm7", "Ho"),
    ("class 2, octets", 0xF6, "53 ED", "gsm7", "Sí"),
]


@pytest.mark.parametrize("case", TEXTS, ids=[case[0] for case in TEXTS])
def test_octets_become_the_text(case: tuple[str, int, str, str, str]) -> None:
    _, data_coding, octets, default, text = case
    assert text_of(data_coding, octets, default) == (text, False)


#: name, data_coding, octets
NO_TEXTS = [
    ("octets", 4, "00010203"),
    ("octets of class 1", 0xF5, "0B0504"),
    ("compressed", 0x20, "48 6F"),
    ("compressed, to be deleted", 0x60, "48 6F"),
    ("reserved", 0x90, "00FF"),
    ("no JIS at all", 5, "FFFF00"),
]


@pytest.mark.parametrize("case", NO_TEXTS, ids=[case[0] for case in NO_TEXTS])
def test_what_is_no_text_is_kept_in_hexadecimal(case: tuple[str, int, str]) -> None:
    _, data_coding, octets = case
    wanted = "0x" + octets.replace(" ", "")
    assert text_of(data_coding, octets) == (wanted, True)


#: locking, single, octets, text (23.038 annex A)
NATIONAL = [
    (0, 1, "1B47 1B49 1B53 1B63 1B67 1B69 1B73 1B65", "ĞİŞçğış€"),
    (1, 1, "04 07 0B 0C 1C 1D 40 60 1B47", "€ıĞğŞşİçĞ"),
    (0, 2, "1B09 1B41 1B49 1B4F 1B55 1B61 1B69 1B6F 1B75 1B3C", "çÁÍÓÚáíóú["),
    (0, 3, "1B05 1B0B 1B5B 1B5C 1B7B 1B7C 1B7F 1B41", "êÔÃÕãõâÀ"),
    (3, 0, "04 06 07 08 09 12 13 15 18 24 40 5B 7B 1B65", "êúíóçªÇ∞€ºÍÃã€"),
]


@pytest.mark.parametrize(("locking", "single", "octets", "text"), NATIONAL)
def test_national_tables_are_read(
    locking: int, single: int, octets: str, text: str
) -> None:
    header = Header(locking=locking, single=single)
    assert text_of(0, octets, header=header) == (text, False)


def test_a_table_that_nobody_knows_leaves_the_octets() -> None:
    assert text_of(0, "4142", header=Header(locking=6)) == ("0x4142", True)


def test_a_message_for_a_program_stays_octets() -> None:
    assert text_of(0, "4142", header=Header(is_for_program=True)) == ("0x4142", True)


def test_a_character_that_was_cut_in_two_is_put_together() -> None:
    halves = [Octets("ucs2", b"\x00A\xd8\x3d"), Octets("ucs2", b"\xde\x00\x00B")]
    assert read(halves) == ("A😀B", False)
    assert read([Octets("gsm7", b"A\x1b"), Octets("gsm7", b"\x65")]) == ("A€", False)


def test_a_missing_part_is_marked() -> None:
    here = Octets("gsm7", b"A")
    assert read([here, None, here]) == (f"A{MISSING}A", False)
    assert read([here, None, None, None]) == (f"A{MISSING}", False)


def test_parts_may_have_alphabets_of_their_own() -> None:
    parts = [
        Octets("gsm7", b"\x00"),
        Octets("ucs2", b"\x00\xf1"),
        Octets("octets", b"\x01"),
    ]
    assert read(parts) == ("@ñ0x01", True)


def test_a_text_has_an_end() -> None:
    text, _ = read([Octets("ascii", b"a" * 60_000)])
    assert len(text) == MOST_CHARACTERS + len(MISSING)


#: octets after their esm_class said that a header comes; place, locking, single, rest
HEADERS = [
    ("050003 2A 02 01 48", Place("udh8:42", 2, 1), 0, 0, "48"),
    ("060804 1234 03 02 48", Place("udh16:4660", 3, 2), 0, 0, "48"),
    ("03240102 41", None, 0, 2, "41"),
    ("0B 0003070201 250103 240103 41", Place("udh8:7", 2, 1), 3, 3, "41"),
    ("050003 2A 02 03 48", None, 0, 0, "48"),
    ("050003 2A 02 00 48", None, 0, 0, "48"),
    ("050003 2A 00 00 48", None, 0, 0, "48"),
    ("04 7002 0000 48", None, 0, 0, "48"),
    ("0A 0003070201 0003090202 48", Place("udh8:9", 2, 2), 0, 0, "48"),
    ("00 48", None, 0, 0, "48"),
]


@pytest.mark.parametrize("case", HEADERS, ids=[case[0] for case in HEADERS])
def test_a_header_is_read(case: tuple[str, Place | None, int, int, str]) -> None:
    octets, place, locking, single, rest = case
    found = read_header(bytes.fromhex(octets))
    assert found == (Header(place, locking, single), bytes.fromhex(rest))


@pytest.mark.parametrize("octets", ["", "05", "0500", "050003", "0500FF2A0201", "0100"])
def test_a_broken_header_is_told(octets: str) -> None:
    assert read_header(bytes.fromhex(octets)) is None


def test_ports_are_for_a_program() -> None:
    found = read_header(bytes.fromhex("06 0504 0B84 23F0 4142"))
    assert found is not None
    assert found[0].is_for_program


@given(
    st.lists(st.none() | st.binary(max_size=80), max_size=4),
    st.integers(0, 255),
    st.sampled_from(["gsm7", "latin1", "ascii"]),
    st.integers(0, 4),
)
@example([b"\x1b"], 5, "gsm7", 0)
def test_no_octets_raise_and_every_text_can_be_stored(
    octets: list[bytes | None], data_coding: int, default: str, language: int
) -> None:
    name = coding(data_coding, default, Header(locking=language, single=language))
    text, _ = read([one if one is None else Octets(name, one) for one in octets])
    text.encode("utf-8")  # no half of a surrogate pair


@given(st.binary(max_size=40))
def test_no_header_raises(octets: bytes) -> None:
    found = read_header(octets)
    if found is not None:
        assert octets.endswith(found[1])
