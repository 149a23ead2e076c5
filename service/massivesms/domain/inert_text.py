"""Texts that stay on their line: for logs and for the audit.

Whoever writes a name, a user agent or a receipt must not be able to write a line of
a log, to colour a terminal or to turn the direction of what follows.
"""

from __future__ import annotations

from unicodedata import category


def inert(text: str) -> str:
    """A text with its control characters spelt out: \\n, \\x1b, \\u202e."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _spelt(c) for c in text)


def _spelt(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


_DECEIVING = frozenset({"Cc", "Cf", "Cs"})
#: Invisible characters that texts of people rightly have: line feeds, joiners of
#: emoji and of some scripts, marks of direction that reach no further than themselves.
_HARMLESS = frozenset("\n\u200c\u200d\u200e\u200f\u061c\u00ad")
_NEW_LINES = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\t": " "})


def shown(text: str) -> str:
    """A text of a person for a page or a file: what could deceive is spelt out.

    Control characters are, and whatever turns the direction of writing: \\x00, \\u202e.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NEW_LINES)
    if text.isprintable():
        return text
    return "".join(_spelt(c) if _deceives(c) else c for c in text)


def _deceives(character: str) -> bool:
    return category(character) in _DECEIVING and character not in _HARMLESS
