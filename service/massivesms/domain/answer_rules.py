"""What an incoming text is taken for, and what is answered: pure, with its reason.

Opt-outs come first, then coming back, then the keyword answers in the order in which
they were made, then the answer outside the hours. Whether an answer may be made at
all (blocked, too often, a short code) is the engine's to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from . import answer_settings, keywords
from .answer_settings import AnswerSettings, Opening
from .keywords import Phrase, Vocabulary
from .segments import check_text
from .words import N_, Problem


class Kind(StrEnum):
    """What was done of ourselves; also stored with the incoming message."""

    NOTHING = ""
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    KEYWORD = "keyword"
    OUT_OF_HOURS = "out_of_hours"


class Matching(StrEnum):
    """Where in a text a keyword must stand."""

    ALONE = "alone"
    BEGINS = "begins"
    INSIDE = "inside"


MATCHING_LABELS: Mapping[Matching, str] = {
    Matching.ALONE: N_("The keyword and only polite words"),
    Matching.BEGINS: N_("The text begins with the keyword"),
    Matching.INSIDE: N_("The keyword is anywhere in the text"),
}


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """One keyword answer; `hours` and `days` as they are stored, '' = always."""

    words: str
    text: str
    matching: Matching = Matching.ALONE
    active: bool = True
    hours: str = ""
    days: str = ""
    id: int = 0

    @property
    def opening(self) -> Opening:
        """When it holds."""
        return answer_settings.read_opening(self.hours, self.days)


def check_rule(rule: AnswerRule, answers: AnswerSettings) -> dict[str, Problem]:
    """The problems of a keyword answer by field; its words are cleaned ones."""
    found: dict[str, Problem | None] = {
        "words": _check_words(rule.words, answers),
        "text": check_text(rule.text),
        "hours": answer_settings.check_one("opening_hours", rule.hours),
        "days": answer_settings.check_days(rule.days),
    }
    return {name: problem for name, problem in found.items() if problem}


def _check_words(words: str, answers: AnswerSettings) -> Problem | None:
    phrases = keywords.read_phrases(words)
    if not phrases:
        return Problem("keyword_missing", N_("Write at least one keyword."))
    if answers.opt_outs:
        for phrase in phrases:
            folded = keywords.fold(phrase)
            wishes = (answers.opt_out_words.typed, answers.opt_in_words.typed)
            if any(folded in typed for typed in wishes):
                text = N_(
                    "“%(word)s” is a word of opt-outs, which come first: choose"
                    " another one."
                )
                return Problem("keyword_wish", text, word=phrase)
    return keywords.check_phrases(phrases)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text is taken for, with the answer to it and why."""

    kind: Kind
    why: Problem
    keyword: str = ""
    answer: str = ""  # '' = none
    rule_id: int = 0


def understand(
    text: str,
    answers: AnswerSettings,
    rules: Sequence[AnswerRule],
    local: datetime,
    *,
    is_out: bool | None = None,
) -> Understood:
    """What a text is taken for at a local moment.

    `is_out`: whether its sender is opted out; who is not has nothing to come back
    to, so that a word for it may be another keyword. None: that does not matter.
    """
    words = keywords.fold(text)
    wish = _wish(words, answers) if answers.opt_outs else None
    if wish and not (wish.kind is Kind.OPT_IN and is_out is False):
        return wish
    if not answers.automatic:
        return Understood(Kind.NOTHING, _OFF)
    for rule in rules:
        if not (rule.active and rule.opening.contains(local)):
            continue
        if keyword := _keyword(words, rule, answers.polite_words):
            why = Problem("keyword", _KEYWORD, word=keyword)
            return Understood(Kind.KEYWORD, why, keyword, rule.text, rule.id)
    if answers.out_of_hours_text and not answers.opening.contains(local):
        return Understood(Kind.OUT_OF_HOURS, _CLOSED, answer=answers.out_of_hours_text)
    return Understood(Kind.NOTHING, _why_nothing(words, answers))


_KEYWORD = N_("It is the keyword “%(word)s” of one of your answers.")
_OFF = Problem("answers_off", N_("Answering by itself is turned off."))
_CLOSED = Problem(
    "out_of_hours", N_("It is no keyword, and it is outside the hours you are there.")
)


def _wish(words: Phrase, answers: AnswerSettings) -> Understood | None:
    """To be left out or to come back, if that is what it says."""
    out = keywords.read(words, answers.opt_out_words, answers.polite_words)
    back = keywords.read(words, answers.opt_in_words, answers.polite_words)
    if out.is_alone or (answers.opt_out_inside and out.keywords):
        found = N_("It asks to be left out: “%(word)s” and only polite words.")
        if not out.is_alone:
            found = N_(
                "It contains “%(word)s”, and the setting takes that for an opt-out."
            )
        keyword = out.keywords[0]
        why = Problem("opt_out", found, word=keyword)
        return Understood(Kind.OPT_OUT, why, keyword, answers.opt_out_text)
    if back.is_alone:
        found = N_("It asks to come back: “%(word)s” and only polite words.")
        why = Problem("opt_in", found, word=back.keywords[0])
        return Understood(Kind.OPT_IN, why, back.keywords[0], answers.opt_in_text)
    return None


def _keyword(words: Phrase, rule: AnswerRule, polite: Vocabulary) -> str | None:
    wanted = keywords.vocabulary(rule.words)
    if rule.matching is Matching.BEGINS:
        return keywords.begins(words, wanted, polite)
    found = keywords.read(words, wanted, polite)
    if found.keywords and (rule.matching is Matching.INSIDE or found.is_alone):
        return found.keywords[0]
    return None


def _why_nothing(words: Phrase, answers: AnswerSettings) -> Problem:
    """Why a text is none of it: the word that nearly was one, and what is beside."""
    if not words:
        return Problem("no_words", N_("There is no word in it."))
    if answers.opt_outs:
        for wanted in (answers.opt_out_words, answers.opt_in_words):
            found = keywords.read(words, wanted, answers.polite_words)
            if found.keywords:
                text = N_(
                    "It contains “%(word)s”, but also “%(others)s”, which is no polite"
                    " word: so it is an ordinary sentence."
                )
                return Problem(
                    "sentence",
                    text,
                    word=found.keywords[0],
                    others=found.shown_others,
                )
    return Problem("no_keyword", N_("There is no keyword in it."))
