"""The GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1), one byte per septet.

This room owns which characters the alphabet has and their codes. It does not
split texts, does not pack septets into octets and never replaces a character:
what is not in the alphabet is named by `foreign_characters`, and the person
decides.
"""

from __future__ import annotations

from types import MappingProxyType

ESCAPE = 0x1B

GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
"""The 128 characters in the order of their codes; 0x1B is the escape, no text."""

GSM7_EXTENSION = MappingProxyType(
    {
        "\f": 0x0A,
        "^": 0x14,
        "{": 0x28,
        "}": 0x29,
        "\\": 0x2F,
        "[": 0x3C,
        "~": 0x3D,
        "]": 0x3E,
        "|": 0x40,
        "€": 0x65,
    }
)
"""Character -> code after an escape (23.038 §6.2.1.1): two septets each."""

BASIC_CHARACTERS = frozenset(GSM7_BASIC) - {chr(ESCAPE)}
GSM7_CHARACTERS = BASIC_CHARACTERS | GSM7_EXTENSION.keys()

_EXTENDED = tuple(GSM7_EXTENSION)
_TO_SEPTETS = str.maketrans(
    {character: chr(code) for code, character in enumerate(GSM7_BASIC)}
    | {character: chr(ESCAPE) + chr(code) for character, code in GSM7_EXTENSION.items()}
)
_FROM_EXTENSION = {code: character for character, code in GSM7_EXTENSION.items()}


def is_gsm7(text: str) -> bool:
    """True when every character of `text` is in the alphabet or its extension."""
    return GSM7_CHARACTERS.issuperset(text)


def extended_count(text: str) -> int:
    """How many characters of `text` need an escape, so cost two septets."""
    return sum(map(text.count, _EXTENDED))


def septets(text: str) -> int:
    """The length of `text` in septets; ValueError when it is not all GSM 7-bit."""
    _refuse_foreign(text)
    return len(text) + extended_count(text)


def encode(text: str) -> bytes:
    """Return `text` as one byte per septet, an escape as 0x1B before its code.

    ValueError when a character is in neither table.
    """
    _refuse_foreign(text)
    return text.translate(_TO_SEPTETS).encode("latin-1")


def decode(unpacked: bytes) -> str:
    """Return the text of one byte per septet. Never raises.

    What comes in is never refused: an escape before a code that the extension
    lacks shows the basic character, a doubled or last escape a space (23.038
    §6.2.1 note 1 and §6.2.1.1 note 1), a byte above 0x7F the replacement character.
    """
    characters: list[str] = []
    escaped = False
    for code in unpacked:
        if escaped:
            escaped = False
            characters.append(_after_escape(code))
        elif code == ESCAPE:
            escaped = True
        else:
            characters.append(_basic(code))
    if escaped:
        characters.append(" ")
    return "".join(characters)


def foreign_characters(text: str) -> list[str]:
    """The characters outside the alphabet, each once, in the order of `text`."""
    return list(dict.fromkeys(c for c in text if c not in GSM7_CHARACTERS))


def _basic(code: int) -> str:
    return GSM7_BASIC[code] if code < len(GSM7_BASIC) else "\N{REPLACEMENT CHARACTER}"


def _after_escape(code: int) -> str:
    return " " if code == ESCAPE else _FROM_EXTENSION.get(code) or _basic(code)


def _refuse_foreign(text: str) -> None:
    if not is_gsm7(text):
        names = ", ".join(f"U+{ord(c):04X}" for c in foreign_characters(text)[:5])
        raise ValueError(f"not in the GSM 7-bit alphabet: {names}")
