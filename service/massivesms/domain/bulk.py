"""Rows of a bulk file: campaign;number;message;priority, and what is wrong with one.

This room owns what a priority may be and the words of the verdicts. It reads no
files and knows no database.
"""

from __future__ import annotations

from collections.abc import Mapping

from .words import N_, Problem, problem_from

LAST = 9999  # the priority of a row that has none, and of every other message
COLUMNS = ("campaign", "number", "message", "priority")

PROBLEMS: Mapping[str, str] = {
    "bulk_cells": N_(
        "This row has %(cells)s cells: it needs campaign;number;message;priority."
    ),
    "bulk_more_cells": N_(
        "This row has more than campaign;number;message;priority: put its message in"
        " quotes."
    ),
    "campaign_unknown": N_("There is no campaign called %(name)s."),
    "campaign_over": N_(
        "The campaign %(name)s is over: nothing can be added to it any more."
    ),
    "priority_wrong": N_(
        "%(written)s is no priority: write a whole number from 0 (first) to %(last)s"
        " (last), or nothing."
    ),
    "bulk_no_text": N_("This row has no message and its campaign has none for it."),
    "bulk_twice": N_(
        "An earlier row has the same message to this number for this campaign."
    ),
}


def problem(code: str, **params: object) -> Problem:
    """The verdict of that code."""
    return problem_from(PROBLEMS, code, **params)


def read_priority(written: str) -> int | Problem:
    """0 (first) to 9999 (last); a row without one is among the last."""
    text = written.strip()
    if not text:
        return LAST
    if not (text.isascii() and text.isdigit()) or int(text[:9]) > LAST:
        return problem("priority_wrong", written=text[:40], last=LAST)
    return int(text)
