"""Whether a cell may hold a phone number, perhaps a damaged one."""

from __future__ import annotations

import re

from massivesms.domain.number_text import spell

_DATE = re.compile(
    r"\s*(?:\d{4}[/.-]\d\d?[/.-]\d\d?|\d\d?[/.-]\d\d?[/.-](?:\d\d){1,2})(?:[ T].*)?"
)
LIKELY_DIGITS = 7
LEAST_DIGITS = 5


def looks_like_number(cell: str) -> bool:
    """True when a cell may be a phone number, perhaps a damaged one; no date."""
    return digits_of(cell) >= LEAST_DIGITS


def digits_of(cell: str) -> int:
    """How many digits a number in a cell has; 0 for what is none, as a date."""
    if not has_digit(cell) or _DATE.fullmatch(cell):
        return 0
    spelled = spell(cell)
    if isinstance(spelled, str):
        return len(spelled.lstrip("+"))
    is_damaged = spelled.code in {"scientific", "several_numbers"}
    return LIKELY_DIGITS if is_damaged else 0


def has_digit(cell: str) -> bool:
    """True for a cell with any digit."""
    return any(map(str.isdecimal, cell))
