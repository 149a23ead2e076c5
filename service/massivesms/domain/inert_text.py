"""Texts that stay on their line: for logs and for the audit.

Whoever writes a name, a user agent or a receipt must not be able to write a line of
a log, to colour a terminal or to turn the direction of what follows.
"""

from __future__ import annotations


def inert(text: str) -> str:
    """A text with its control characters spelt out: \\n, \\x1b, \\u202e."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _spelt(c) for c in text)


def _spelt(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
