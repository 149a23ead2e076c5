"""What the administrator set about phone numbers at home, and whether it can be.

This room owns the country code, the mobile prefixes and the lengths, and what
follows from them together with the world's plans. It judges no number; numbers.py
does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from massivesms.domain import world_numbers as world
from massivesms.domain.words import N_, Problem, problem_from

PROBLEMS = {
    "country_code_form": N_(
        "The country code has one to three digits, such as 34: write it without + "
        "or zeros in front."
    ),
    "country_code_unknown": N_("No country has the code %(country_code)s: check it."),
    "prefix_form": N_(
        "The mobile prefix “%(prefix)s” is not made of digits: write the first "
        "digits of mobile numbers, separated by commas."
    ),
    "prefix_trunk_digit": N_(
        "Write the mobile prefix %(prefix)s without the %(trunk)s that is only "
        "dialled inside the country."
    ),
    "length_range": N_(
        "A length of %(length)s digits is not possible: write a number from "
        "%(minimum)s to %(maximum)s, or 0 for none."
    ),
    "length_order": N_(
        "The least length (%(minimum)s) is larger than the most (%(maximum)s): "
        "exchange them."
    ),
}


@dataclass(frozen=True)
class NumberPlan:
    """What the administrator set about the numbers of the home country.

    `country_code` is digits, "" when not configured. Lengths count digits without
    the country code; 0 means not set. Any value can be held, so that a half
    finished configuration can be read: `check` says what is wrong with it.
    """

    country_code: str = ""
    mobile_prefixes: tuple[str, ...] = ()
    min_mobile_length: int = 0
    max_mobile_length: int = 0

    def check(self) -> list[Problem]:
        """What is wrong with the plan; an empty list when it can be used."""
        return [*self._check_country(), *self._check_prefixes(), *self._check_lengths()]

    @cached_property
    def home(self) -> str:
        """The country code when there is such a country, else ""."""
        code = self.country_code
        return code if world.is_country_code(code) else ""

    @property
    def has_lengths(self) -> bool:
        """True when the least or the most digits are set."""
        return self.min_mobile_length > 0 or self.max_mobile_length > 0

    @cached_property
    def home_lengths(self) -> frozenset[int]:
        """Digits that a home number may have, without country code.

        Without lengths, any that exist there; without prefixes, only those that
        exist there, so that a wide range does not let anything through.
        """
        most = world.MOST_DIGITS - len(self.home)
        possible = world.possible_lengths(self.home)
        if not self.has_lengths:
            return frozenset(possible)
        mobile = world.mobile_lengths(self.home) or (world.FEWEST_DIGITS, most)
        low = self.min_mobile_length or min(mobile[0], self.max_mobile_length)
        high = self.max_mobile_length or max(mobile[-1], self.min_mobile_length)
        lengths = frozenset(range(low, min(high, most) + 1))
        return lengths if self.mobile_prefixes else lengths & frozenset(possible)

    @cached_property
    def trunk_prefixes(self) -> tuple[str, ...]:
        """What may be dialled before a home number and is no part of it."""
        return tuple({world.trunk_prefix(self.home), "0"} - {""})

    @cached_property
    def home_prefixes(self) -> tuple[str, ...]:
        """What a home number may begin with; an empty text when anything."""
        return self.mobile_prefixes or ("",)

    @cached_property
    def certain_home(self) -> re.Pattern[str] | None:
        """Home numbers that need no further look: (written code), (digits)."""
        code = self.home
        if not code:
            return None
        if not self.has_lengths:
            mobile = world.certain_mobile(code)
        else:
            lengths = "|".join(f"[0-9]{{{size}}}" for size in sorted(self.home_lengths))
            mobile = f"(?!0)(?:{lengths})" if lengths else None
        if mobile is None:
            return None
        prefixes = "|".join(map(re.escape, self.home_prefixes))
        return re.compile(rf"(\+{code}|00{code})?((?={prefixes}){mobile})", re.ASCII)

    def _check_country(self) -> list[Problem]:
        code = self.country_code
        if not code:
            return []
        if not re.fullmatch("[1-9][0-9]{0,2}", code):
            return [problem_from(PROBLEMS, "country_code_form")]
        if not world.is_country_code(code):
            return [problem_from(PROBLEMS, "country_code_unknown", country_code=code)]
        return []

    def _check_prefixes(self) -> list[Problem]:
        problems = []
        trunk = world.trunk_prefix(self.home)
        for prefix in self.mobile_prefixes:
            if not re.fullmatch("[0-9]+", prefix):
                problems.append(problem_from(PROBLEMS, "prefix_form", prefix=prefix))
            elif trunk == "0" and prefix.startswith(trunk):
                problems.append(
                    problem_from(
                        PROBLEMS, "prefix_trunk_digit", prefix=prefix, trunk=trunk
                    )
                )
        return problems

    def _check_lengths(self) -> list[Problem]:
        low, high = self.min_mobile_length, self.max_mobile_length
        bounds = {"minimum": world.FEWEST_DIGITS, "maximum": world.MOST_DIGITS}
        problems = [
            problem_from(PROBLEMS, "length_range", length=length, **bounds)
            for length in dict.fromkeys((low, high))
            if length != 0 and not bounds["minimum"] <= length <= bounds["maximum"]
        ]
        if 0 < high < low:
            problems.append(
                problem_from(PROBLEMS, "length_order", minimum=low, maximum=high)
            )
        return problems


def read_prefixes(text: str) -> tuple[str, ...]:
    """Mobile prefixes as typed, separated by commas, semicolons or spaces."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,;]+", text)))


def read_country_code(text: str) -> str:
    """A country code as typed: " +34 " and "0034" are "34"; nonsense stays."""
    return re.sub(r"^(?:\+|00)", "", re.sub(r"[\s()\-]", "", text))
