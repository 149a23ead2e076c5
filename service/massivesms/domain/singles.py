"""A single message as a person writes it on the send page or the command line."""

from __future__ import annotations

from dataclasses import dataclass

from .numbers import Number, NumberPlan, read_number
from .segments import check_text, split
from .sender_ids import check_sender_id
from .templates import pieces
from .text_settings import signed
from .words import N_, Problem

BY_ITSELF = "(automatic)"  # who wrote what we answer of ourselves


@dataclass(frozen=True, slots=True)
class Single:
    """One checked message to one number."""

    number: Number
    text: str
    segments: int
    sender_id: str


def check_single(
    raw_number: str,
    text: str,
    sender_id: str,
    plan: NumberPlan,
    signature: str = "",
) -> Single | dict[str, Problem]:
    """The signed message, or its problems by field (number, text, sender_id)."""
    number = read_number(raw_number, plan)
    problems: dict[str, Problem] = {}
    if isinstance(number, Problem):
        problems["number"] = number
    text = signed(text, signature)
    if problem := check_text(text):
        problems["text"] = problem
    if problem := check_sender_id(sender_id):
        problems["sender_id"] = problem
    if problems or isinstance(number, Problem):
        return problems
    return Single(number, text, len(split(text).parts), sender_id)


def check_places(text: str) -> Problem | None:
    """Why a text is not for one person yet: a template has places to write over."""
    found = [piece.text[1:-1] for piece in pieces(text) if piece.name]
    if not found:
        return None
    words = N_(
        "Write what belongs in the place of <%(name)s>: nobody fills it in here."
    )
    return Problem("place_left", words, name=found[0])
