"""The text of a message that came: from octets and data_coding to characters.

Owns every alphabet of SMPP 3.4 §5.2.19 and 3GPP TS 23.038 §4. Nothing raises and
nothing is lost: what is no text is shown as its octets in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from massivesms.domain import gsm7_national
from massivesms.domain.user_data import Header

GSM7, LATIN1, ASCII = "gsm7", "latin1", "ascii"
OCTETS, UCS2, UNKNOWN = "octets", "ucs2", "unknown"
JIS, CYRILLIC, HEBREW = "jis", "cyrillic", "hebrew"
ISO2022, KANJI, KOREAN = "iso2022", "kanji", "korean"
BINARY = "binary"  # never a text

#: data_coding -> alphabet; 0 is the operator's own, the groups are in coding().
_BY_NUMBER: Mapping[int, str] = {
    1: ASCII,
    2: OCTETS,
    3: LATIN1,
    4: OCTETS,
    5: JIS,
    6: CYRILLIC,
    7: HEBREW,
    8: UCS2,
    9: JIS,
    10: ISO2022,
    13: KANJI,
    14: KOREAN,
}
_COMPRESSED = 0x20
MISSING = "[...]"  # in place of parts that never came
MOST_CHARACTERS = 40_000  # 255 parts of 153 are fewer


class Octets(NamedTuple):
    """The octets of a text or of a part of one, and how they are to be read."""

    coding: str
    octets: bytes


class Read(NamedTuple):
    """A text; `unreadable` when some of it is octets in hexadecimal."""

    text: str
    unreadable: bool = False


def coding(data_coding: int, default_alphabet: str, header: Header) -> str:
    """The name of the alphabet; "gsm7/3/1" with national tables.

    `default_alphabet` is what the operator means by data_coding 0, and by the codes
    of 23.038 that say GSM 7-bit.
    """
    if header.is_for_program:
        return BINARY
    name = _alphabet(data_coding & 0xFF) or default_alphabet
    if name != GSM7 or not (header.locking or header.single):
        return name
    if not gsm7_national.is_known(header.locking, header.single):
        return BINARY
    return f"{GSM7}/{header.locking}/{header.single}"


def _alphabet(code: int) -> str:
    """'' for the default alphabet."""
    group = code >> 4
    if code < 0x10:
        return "" if code == 0 else _BY_NUMBER.get(code, UNKNOWN)
    if group < 0x08:  # general, and marked for deletion (23.038 §4, 00xx and 01xx)
        return BINARY if code & _COMPRESSED else _by_bits(code)
    if group in (0x0C, 0x0D):  # a message waits: discard, store
        return ""
    if group == 0x0E:
        return UCS2
    if group == 0x0F:  # message class
        return OCTETS if code & 0x04 else ""
    return UNKNOWN


def _by_bits(code: int) -> str:
    """Bits 3 and 2 of a general group; 11 is reserved and means the default."""
    return {0x04: OCTETS, 0x08: UCS2}.get(code & 0x0C, "")


def read(parts: Sequence[Octets | None]) -> Read:
    """The text of all parts in their order; None stands for one that is missing.

    Octets in the same alphabet are put together before they are read: some phones
    cut a character in two.
    """
    found: list[Read] = []
    for name, some in groupby(parts, _coding_of):
        octets = b"".join(part.octets for part in some if part)
        found.append(_read_run(name, octets) if name else Read(MISSING))
    text = "".join(one.text for one in found)
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS] + MISSING
    return Read(text, any(one.unreadable for one in found))


def _coding_of(part: Octets | None) -> str:
    return part.coding if part else ""


def _read_run(name: str, octets: bytes) -> Read:
    text = _decode(name, octets)
    return Read(as_hex(octets), True) if text is None else Read(text)


def as_hex(octets: bytes) -> str:
    """Octets for people: 0x0500."""
    return f"0x{octets.hex().upper()}"


def _decode(name: str, octets: bytes) -> str | None:
    """The text, or None when it is none."""
    if not octets:
        return ""
    if name.startswith(GSM7):
        return _gsm7(name, octets)
    text = _DECODERS.get(name, _octets)(octets)
    return text.rstrip("\0") if text else text


def _gsm7(name: str, octets: bytes) -> str:
    """GSM 7-bit. An octet above 0x7F is none: then the operator means otherwise."""
    if max(octets) > 0x7F:
        return _high_octets(octets)
    _, *tables = name.split("/")
    locking, single = map(int, tables) if len(tables) == 2 else (0, 0)
    return gsm7_national.decode(octets, locking, single)


def _high_octets(octets: bytes) -> str:
    """Octets above 0x7F where there should be none: UTF-8, or else Latin-1."""
    return _strictly("utf-8", octets) or _latin1(octets)


def _latin1(octets: bytes) -> str:
    """Latin-1; its control characters above 0x7F are those of Windows, mostly €."""
    return "".join(_WINDOWS.get(octet, chr(octet)) for octet in octets)


_WINDOWS = {
    octet: bytes((octet,)).decode("cp1252")
    for octet in range(0x80, 0xA0)
    if octet not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def _ascii(octets: bytes) -> str:
    return _strictly("ascii", octets) or _high_octets(octets)


def _ucs2(octets: bytes) -> str:
    """UTF-16, most significant octet first unless a mark says otherwise."""
    if octets.startswith(b"\xff\xfe"):
        return octets[2:].decode("utf-16-le", "replace")
    return octets.removeprefix(b"\xfe\xff").decode("utf-16-be", "replace")


def _octets(octets: bytes) -> str | None:
    """Octets of which nobody says what they are: a text when they look like one."""
    for name in ("utf-8", "latin-1"):
        text = _strictly(name, octets.rstrip(b"\0"))
        if text and all(c.isprintable() or c in "\n\r\t" for c in text):
            return text
    return None


def _any_of(*names: str) -> Callable[[bytes], str | None]:
    """The first codec that can read all of it; one with escapes only where it has."""

    def read_by(octets: bytes) -> str | None:
        has_escapes = b"\x1b" in octets
        for name in names:
            if name.startswith("iso2022") == has_escapes:
                text = _strictly(name, octets)
                if text is not None:
                    return text
        return None

    return read_by


def _strictly(name: str, octets: bytes) -> str | None:
    try:
        return octets.decode(name)
    except UnicodeDecodeError:
        return None


_DECODERS: Mapping[str, Callable[[bytes], str | None]] = {
    LATIN1: _latin1,
    ASCII: _ascii,
    UCS2: _ucs2,
    CYRILLIC: lambda octets: octets.decode("iso8859-5", "replace"),
    HEBREW: lambda octets: octets.decode("iso8859-8", "replace"),
    JIS: _any_of("iso2022_jp_ext", "shift_jis", "euc_jp"),
    ISO2022: _any_of("iso2022_jp_ext", "shift_jis", "euc_jp"),
    KANJI: _any_of("iso2022_jp_ext", "euc_jp", "shift_jis"),
    KOREAN: _any_of("iso2022_kr", "cp949"),
    BINARY: lambda octets: None,
}
