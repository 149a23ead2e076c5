"""Who wrote to us: the number in the sender of an incoming message, if it is one.

Senders may be short codes and names too; these are no numbers, and nothing is ever
sent back to them by itself.
"""

from __future__ import annotations

from massivesms.domain import world_numbers
from massivesms.domain.numbers import NumberPlan, from_operator
from massivesms.domain.words import Problem

SHORTEST_NUMBER = 7  # digits; fewer are a short code


def number_of(sender: str, plan: NumberPlan) -> str:
    """The sender as an E.164 number with +, or '' for a short code or a name.

    A number that is no mobile by the plan is one all the same: it has written.
    """
    digits = sender.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) < SHORTEST_NUMBER:
        return ""
    if found := from_operator(sender, plan):
        return found
    reading = world_numbers.read_international(digits)
    if isinstance(reading, Problem) or world_numbers.why_not_possible(reading):
        return ""
    return f"+{reading.country_code}{reading.national}"
