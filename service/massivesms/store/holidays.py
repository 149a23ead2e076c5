"""Holidays, and the calendar that they make with the timetables."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.calendars import Calendar
from ..domain.holidays import Holiday, Holidays
from . import audit, timetables
from .audit import Actor
from .db import Row, Transaction

ALL = "SELECT id, year, month, day, name FROM holiday ORDER BY year, month, day"


def all_holidays(tx: Transaction) -> list[Row]:
    """Each with its id and `holiday`; those of every year first."""
    return [
        {"id": number, "holiday": Holiday(month, day, year, name)}
        for number, year, month, day, name in tx.tuples(ALL)
    ]


def calendar(tx: Transaction) -> Calendar:
    """All that campaigns' schedules are made of: two small tables."""
    found = Holidays(row["holiday"] for row in all_holidays(tx))
    return Calendar(timetables.load(tx), found)


PUT = """
INSERT INTO holiday (year, month, day, name)
VALUES (%(year)s, %(month)s, %(day)s, %(name)s)
ON DUPLICATE KEY UPDATE name = VALUES(name)"""


def put(tx: Transaction, holidays: Sequence[Holiday], actor: Actor) -> int:
    """Adds holidays, or renames those of the same date; how many were not so yet."""
    known = {h: h.name for h in (row["holiday"] for row in all_holidays(tx))}
    new = [h for h in holidays if known.get(h) != h.name]
    for h in new:
        values = {"year": h.year, "month": h.month, "day": h.day, "name": h.name}
        tx.execute(PUT, values)
        audit.record(tx, actor, "holiday.add", f"{h} {h.name}")
    return len(new)


DELETE = """
DELETE FROM holiday
WHERE year = %(year)s AND month = %(month)s AND day = %(day)s"""


def remove(tx: Transaction, holiday: Holiday, actor: Actor) -> bool:
    """Takes one away; False when there is none of that date."""
    values = {"year": holiday.year, "month": holiday.month, "day": holiday.day}
    if not tx.execute(DELETE, values):
        return False
    audit.record(tx, actor, "holiday.remove", f"{holiday} {holiday.name}")
    return True
