"""A single message as a person writes it on the send page or the command line."""

from __future__ import annotations

from dataclasses import dataclass

from .numbers import Number, NumberPlan, read_number
from .segments import check_text, split
from .sender_ids import check_sender_id
from .words import Problem

BY_ITSELF = "(automatic)"  # who wrote what we answer of ourselves


@dataclass(frozen=True, slots=True)
class Single:
    """One checked message to one number."""

    number: Number
    text: str
    segments: int
    sender_id: str


def check_single(
    raw_number: str, text: str, sender_id: str, plan: NumberPlan
) -> Single | dict[str, Problem]:
    """The message, or its problems by field (number, text, sender_id)."""
    number = read_number(raw_number, plan)
    problems: dict[str, Problem] = {}
    if isinstance(number, Problem):
        problems["number"] = number
    if problem := check_text(text):
        problems["text"] = problem
    if problem := check_sender_id(sender_id):
        problems["sender_id"] = problem
    if problems or isinstance(number, Problem):
        return problems
    return Single(number, text, len(split(text).parts), sender_id)
