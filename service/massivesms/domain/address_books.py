"""A contact of the PBX's address book, and which of its numbers is offered.

This room owns the choice among the numbers and what a search may ask for; the books
themselves are read in the store.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .numbers import NumberPlan, read_number
from .words import Problem

FEWEST = 2  # characters of a search
MOST_WORDS = 5
MOST_TYPED = 60
MOST_HITS = 20
_INTERNATIONAL = re.compile(r"\+|00")
_NUMBER = re.compile(r"\+?[\d\s().\-/]+")


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: `numbers` as they are written there, the best first."""

    name: str
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: the PBX's own id of the person, '' when the PBX does not know them."""

    pbx_id: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: all these words in the name, or these digits in a number."""

    words: Sequence[str] = ()
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A contact as it is offered; `problem` says why it cannot be sent to."""

    name: str
    number: str
    problem: Problem | None


def read_search(typed: str, plan: NumberPlan) -> Search | None:
    """What was typed as a search; None when it is too little.

    A home number is looked for without its country code: books have both spellings.
    """
    text = typed.strip()[:MOST_TYPED]
    if len(text) < FEWEST:
        return None
    if _NUMBER.fullmatch(text):
        digits = digits_of(text)
        if found := _INTERNATIONAL.match(text):
            digits = digits_of(text[found.end() :]).removeprefix(plan.home)
        return Search(digits=digits) if len(digits) >= FEWEST else None
    return Search(words=plain(text).split()[:MOST_WORDS])


def plain(text: object) -> str:
    """A text without accents and capitals, for comparing."""
    apart = unicodedata.normalize("NFKD", str(text or ""))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def digits_of(text: object) -> str:
    """The digits of a number as it is written."""
    return re.sub(r"\D", "", str(text or ""))


def matches(search: Search, texts: Sequence[object], numbers: Sequence[object]) -> bool:
    """Whether a contact with these texts and numbers is one that is looked for."""
    if search.digits:
        return any(search.digits in digits_of(number) for number in numbers)
    whole = plain(" ".join(str(text or "") for text in texts))
    return all(word in whole for word in search.words)


def offer(contact: Contact, plan: NumberPlan) -> Hit | None:
    """The first number that can be sent to; else the first with what is wrong."""
    first: Hit | None = None
    for written in contact.numbers:
        read = read_number(written, plan)
        if not isinstance(read, Problem):
            return Hit(contact.name, read.e164, None)
        first = first or Hit(contact.name, written, read)
    return first
