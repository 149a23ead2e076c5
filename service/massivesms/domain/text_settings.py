"""What a company sets for all its texts: its signature, words that operators refuse.

Pure. The signature belongs to the text from the moment a message is made: it is counted
and stored with it, so that what a page shows is what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .keywords import check_phrases, fold, read_phrases
from .segments import check_text
from .words import N_, Problem

MOST_SIGNATURE = 100

#: name -> (default, label, hint), as domain.settings has them.
TEXT_SETTINGS: Mapping[str, tuple[str, str, str]] = {
    "signature": (
        "",
        N_("Company signature"),
        N_(
            "The last line of every message of campaigns and of single messages; it is"
            " counted. Automatic answers go without it. Empty: none."
        ),
    ),
    "refused_words": (
        "",
        N_("Words that operators refuse"),
        N_(
            "Names of brands and banks, for example: one a line or with commas. Whoever"
            " writes one of them is warned. Case and accents do not matter."
        ),
    ),
}


def signed(text: str, signature: str) -> str:
    """A text with the signature as its last line; never twice, and none alone."""
    if not signature or not text.strip() or is_signed(text, signature):
        return text
    return f"{text.rstrip()}\n{signature}"


def unsigned(text: str, signature: str) -> str:
    """What a person wrote of a text that has the signature."""
    is_there = signature and is_signed(text, signature)
    return text.removesuffix(f"\n{signature}") if is_there else text


def left_as_shown(typed: str, stored: str, signature: str) -> bool:
    """Whether a person left a stored text as a form had shown it."""
    return typed in (stored, unsigned(stored, signature))


def is_signed(text: str, signature: str) -> bool:
    """Whether the last line of a text is the signature already."""
    return text.endswith(f"\n{signature}")


def refused_words(text: str, phrases: Sequence[str]) -> list[str]:
    """Those of some words or phrases that are in a text, as they were typed."""
    words = fold(text)
    return [typed for typed in phrases if _has(words, fold(typed))]


def clean(name: str, value: str) -> str:
    """A setting as it is stored."""
    if name == "refused_words":
        return ", ".join(read_phrases(value))
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def check(name: str, value: str) -> Problem | None:
    """Why a setting is not taken, or None."""
    if name == "refused_words":
        return check_phrases(read_phrases(value))
    if not value:
        return None
    if len(value) > MOST_SIGNATURE:
        return Problem(
            "signature_long",
            N_("The signature has %(length)s characters; %(limit)s are the most."),
            length=len(value),
            limit=MOST_SIGNATURE,
        )
    return check_text(value)


def audited(name: str, before: str, after: str) -> list[str]:
    """A change as the log has it: of the signature its length, it is of a text."""
    if name == "signature":
        return [f"{len(text)} characters" for text in (before, after)]
    return [before, after]


def _has(words: Sequence[str], phrase: Sequence[str]) -> bool:
    size = len(phrase)
    starts = range(len(words) - size + 1)
    return size > 0 and any(tuple(words[at : at + size]) == phrase for at in starts)
