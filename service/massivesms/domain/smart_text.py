"""What makes a text expensive, and the same text in cheaper characters.

Pure. One character outside the GSM 7-bit alphabet makes a whole message Unicode, of
which 70 instead of 160 fit a segment. Typographic marks have an equal among the plain
ones and may be replaced by default; letters only when a person has chosen so. A text
that stays Unicode all the same is never touched, nor one that would not get shorter
by it; and whoever replaces says what (`said`). static/smart_text.js does the same
while one types; a test holds the two against each other.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from .gsm7 import GSM7_CHARACTERS, GSM7_EXTENSION, is_gsm7
from .segments import Alphabet, Split, split
from .text_settings import signed
from .words import N_, Problem


class Choice(StrEnum):
    """What may be replaced in a text; the value is what settings and forms hold."""

    KEEP = "keep"
    MARKS = "marks"
    LETTERS = "letters"


CHOICES: Mapping[Choice, str] = MappingProxyType(
    {
        Choice.KEEP: N_("Keep every character as it is written"),
        Choice.MARKS: N_("Replace typographic marks by plain ones"),
        Choice.LETTERS: N_("Replace letters too, such as á by a"),
    }
)

# What is put in -> the characters that it stands for.
MARKS: Mapping[str, str] = MappingProxyType(
    {
        "'": "\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u00b4`\u2039\u203a",
        '"': "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u301d\u301e",
        "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u2023\u2043\u25aa\u25cf",
        ".": "\u00b7\u2024\u2219",
        "..": "\u2025",
        "...": "\u2026",
        " ": (
            "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
            "\u2009\u200a\u202f\u205f\u3000"
        ),
        "\n": "\u000b\u0085\u2028\u2029",
        "": (
            "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d"
            "\u202e\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
        ),
        "ff": "\ufb00",
        "fi": "\ufb01",
        "fl": "\ufb02",
        "ffi": "\ufb03",
        "ffl": "\ufb04",
        "st": "\ufb05\ufb06",
        "ij": "\u0133",
        "IJ": "\u0132",
        "/": "\u2044\u2215",
        "x": "\u00d7",
        "+/-": "\u00b1",
        "1/2": "\u00bd",
        "1/4": "\u00bc",
        "3/4": "\u00be",
        "(c)": "\u00a9",
        "(R)": "\u00ae",
        "(TM)": "\u2122",
        "->": "\u2192",
        "<-": "\u2190",
        "<=": "\u2264",
        ">=": "\u2265",
    }
)
LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "A": "ÁÀÂÃĀĂĄ",
        "a": "áâãāăąª",
        "C": "ĆĈĊČ",
        "c": "çćĉċč",
        "D": "ĎĐÐ",
        "d": "ďđð",
        "E": "ÈÊËĒĔĖĘĚ",
        "e": "êëēĕėęě",
        "G": "ĜĞĠĢ",
        "g": "ĝğġģ",
        "H": "ĤĦ",
        "h": "ĥħ",
        "I": "ÌÍÎÏĨĪĬĮİ",
        "i": "íîïĩīĭįı",
        "J": "Ĵ",
        "j": "ĵ",
        "K": "Ķ",
        "k": "ķ",
        "L": "ĹĻĽŁ",
        "l": "ĺļľł",
        "N": "ŃŅŇ",
        "n": "ńņň",
        "No": "\u2116",
        "O": "ÒÓÔÕŌŎŐ",
        "o": "óôõōŏőº°",
        "OE": "Œ",
        "oe": "œ",
        "R": "ŔŖŘ",
        "r": "ŕŗř",
        "S": "ŚŜŞŠȘ",
        "s": "śŝşšș",
        "T": "ŢŤŦȚ",
        "t": "ţťŧț",
        "Th": "Þ",
        "th": "þ",
        "U": "ÙÚÛŨŪŬŮŰŲ",
        "u": "úûũūŭůűųµ",
        "W": "Ŵ",
        "w": "ŵ",
        "Y": "ÝŶŸ",
        "y": "ýŷÿ",
        "Z": "ŹŻŽ",
        "z": "źżž",
        "1": "¹",
        "2": "²",
        "3": "³",
    }
)
SHOWN = 8  # different replacements that a sentence names


@dataclass(frozen=True, slots=True)
class Replacement:
    """`old`, which stands at character `start` of the text, becomes `new`."""

    start: int
    old: str
    new: str
    kind: Choice


@dataclass(frozen=True, slots=True)
class Costly:
    """A character that makes its text expensive, `count` times in it.

    It is foreign to GSM 7-bit, or takes two septets (`is_double`); `equivalent` is
    what may stand for it, when `kind` is chosen, and None when nothing can.
    """

    character: str
    count: int
    is_double: bool
    equivalent: str | None
    kind: Choice | None


@dataclass(frozen=True, slots=True)
class Improved:
    """A text with its replacements made; none were when there is nothing to gain."""

    text: str
    replacements: tuple[Replacement, ...]
    before: Split
    after: Split

    @property
    def saved_segments(self) -> int:
        """Segments fewer for each number."""
        return len(self.before.parts) - len(self.after.parts)

    def saving(self, price: Decimal | None, messages: int = 1) -> Decimal | None:
        """The money that is saved at a segment's price; None when nobody knows it."""
        return None if price is None else price * self.saved_segments * messages


@dataclass(slots=True)
class Improver:
    """Improves one text after another by a choice, and counts what it changed."""

    choice: Choice = Choice.KEEP
    texts: int = 0
    saved_segments: int = 0

    def of(self, text: str) -> str:
        """The text as it is sent."""
        if self.choice is Choice.KEEP or is_gsm7(text):
            return text
        better = improve(text, self.choice)
        if better.replacements:
            self.texts += 1
            self.saved_segments += better.saved_segments
        return better.text

    @property
    def notes(self) -> list[Problem]:
        """What is to be said of them: nothing, or one sentence."""
        if not self.texts:
            return []
        words = N_(
            "Expensive characters were replaced in the messages of some rows:"
            " %(n)s. Segments that it saves: %(segments)s."
        )
        said = {"n": self.texts, "segments": self.saved_segments}
        return [Problem("texts_replaced", words, **said)]


def _by_character() -> dict[str, tuple[str, Choice]]:
    """What each replaceable character, or letter with its accent apart, becomes."""
    found = {
        old: (new, kind)
        for kind, table in ((Choice.MARKS, MARKS), (Choice.LETTERS, LETTERS))
        for new, olds in table.items()
        for old in olds
    }
    letters = {old: new for new, olds in LETTERS.items() for old in olds}
    for character in (*sorted(GSM7_CHARACTERS), *letters):
        apart = unicodedata.normalize("NFD", character)
        if len(apart) == 2:
            is_plain = character in GSM7_CHARACTERS
            new = character if is_plain else letters[character]
            found[apart] = (new, Choice.MARKS if is_plain else Choice.LETTERS)
    return found


_NEW = _by_character()


def improve(text: str, choice: Choice) -> Improved:
    """The text as it is sent by a choice, with the place of each replacement.

    Unchanged when it would be Unicode all the same or need more segments.
    """
    before = split(text)
    kept = Improved(text, (), before, before)
    if choice is Choice.KEEP or is_gsm7(text):
        return kept
    found = _replacements(text, choice)
    better = _replaced(text, found)
    after = split(better)
    if not is_gsm7(better) or len(after.parts) > len(before.parts):
        return kept
    return Improved(better, tuple(found), before, after)


def costly(text: str) -> list[Costly]:
    """The characters that make a text expensive, each once, in its order."""
    counted = Counter(text)
    found: list[Costly] = []
    for character, count in counted.items():
        is_double = character in GSM7_EXTENSION
        if character in GSM7_CHARACTERS and not is_double:
            continue
        equivalent, kind = _NEW.get(character, (None, None))
        found.append(Costly(character, count, is_double, equivalent, kind))
    return found


def said(
    improved: Improved, signature: str = "", *, has_places: bool = False
) -> Problem | None:
    """What was replaced, for the person who wrote the text; None for nothing.

    What it saves is said of the message as it is sent, with its signature, and not of
    a text whose places are still to be filled: what comes into them may be Unicode.
    """
    if not improved.replacements:
        return None
    written = "".join(improved.before.parts)
    before, after = (
        split(signed(text, signature)) for text in (written, improved.text)
    )
    pairs = dict.fromkeys((r.old, r.new) for r in improved.replacements)
    shown = [f"{visible(old)} → {visible(new)}" for old, new in pairs][:SHOWN]
    params = {
        "replaced": ", ".join(shown) + (" ..." if len(pairs) > SHOWN else ""),
        "before": len(before.parts),
        "after": len(after.parts),
    }
    if has_places or after.alphabet is not Alphabet.GSM7:
        words = N_("Replaced in the message: %(replaced)s.")
        return Problem("text_improved", words, replaced=params["replaced"])
    if len(after.parts) < len(before.parts):
        words = N_(
            "Replaced in the message: %(replaced)s. Segments of each message:"
            " %(after)s instead of %(before)s."
        )
        return Problem("text_improved", words, **params)
    words = N_("Replaced in the message: %(replaced)s. It is no longer Unicode.")
    return Problem("text_improved", words, **params)


def visible(characters: str) -> str:
    """Characters as they can be seen: those without a shape by their codes."""
    if not characters:
        return "∅"
    return "".join(
        f"U+{ord(c):04X}" if unicodedata.category(c)[0] in "CMZ" else c
        for c in characters
    )


def read_choice(text: str | None, otherwise: Choice) -> Choice:
    """The choice of a form or setting; `otherwise` for what is none."""
    return Choice(text) if text in set(Choice) else otherwise


def _replacements(text: str, choice: Choice) -> list[Replacement]:
    found: list[Replacement] = []
    at = 0
    while at < len(text):
        old = text[at : at + 2] if text[at : at + 2] in _NEW else text[at]
        new, kind = _NEW.get(old, ("", None))
        if kind is Choice.MARKS or (kind and choice is Choice.LETTERS):
            found.append(Replacement(at, old, new, kind))
        at += len(old)
    return found


def _replaced(text: str, found: list[Replacement]) -> str:
    parts: list[str] = []
    at = 0
    for one in found:
        parts += (text[at : one.start], one.new)
        at = one.start + len(one.old)
    return "".join((*parts, text[at:]))
