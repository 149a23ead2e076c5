"""Sender ids: 11 alphanumeric characters or 14 digits (SMPP 3.4 §5.2.8)."""

from __future__ import annotations

from .gsm7 import is_gsm7
from .words import N_, Problem

MAX_ALPHANUMERIC = 11
MAX_DIGITS = 14


def check_sender_id(sender_id: str) -> Problem | None:
    """What is wrong with a sender; the empty one is the operator's own choice."""
    if not sender_id:
        return None
    digits = sender_id.removeprefix("+")
    if digits.isdecimal() and digits.isascii():
        if len(digits) > MAX_DIGITS:
            return Problem(
                "sender_too_long",
                N_("The sender has %(length)s digits; %(limit)s are the most."),
                length=len(digits),
                limit=MAX_DIGITS,
            )
        return None
    if len(sender_id) > MAX_ALPHANUMERIC:
        return Problem(
            "sender_too_long",
            N_("The sender has %(length)s characters; %(limit)s are the most."),
            length=len(sender_id),
            limit=MAX_ALPHANUMERIC,
        )
    if sender_id.startswith("-") or not sender_id.isprintable():
        return Problem("sender_form", N_("A sender may not begin with a dash."))
    if not sender_id.isascii() or not is_gsm7(sender_id):
        return Problem(
            "sender_characters",
            N_("A sender is made of plain letters without accents, digits and spaces."),
        )
    return None
