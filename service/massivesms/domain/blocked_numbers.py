"""Blocked numbers: what a person writes to block some, and the words about them.

This room owns the verdict on what was written. Which numbers are blocked is the
store's to know, and to skip them is the claim's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .numbers import Number, NumberPlan, read_number
from .words import N_, Problem

MANUAL = "manual"
DONT_CALL = "dont_call"
FILE = "file"
OPT_OUT = "opt_out"
BY_OWNER = "(incoming)"  # who acts when the number itself asks
SOURCE_LABELS: Mapping[str, str] = {
    MANUAL: N_("By hand"),
    FILE: N_("CSV file"),
    DONT_CALL: N_("Call centre's do-not-call list"),
    OPT_OUT: N_("Opt-out of its owner"),
}
MOST_AT_ONCE = 5000
MAX_REASON = 160
_BETWEEN = re.compile(r"[\r\n,;]+")


@dataclass(slots=True)
class Written:
    """What was written: each number once, and what is none with its reason."""

    numbers: list[Number] = field(default_factory=list)
    bad: list[tuple[str, Problem]] = field(default_factory=list)


def read_numbers(text: str, plan: NumberPlan) -> Written | Problem:
    """Numbers one a line, or with commas or semicolons between them."""
    pieces = [piece.strip() for piece in _BETWEEN.split(text)]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return Problem("empty", N_("Write at least one number."))
    if len(pieces) > MOST_AT_ONCE:
        return Problem(
            "too_many",
            N_("These are %(count)s numbers; block at most %(limit)s at once."),
            count=len(pieces),
            limit=MOST_AT_ONCE,
        )
    written, seen = Written(), set()
    for piece in pieces:
        number = read_number(piece, plan)
        if isinstance(number, Problem):
            written.bad.append((piece, number))
        elif number.e164 not in seen:
            seen.add(number.e164)
            written.numbers.append(number)
    return written


def check_reason(reason: str) -> Problem | None:
    """Why the reason is not taken, or None."""
    if len(reason) <= MAX_REASON:
        return None
    return Problem(
        "reason_long",
        N_("The reason has %(length)s characters; %(limit)s are the most."),
        length=len(reason),
        limit=MAX_REASON,
    )


def refusal(number: str, source: str = MANUAL) -> Problem:
    """Why a single message to a blocked number is not taken."""
    if source == OPT_OUT:
        return Problem(
            "opted_out",
            N_(
                "%(number)s has opted out: nothing is sent to it until its owner comes"
                " back with a word such as ALTA or START."
            ),
            number=number,
        )
    return Problem(
        "blocked",
        N_(
            "%(number)s is blocked: nothing is sent to it. Take it off the blocked"
            " numbers first if you may write to it."
        ),
        number=number,
    )
