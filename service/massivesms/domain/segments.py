"""A text's way into segments: alphabet, split, concatenation header, limits.

This room owns how many segments a text needs and where each one ends; the
counter in the page, the price and the sender all ask here. It does not encode
for a trunk and never changes a character of the text.

Sources: 3GPP TS 23.038 (alphabets), 23.040 §9.2.3.24.1 (concatenation).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from massivesms.domain.gsm7 import BASIC_CHARACTERS, extended_count, is_gsm7
from massivesms.domain.words import N_, Problem, problem_from

MAX_SEGMENTS = 10
"""Segments that one message may need; phones and operators cut longer texts."""

PROBLEMS = {
    "text_empty": N_("The message is empty: write its text."),
    "text_control_characters": N_(
        "The message has characters that cannot be sent (%(characters)s): "
        "delete them, or type that part again."
    ),
    "text_broken_characters": N_(
        "The message has a broken character at position %(position)s: "
        "delete it and type it again."
    ),
    "text_too_long": N_(
        "The message is too long: it needs %(segments)s segments and may have "
        "%(maximum)s. Shorten it."
    ),
}

# 2**64 divided by the golden ratio.
_GOLDEN_64 = 0x9E37_79B9_7F4A_7C15

_CONTROL = re.compile(r"[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Alphabet(StrEnum):
    """How a text travels; the value is what the database holds."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


ALONE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
"""Units that fit a text of one segment: septets, or UTF-16 units."""

JOINED = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}
"""Units that fit each segment of a longer text, beside the 6 octets of header."""

JOINED_WIDE = {Alphabet.GSM7: 152, Alphabet.UCS2: 66}
"""The same beside the 7 octets of a header with a 16-bit reference."""


@dataclass(frozen=True, slots=True)
class Split:
    """One text in segments.

    `parts` joined give the text again; there is always at least one. `units` are
    all septets (gsm7) or UTF-16 units (ucs2), `left` the units that still fit the
    last segment, `characters` what a person counts as characters.
    """

    alphabet: Alphabet
    parts: tuple[str, ...]
    units: int
    left: int
    characters: int


# The cache is for campaigns: one text, a million recipients, one split.
@lru_cache(maxsize=512)
def split(text: str) -> Split:
    """Split `text` into segments; an empty text is one empty segment.

    Found by filling segments one after another, not by dividing: an escape pair
    or a surrogate pair never straddles two segments.
    """
    if len(text) <= ALONE[Alphabet.GSM7] and BASIC_CHARACTERS.issuperset(text):
        size = len(text)
        left = ALONE[Alphabet.GSM7] - size
        return Split(Alphabet.GSM7, (text,), size, left, size)
    if is_gsm7(text):
        return _fill(text, Alphabet.GSM7, JOINED[Alphabet.GSM7])
    return _fill(text, Alphabet.UCS2, JOINED[Alphabet.UCS2])


def reference(message_id: int) -> int:
    """The 8-bit concatenation reference of a message, always the same for its id.

    Taken from the id so that a segment sent again after a crash joins the ones
    sent before it. Ids near each other get other references (Fibonacci hashing;
    89 in a row all differ): a phone must not join segments of two messages.
    """
    return (message_id * _GOLDEN_64 & 0xFFFF_FFFF_FFFF_FFFF) >> 56


def udh(reference: int, total: int, n: int) -> bytes:
    """The user data header of segment `n` (1..total) of `total`, 6 octets.

    23.040 §9.2.3.24.1: length 5, element 0, length 3, reference, total, number.
    ValueError when a value does not fit an octet or `n` is not within `total`.
    """
    if not 1 <= n <= total <= 255:
        raise ValueError(f"segment {n} of {total}")
    if not 0 <= reference <= 255:
        raise ValueError(f"reference {reference} is not one octet")
    return bytes((0x05, 0x00, 0x03, reference, total, n))


def reference16(message_id: int) -> int:
    """The 16-bit reference of a message; its first octet is reference()."""
    return (message_id * _GOLDEN_64 & 0xFFFF_FFFF_FFFF_FFFF) >> 48


def udh16(reference: int, total: int, n: int) -> bytes:
    """The same with a 16-bit reference (23.040 §9.2.3.24.8), 7 octets.

    ValueError when a value does not fit or `n` is not within `total`.
    """
    if not 1 <= n <= total <= 255:
        raise ValueError(f"segment {n} of {total}")
    if not 0 <= reference <= 0xFFFF:
        raise ValueError(f"reference {reference} is not two octets")
    return bytes((0x06, 0x08, 0x04, reference >> 8, reference & 0xFF, total, n))


def refill(text: str, alphabet: Alphabet, wide_header: bool = False) -> tuple[str, ...]:
    """The parts of `text` in an alphabet that has all its characters.

    split() counts and shows; this is for a trunk that sends otherwise: another
    alphabet, or the wider header of 16-bit references, which may need one
    segment more.
    """
    room = (JOINED_WIDE if wide_header else JOINED)[alphabet]
    return _fill(text, alphabet, room).parts


def check_text(text: str) -> Problem | None:
    """Why `text` cannot be sent, or None.

    Refused are texts without anything to read, control characters besides line
    feed, carriage return and form feed, halves of a surrogate pair, and texts of
    more than MAX_SEGMENTS segments.
    """
    if not text.strip():
        return problem_from(PROBLEMS, "text_empty")
    if controls := _CONTROL.findall(text):
        names = ", ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(controls))
        return problem_from(PROBLEMS, "text_control_characters", characters=names)
    if broken := _SURROGATE.search(text):
        return problem_from(
            PROBLEMS, "text_broken_characters", position=broken.start() + 1
        )
    segments = len(split(text).parts)
    if segments > MAX_SEGMENTS:
        return problem_from(
            PROBLEMS, "text_too_long", segments=segments, maximum=MAX_SEGMENTS
        )
    return None


def _fill(text: str, alphabet: Alphabet, room: int) -> Split:
    count = _gsm7_units if alphabet is Alphabet.GSM7 else _utf16_units
    units = count(text)
    if units <= ALONE[alphabet]:
        return Split(alphabet, (text,), units, ALONE[alphabet] - units, len(text))
    parts: list[str] = []
    start = 0
    while start < len(text):
        part = _longest_part(text[start : start + room], room, count)
        parts.append(part)
        start += len(part)
    return Split(alphabet, tuple(parts), units, room - count(parts[-1]), len(text))


def _longest_part(text: str, room: int, count: Callable[[str], int]) -> str:
    """The longest beginning of `text` that has at most `room` units.

    A character has one unit or two, so taking off half of what is over never
    takes one too many.
    """
    while (over := count(text) - room) > 0:
        text = text[: -((over + 1) // 2)]
    return text


def _gsm7_units(text: str) -> int:
    return len(text) + extended_count(text)


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
