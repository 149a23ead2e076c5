"""How days, timetables and holidays are written, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from massivesms.domain import holidays
from massivesms.domain.holidays import Holiday, Holidays, read_lines
from massivesms.domain.timetables import (
    EVERY_DAY,
    Timetable,
    days_text,
    from_stored,
    make,
    read_days,
    read_line,
    read_slots,
    stored_days,
)
from massivesms.domain.words import Problem


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {1, 2, 3, 4, 5}),
        ("Monday, Wed ,sat", {1, 3, 6}),
        ("lun-vie", {1, 2, 3, 4, 5}),
        ("sábado,domingo", {6, 7}),
        ("fri-mon", {5, 6, 7, 1}),
        ("1,2", {1, 2}),
        ("all", set(range(1, 8))),
        ("", set(range(1, 8))),
    ],
)
def test_days_are_read(text: str, days: set[int]) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["some", "8", "mon-", "-fri", "0", "mon fri", "m"])
def test_what_are_no_days_is_refused(text: str) -> None:
    found = read_days(text)
    assert isinstance(found, Problem) and found.code == "days_form"


@pytest.mark.parametrize("days", [EVERY_DAY, frozenset({1}), frozenset({1, 5, 7})])
def test_days_come_back_as_they_were_stored(days: frozenset[int]) -> None:
    assert from_stored(stored_days(days)) == days
    assert read_days(days_text(days)) == days


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mon-fri 9:00-14:00,16:00-20:00", "mon-fri 09:00-14:00, 16:00-20:00"),
        ("fri 22:00-02:00", "fri 22:00-02:00"),
        ("sat 00:00-24:00", "sat 00:00-24:00"),
        ("sun 08:00 – 24:00", "sun 08:00-24:00"),
        ("all 10:00-12:00", "all 10:00-12:00"),
    ],
)
def test_slots_are_read_and_written(text: str, written: str) -> None:
    slots = read_line(text)
    assert isinstance(slots, list)
    table = make("x", slots)
    assert isinstance(table, Timetable) and table.lines() == [written]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("9-14", "slot_form"),
        ("09:00", "slot_form"),
        ("25:00-26:00", "slot_form"),
        ("24:00-02:00", "slot_form"),
        ("08:00-24:30", "slot_form"),
        ("09:00-09:00", "slot_empty"),
        ("09:00-14:00, 13:00-20:00", "slots_overlap"),
        (", ".join(f"{h:02}:00-{h:02}:30" for h in range(13)), "slots_many"),
    ],
)
def test_wrong_slots_are_refused_with_words(text: str, code: str) -> None:
    found = read_slots([1], text)
    assert isinstance(found, Problem) and found.code == code and found.text


def test_slots_of_several_lines_must_not_overlap_nor_be_none() -> None:
    one, other = read_slots([1], "09:00-12:00"), read_slots([1], "11:00-13:00")
    assert isinstance(one, list) and isinstance(other, list)
    found, nothing = make("x", one + other), make("x", [])
    assert isinstance(found, Problem) and found.code == "slots_overlap"
    assert isinstance(nothing, Problem) and nothing.code == "timetable_empty"


@pytest.mark.parametrize(
    ("line", "holiday"),
    [
        ("2026-12-25 Navidad", Holiday(12, 25, 2026, "Navidad")),
        ("25/12/2026;Navidad", Holiday(12, 25, 2026, "Navidad")),
        ("25.12.2026\tNavidad", Holiday(12, 25, 2026, "Navidad")),
        ("2026-1-6, Día de Reyes", Holiday(1, 6, 2026, "Día de Reyes")),
        ("29/02 Bisiesto", Holiday(2, 29, 0, "Bisiesto")),
    ],
)
def test_a_line_is_a_holiday(line: str, holiday: Holiday) -> None:
    found = read_lines(f"# a comment\n\n{line}\n")
    assert found == [holiday]
    assert isinstance(found[0], Holiday) and found[0].name == holiday.name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-30 Nothing", "holiday_line"),
        ("29/02/2026 Nothing", "holiday_line"),
        ("12-25 Nothing", "holiday_line"),
        ("Navidad", "holiday_line"),
        ("2026-12-25", "holiday_line"),
        ("2026-12-25 " + "x" * 81, "holiday_line"),
        ("", "holiday_lines"),
        ("\n" * 1001, "holiday_lines"),
    ],
)
def test_wrong_lines_are_refused_by_their_number(text: str, code: str) -> None:
    found = read_lines(text)[0]
    assert isinstance(found, Problem) and found.code == code and found.text


def test_the_later_line_of_a_date_holds() -> None:
    found = read_lines("2026-12-25 One\n25/12/2026 Other")
    assert [str(h.name) for h in found if isinstance(h, Holiday)] == ["Other"]


def test_a_yearly_holiday_comes_every_year() -> None:
    made = holidays.read("2026-12-25", "Navidad", yearly=True)
    assert isinstance(made, Holiday) and made.is_yearly
    known = Holidays([made, Holiday(4, 3, 2026, "Viernes Santo")])
    assert known.name_of(date(2031, 12, 25)) == "Navidad"
    assert known.name_of(date(2026, 4, 3)) == "Viernes Santo"
    assert known.name_of(date(2027, 4, 3)) is None
