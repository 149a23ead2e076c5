"""Weekdays and named timetables: which minutes of which days are for sending.

Pure values and how people write them; schedule.py decides by them. A slot belongs to
the day on which it begins: what begins on Friday at 22:00 may end on Saturday.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .words import N_, Problem

A_DAY = 1440  # minutes
Days = frozenset[int]  # 1 is Monday
EVERY_DAY: Days = frozenset(range(1, 8))
MOST_SLOTS = 12  # of one day

_SLOT = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_NAMES = (
    *(("mon", "monday", "lun", "lunes"), ("tue", "tuesday", "mar", "martes")),
    *(("wed", "wednesday", "mie", "miercoles"), ("thu", "thursday", "jue", "jueves")),
    *(("fri", "friday", "vie", "viernes"), ("sat", "saturday", "sab", "sabado")),
    ("sun", "sunday", "dom", "domingo"),
)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Minutes of a day from (included) to (excluded); past 1440 they are tomorrow's."""

    day: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Timetable:
    """Slots of the days of a week, under a name."""

    name: str
    slots: tuple[Slot, ...]

    def of(self, day: int) -> list[tuple[int, int]]:
        """The slots that begin on a day of the week."""
        return [(slot.start, slot.end) for slot in self.slots if slot.day == day]

    def written(self, day: int) -> str:
        """The slots of a day as they are typed: "09:00-14:00, 16:00-20:00"."""
        return ", ".join(str(slot) for slot in self.slots if slot.day == day)

    def lines(self) -> list[str]:
        """ "mon-fri 09:00-14:00, 16:00-20:00": days alike in one line."""
        by_text: dict[str, set[int]] = {}
        for day in sorted(EVERY_DAY):
            if text := self.written(day):
                by_text.setdefault(text, set()).add(day)
        return [f"{days_text(days)} {text}" for text, days in by_text.items()]


def read_slots(days: Iterable[int], text: str) -> list[Slot] | Problem:
    """The slots "HH:MM-HH:MM, HH:MM-HH:MM" for each of some days; '' is none."""
    pieces = [p.strip() for p in re.split(r"[,;]", text) if p.strip()]
    spans: list[tuple[int, int]] = []
    for piece in pieces:
        match = _SLOT.fullmatch(piece.replace("–", "-"))
        hours = [int(part) for part in match.groups()] if match else []
        start = hours[0] * 60 + hours[1] if hours else -1
        end = hours[2] * 60 + hours[3] if hours else -1
        if not match or not (0 <= start < A_DAY and 0 <= end <= A_DAY):
            return _slot_form(piece)
        if start == end:
            return Problem(
                "slot_empty",
                N_("%(slot)s ends when it begins. Write 00:00-24:00 for a whole day."),
                slot=piece,
            )
        spans.append((start, end if end > start else end + A_DAY))
    return _overlapping(spans) or [Slot(d, *s) for d in days for s in sorted(spans)]


def _overlapping(spans: list[tuple[int, int]]) -> Problem | None:
    ordered = sorted(spans)
    for (start, end), (following, last) in zip(ordered, ordered[1:], strict=False):
        if following < end:
            return Problem(
                "slots_overlap",
                N_("%(one)s and %(other)s overlap: write them as one."),
                one=f"{_clock(start)}-{_clock(end)}",
                other=f"{_clock(following)}-{_clock(last)}",
            )
    if len(spans) > MOST_SLOTS:
        return Problem(
            "slots_many", N_("At most %(limit)s times of one day."), limit=MOST_SLOTS
        )
    return None


def read_line(text: str) -> list[Slot] | Problem:
    """Days and their slots: "mon-fri 09:00-14:00, 16:00-20:00"."""
    head, _, rest = text.strip().partition(" ")
    days = read_days(head)
    if isinstance(days, Problem):
        return days
    return read_slots(sorted(days), rest) if rest.strip() else _slot_form(text)


def make(name: str, slots: Iterable[Slot]) -> Timetable | Problem:
    """A timetable of all the slots, or why it is none."""
    found = sorted(set(slots))
    if not found:
        return Problem(
            "timetable_empty", N_("Write at least one time on one day, as 09:00-14:00.")
        )
    for day in EVERY_DAY:
        spans = [(slot.start, slot.end) for slot in found if slot.day == day]
        if problem := _overlapping(spans):
            return problem
    return Timetable(name, tuple(found))


def read_days(text: str) -> Days | Problem:
    """Days of the week: "mon-fri", "mon,wed,sat", "1,2,3", "all"; also in Spanish."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace(" ", ""))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if plain in ("", "all", "todos"):
        return EVERY_DAY
    days: set[int] = set()
    for piece in plain.split(","):
        first, dash, last = piece.partition("-")
        begin, end = _day(first), _day(last) if dash else _day(first)
        if not begin or not end:
            return Problem(
                "days_form",
                N_("%(text)s are no days. Write them as mon-fri, or as mon,wed,sat."),
                text=text,
            )
        days |= {(begin - 1 + n) % 7 + 1 for n in range((end - begin) % 7 + 1)}
    return frozenset(days)


def _day(text: str) -> int:
    """A day's number; 0 for what is none."""
    if text in {str(day) for day in EVERY_DAY}:
        return int(text)
    return next((n for n, names in enumerate(_NAMES, 1) if text in names), 0)


def stored_days(days: Days) -> str:
    """Days as they are stored: "1,2,3"; '' for all of them."""
    return "" if days == EVERY_DAY else ",".join(str(day) for day in sorted(days))


def from_stored(text: str) -> Days:
    """Days that were stored; all of them for ''."""
    return frozenset(int(day) for day in text.split(",") if day) or EVERY_DAY


def days_text(days: Iterable[int]) -> str:
    """Days as the command line writes them: "mon-fri", "mon,wed", "all"."""
    ordered = sorted(days)
    if len(ordered) == len(EVERY_DAY):
        return "all"
    names = [_NAMES[day - 1][0] for day in ordered]
    is_run = len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1
    return f"{names[0]}-{names[-1]}" if is_run else ",".join(names)


def _slot_form(piece: str) -> Problem:
    return Problem(
        "slot_form",
        N_(
            "%(slot)s is no time. Write from and to, for example"
            " 09:00-14:00, 16:00-20:00 or 22:00-02:00."
        ),
        slot=piece,
    )


def _clock(minute: int) -> str:
    return "24:00" if minute == A_DAY else f"{minute // 60 % 24:02}:{minute % 60:02}"
