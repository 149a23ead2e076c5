"""Keywords: whether a text that came in says one of some words, and nothing else.

The rule, as the page says it: a text means a keyword when it is made of keywords and
polite words only. So "Stop. Thank you!" is a wish and "please stop by our office" is
none. Case, accents, punctuation, quotes and emoji never matter, nor do letters that
are drawn out or spelt one by one ("STOOOP", "B A J A").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .words import N_, Problem

MOST_PHRASES = 200
MOST_WORDS = 6  # of one phrase
MOST_LETTERS = 60  # of one phrase
SHOWN_OTHERS = 4

Phrase = tuple[str, ...]

_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
_NO_WORD = re.compile(r"[\W_]+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_BETWEEN = re.compile(r"[,;\r\n]+")
_SPELT_LEAST = 3  # letters one by one are a word from so many


def fold(text: str) -> Phrase:
    """The words of a text, stripped of all that people write in different ways."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    marks = unicodedata.normalize("NFKD", plain)
    plain = "".join(c for c in marks if not unicodedata.combining(c))
    words = [_DRAWN_OUT.sub(r"\1", word) for word in _NO_WORD.split(plain) if word]
    return tuple(_joined(words))


def _joined(words: Sequence[str]) -> Iterable[str]:
    """Letters that stand one by one as the word that they spell."""
    spelt: list[str] = []
    for word in (*words, ""):
        if len(word) == 1 and word.isalpha():
            spelt.append(word)
            continue
        if len(spelt) >= _SPELT_LEAST:
            yield "".join(spelt)
        else:
            yield from spelt
        spelt.clear()
        if word:
            yield word


def read_phrases(text: str) -> list[str]:
    """Words or phrases as typed, one a line or with commas; each once."""
    found: dict[Phrase, str] = {}
    for piece in _BETWEEN.split(text):
        typed = " ".join(piece.split())
        if typed:
            found.setdefault(fold(typed) or (typed,), typed)
    return list(found.values())


def check_phrases(phrases: Sequence[str]) -> Problem | None:
    """Why such words are not taken, or None."""
    if len(phrases) > MOST_PHRASES:
        words = N_("These are %(count)s words; %(limit)s are the most.")
        return Problem("phrases_many", words, count=len(phrases), limit=MOST_PHRASES)
    for phrase in phrases:
        if not fold(phrase):
            words = N_("“%(word)s” has neither letters nor digits.")
            return Problem("phrase_empty", words, word=phrase[:MOST_LETTERS])
        if len(phrase) > MOST_LETTERS or len(fold(phrase)) > MOST_WORDS:
            words = N_(
                "“%(word)s” is too long: a keyword has at most %(words)s words and"
                " %(letters)s letters. Put commas between keywords."
            )
            return Problem(
                "phrase_long",
                words,
                word=phrase[:MOST_LETTERS],
                words=MOST_WORDS,
                letters=MOST_LETTERS,
            )
    return None


@dataclass(frozen=True)
class Vocabulary:
    """Some phrases, folded; `typed` gives each as a person wrote it."""

    typed: dict[Phrase, str]
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        longest = max((len(phrase) for phrase in self.typed), default=0)
        object.__setattr__(self, "longest", longest)

    def at(self, words: Phrase, place: int) -> Phrase | None:
        """The longest of the phrases that stands at a place."""
        for length in range(min(self.longest, len(words) - place), 0, -1):
            if (phrase := words[place : place + length]) in self.typed:
                return phrase
        return None


@lru_cache(maxsize=256)
def vocabulary(text: str) -> Vocabulary:
    """The phrases of a stored setting."""
    return Vocabulary({fold(typed): typed for typed in read_phrases(text)})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text: keywords as typed, and words that are neither."""

    keywords: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether there are keywords and nothing else but polite words."""
        return bool(self.keywords) and not self.others

    @property
    def shown_others(self) -> str:
        """The first of the other words, for people."""
        more = " ..." if len(self.others) > SHOWN_OTHERS else ""
        return " ".join(self.others[:SHOWN_OTHERS]) + more


def read(words: Phrase, wanted: Vocabulary, polite: Vocabulary) -> Reading:
    """Takes folded words apart; a keyword wins over a polite word as long."""
    keywords: list[str] = []
    others: list[str] = []
    place = 0
    while place < len(words):
        keyword, courtesy = wanted.at(words, place), polite.at(words, place)
        if keyword and len(keyword) >= len(courtesy or ()):
            keywords.append(wanted.typed[keyword])
            place += len(keyword)
        elif courtesy:
            place += len(courtesy)
        else:
            others.append(words[place])
            place += 1
    return Reading(tuple(dict.fromkeys(keywords)), tuple(others))


def begins(words: Phrase, wanted: Vocabulary, polite: Vocabulary) -> str | None:
    """The keyword with which a text begins, polite words before it aside."""
    place = 0
    while place < len(words):
        if keyword := wanted.at(words, place):
            return wanted.typed[keyword]
        courtesy = polite.at(words, place)
        if courtesy is None:
            return None
        place += len(courtesy)
    return None
