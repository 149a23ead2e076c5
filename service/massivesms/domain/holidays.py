"""Holidays: dates with a name, of one year or of every year.

Pure: the dates as values, and how people write them. schedule.py asks whether a day
is one; a campaign keeps them or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .words import N_, Problem

MAX_NAME = 80
MOST_LINES = 1000
EVERY_YEAR = 0
_LEAP = 2000  # a year in which every date exists

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_EUROPEAN = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}))?")
_LINE = re.compile(r"(\S+?)(?:\s*[;,\t]\s*|\s+|$)(.*)")


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """A date and its name; year 0 = every year."""

    month: int
    day: int
    year: int
    name: str = field(compare=False)

    @property
    def is_yearly(self) -> bool:
        """Whether it comes every year."""
        return self.year == EVERY_YEAR

    def __str__(self) -> str:
        if self.is_yearly:
            return f"{self.day:02}/{self.month:02}"
        return f"{self.year:04}-{self.month:02}-{self.day:02}"


class Holidays:
    """All holidays, asked by date."""

    def __init__(self, holidays: Iterable[Holiday] = ()) -> None:
        self._names: Mapping[tuple[int, int, int], str] = {
            (h.year, h.month, h.day): h.name for h in holidays
        }

    def __bool__(self) -> bool:
        return bool(self._names)

    def name_of(self, day: date) -> str | None:
        """The name of the holiday that a day is; None for none."""
        once = self._names.get((day.year, day.month, day.day))
        return once or self._names.get((EVERY_YEAR, day.month, day.day))


def read(text: str, name: str, *, yearly: bool = False) -> Holiday | Problem:
    """A holiday from 2026-12-25, 25/12/2026 or, every year, 25/12."""
    found = _date(text.strip())
    title = " ".join(name.split())
    if found is None:
        return Problem(
            "holiday_date",
            N_(
                "%(text)s is no date. Write it as 2026-12-25 or 25/12/2026;"
                " 25/12 is a holiday of every year."
            ),
            text=text.strip(),
        )
    if not title:
        return Problem(
            "holiday_name", N_("The holiday of %(text)s has no name."), text=text
        )
    if len(title) > MAX_NAME or not title.isprintable():
        return Problem(
            "holiday_name_form",
            N_("The name of a holiday has at most %(limit)s ordinary characters."),
            limit=MAX_NAME,
        )
    year, month, day = found
    return Holiday(month, day, EVERY_YEAR if yearly else year, title)


def _date(text: str) -> tuple[int, int, int] | None:
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _EUROPEAN.fullmatch(text):
        day, month = int(match[1]), int(match[2])
        year = int(match[3]) if match[3] else EVERY_YEAR
    else:
        return None
    try:
        date(year or _LEAP, month, day)
    except ValueError:
        return None
    return (year, month, day) if not year or 1990 <= year <= 2200 else None


def read_lines(text: str, *, yearly: bool = False) -> list[Holiday] | list[Problem]:
    """The holidays of pasted lines "DATE NAME"; the problems of lines, if any.

    Empty lines and those that begin with # are passed over.
    """
    found: dict[Holiday, Holiday] = {}
    problems: list[Problem] = []
    lines = text.splitlines()
    for number, line in enumerate(lines[:MOST_LINES], 1):
        match = _LINE.fullmatch(line.strip())
        if not match or line.lstrip().startswith("#"):
            continue
        holiday = read(match[1], match[2], yearly=yearly)
        if isinstance(holiday, Problem):
            problems.append(
                Problem(
                    "holiday_line",
                    N_("Line %(line)s: %(why)s"),
                    line=number,
                    why=holiday,
                )
            )
        else:
            found[holiday] = holiday
    if not found and not problems or len(lines) > MOST_LINES:
        words = N_("Write one holiday a line, 1 to %(limit)s of them.")
        problems.append(Problem("holiday_lines", words, limit=MOST_LINES))
    return problems or sorted(found.values())
