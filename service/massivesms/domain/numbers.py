"""A phone number: from what was typed to E.164, or the reason why not.

This room owns the verdict on one number under the administrator's plan
(number_plan.py). At home the plan decides and libphonenumber (world_numbers.py)
only fills what the plan leaves open; for other countries libphonenumber decides.
Spelling is read in number_text.py. Nothing here knows lists, duplicates or blocked
numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from massivesms.domain import world_numbers as world
from massivesms.domain.number_plan import NumberPlan, read_country_code, read_prefixes
from massivesms.domain.number_text import PROBLEMS as SPELLING_PROBLEMS
from massivesms.domain.number_text import spell
from massivesms.domain.words import N_, Problem, problem_from

__all__ = ["Number", "NumberPlan", "read_country_code", "read_number", "read_prefixes"]

PROBLEMS = {
    **SPELLING_PROBLEMS,
    **world.PROBLEMS,
    "no_country_code": N_(
        "The country of this number is not known: write it with + and its country "
        "code, or set the country code in Configuration."
    ),
}

_INTERNATIONAL = re.compile(r"\+(?:00)?|00")


def masked(e164: str) -> str:
    """A stored number for logs: enough to find it again, not to call it."""
    if len(e164) < 10:
        return f"{e164[:2]}•••{e164[-2:]}"
    return f"{e164[:5]}•••{e164[-3:]}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be sent to: `e164` is + and at most 15 digits.

    `is_local` is True when it was written without its country code.
    """

    e164: str
    is_local: bool

    @property
    def digits(self) -> str:
        """Country code and number, without the +."""
        return self.e164[1:]

    @property
    def masked(self) -> str:
        """The number for logs: enough to find it again, not to call it."""
        return masked(self.e164)

    def national(self, plan: NumberPlan) -> str:
        """Digits without country code for a home number, with it for others.

        No country code begins with another one, so its digits tell home from
        abroad.
        """
        return self.digits.removeprefix(plan.home)


def read_number(raw: str, plan: NumberPlan) -> Number | Problem:
    """Return the number that `raw` means under `plan`, or why it is none.

    Spelling is normalised first and validated after. Codes of problems: empty,
    no_digits, unknown_characters, scientific, several_numbers, too_short,
    too_long, not_mobile, invalid, no_country_code.
    """
    certain = plan.certain_home
    if certain is not None and (found := certain.fullmatch(raw)):
        return Number(f"+{plan.home}{found[2]}", found[1] is None)
    spelled = spell(raw)
    if isinstance(spelled, Problem):
        return spelled
    if certain is not None and (found := certain.fullmatch(spelled)):
        return Number(f"+{plan.home}{found[2]}", found[1] is None)
    if found := _INTERNATIONAL.match(spelled):
        return _read_international(spelled[found.end() :], plan)
    if not plan.home:
        return _read_homeless(spelled)
    if plan.has_lengths:
        return _read_by_length(spelled, plan)
    return _read_by_country(spelled, plan)


def _read_international(digits: str, plan: NumberPlan) -> Number | Problem:
    home = plan.home
    if home and digits.startswith(home) and plan.has_lengths:
        return _judge_home(digits[len(home) :], plan, is_local=False)
    return _judge_reading(world.read_international(digits), plan)


def from_operator(digits: str, plan: NumberPlan) -> str:
    """The E.164 number in an address as operators write it, or '' when it is none.

    They write numbers with the country code and without a "+", as a rule.
    """
    if not digits:
        return ""
    read = read_number(f"+{digits.removeprefix('+')}", plan)
    if isinstance(read, Problem):
        read = read_number(digits, plan)
    return "" if isinstance(read, Problem) else read.e164


def _read_homeless(digits: str) -> Number | Problem:
    """Read bare digits without a home country: only a whole foreign number."""
    reading = world.read_international(digits)
    if isinstance(reading, Problem) or world.why_not_mobile(reading):
        return problem_from(PROBLEMS, "no_country_code")
    return Number(f"+{reading.country_code}{reading.national}", False)


def _read_by_length(digits: str, plan: NumberPlan) -> Number | Problem:
    """Let the count of digits tell a local number from one with country code."""
    local = _judge_home(digits, plan, is_local=True)
    if isinstance(local, Number) or not digits.startswith(plan.home):
        return local
    rest = digits[len(plan.home) :]
    whole = _judge_home(rest, plan, is_local=False)
    if isinstance(whole, Number) or local.code == "too_long":
        return whole
    return local


def _read_by_country(digits: str, plan: NumberPlan) -> Number | Problem:
    return _judge_reading(world.read_national(digits, plan.home), plan)


def _judge_reading(
    reading: world.Reading | Problem, plan: NumberPlan
) -> Number | Problem:
    """Judge what libphonenumber read; the plan's prefixes rule at home."""
    if isinstance(reading, Problem):
        return reading
    is_home = reading.country_code == plan.home
    if is_home and plan.mobile_prefixes:
        problem = world.why_not_possible(reading)
        if problem is None and not reading.national.startswith(plan.mobile_prefixes):
            problem = problem_from(PROBLEMS, "not_mobile")
    else:
        problem = world.why_not_mobile(reading)
    return problem or Number(
        f"+{reading.country_code}{reading.national}", reading.is_local
    )


def _judge_home(digits: str, plan: NumberPlan, *, is_local: bool) -> Number | Problem:
    """Judge a home number by the plan's lengths and prefixes."""
    verdict = _fit_home(digits, plan)
    for trunk in plan.trunk_prefixes:
        if not digits.startswith(trunk):
            continue
        stripped = digits[len(trunk) :]
        is_certain = trunk == world.trunk_prefix(plan.home) == "0"
        if (is_certain or verdict is not None) and _fit_home(stripped, plan) is None:
            digits, verdict = stripped, None
            break
    return verdict or Number(f"+{plan.home}{digits}", is_local)


def _fit_home(digits: str, plan: NumberPlan) -> Problem | None:
    lengths, size = plan.home_lengths, len(digits)
    if size not in lengths:
        if not lengths:
            return problem_from(PROBLEMS, "invalid")
        if size < min(lengths):
            return world.too_short(size, min(lengths))
        if size > max(lengths):
            return world.too_long(size, max(lengths))
        return problem_from(PROBLEMS, "invalid")
    is_mobile = digits.startswith(plan.home_prefixes)
    return None if is_mobile else problem_from(PROBLEMS, "not_mobile")
