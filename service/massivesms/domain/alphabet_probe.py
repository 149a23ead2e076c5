"""Which alphabet an operator reads our octets in: the characters that show it.

An operator's data_coding 0 is GSM 7-bit, Latin-1 or ASCII, and nothing on the wire
says which. A few characters have other codes in each; what the phone shows of them
tells. This room knows the characters and what each reading makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from . import gsm7
from .trunk_kinds import complete
from .words import N_

GSM7, LATIN1, ASCII, OTHER = "gsm7", "latin1", "ascii", "other"
#: Ç stands for ç, which GSM 7-bit lacks: with it the whole text would go as Unicode.
CHARACTERS: Mapping[str, str] = {
    GSM7: "@£$€{}[]ñÇ_",
    LATIN1: "@£${}[]ñÇ_",
    ASCII: "@${}[]_",
}
NAMES: Mapping[str, str] = {
    GSM7: N_("GSM 7-bit"),
    LATIN1: N_("Latin-1 (ISO 8859-1)"),
    ASCII: N_("ASCII"),
}
MISSING = "·"  # stands for what a phone shows as nothing, a blank or a question mark


class Reading(NamedTuple):
    """What a phone shows, when the operator reads our octets in an alphabet."""

    alphabet: str
    shown: str


_ENCODE: Mapping[str, Callable[[str], bytes]] = {
    GSM7: gsm7.encode,
    LATIN1: lambda text: text.encode("latin-1"),
    ASCII: lambda text: text.encode("ascii"),
}
_DECODE: Mapping[str, Callable[[bytes], str]] = {
    GSM7: gsm7.decode,
    LATIN1: lambda octets: octets.decode("latin-1"),
    ASCII: lambda octets: octets.decode("ascii", "replace"),
}


def sent_as(kind: str, settings: Mapping[str, str]) -> str:
    """The alphabet in which a trunk hands its texts over; GSM 7-bit but for SMPP."""
    return complete(kind, settings).get("default_alphabet", GSM7)


def is_a_setting(kind: str) -> bool:
    """Whether a trunk's alphabet is a setting, so that it can be wrong."""
    return "default_alphabet" in complete(kind, {})


def probe_text(kind: str, settings: Mapping[str, str]) -> str:
    """The text that shows the alphabet; its characters come first, where receipts
    repeat them."""
    return f"{CHARACTERS[sent_as(kind, settings)]} massivesms"


def characters_of(text: str, alphabet: str) -> str:
    """What of a text shows the alphabet; '' when it shows nothing."""
    characters = CHARACTERS[alphabet]
    return characters if characters in text and gsm7.is_gsm7(text) else ""


def readings(characters: str, alphabet: str) -> list[Reading]:
    """What a phone may show, first what is right; alike ones are one."""
    octets = _ENCODE[alphabet](characters)
    found = {characters: alphabet}
    for other, decode in _DECODE.items():
        found.setdefault(_visible(decode(octets)), other)
    return [Reading(other, shown) for shown, other in found.items()]


def read_as(shown: str, characters: str, alphabet: str) -> str:
    """The alphabet that a text tells which the operator gave back; '' when none.

    What are just our own octets again says nothing: nobody has read them.
    """
    own = _visible(_ENCODE[alphabet](characters).decode("latin-1"))
    for reading in readings(characters, alphabet):
        if reading.shown != own and _pattern(reading.shown).search(shown):
            return reading.alphabet
    return ""


def _pattern(shown: str) -> re.Pattern[str]:
    """A text as what repeats it may write it: ? for what is not ASCII."""
    return re.compile(
        "".join(
            r"[?\s·]?" if c == MISSING else re.escape(c) if c.isascii() else f"[{c}?]"
            for c in shown
        )
    )


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() and c != "\ufffd" else MISSING for c in text)
