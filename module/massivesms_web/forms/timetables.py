"""What the pages of timetables and of holidays ask."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField

from massivesms.domain.answer_settings import WEEKDAYS
from massivesms.domain.campaigns import MAX_NAME, check_name
from massivesms.domain.timetables import Slot, Timetable, make, read_slots
from massivesms.domain.words import Problem

from .fields import LineField, MessageField

TIMES = {"autocomplete": "off", "maxlength": 200}


class TimetableForm(FlaskForm):
    """A name, and a line of times for each day of the week."""

    name = LineField(_("Name"))
    day_1 = LineField(_(WEEKDAYS[1]), render_kw=TIMES)
    day_2 = LineField(_(WEEKDAYS[2]), render_kw=TIMES)
    day_3 = LineField(_(WEEKDAYS[3]), render_kw=TIMES)
    day_4 = LineField(_(WEEKDAYS[4]), render_kw=TIMES)
    day_5 = LineField(_(WEEKDAYS[5]), render_kw=TIMES)
    day_6 = LineField(_(WEEKDAYS[6]), render_kw=TIMES)
    day_7 = LineField(_(WEEKDAYS[7]), render_kw=TIMES)

    def read(self) -> Timetable | dict[str, Problem]:
        """The timetable that was written, or its problems by field."""
        slots: list[Slot] = []
        problems: dict[str, Problem] = {}
        if refused := check_name(self.name.data, MAX_NAME):
            problems["name"] = refused
        for day in WEEKDAYS:
            found = read_slots([day], self[f"day_{day}"].data)
            if isinstance(found, Problem):
                problems[f"day_{day}"] = found
            else:
                slots += found
        if problems:
            return problems
        made = make(self.name.data, slots)
        return {"day_1": made} if isinstance(made, Problem) else made


def stored(table: Timetable) -> dict[str, str]:
    """The data of the form of a stored timetable."""
    return {"name": table.name, **{f"day_{d}": table.written(d) for d in WEEKDAYS}}


class HolidaysForm(FlaskForm):
    """Holidays, one a line."""

    lines = MessageField(_("Holidays"), render_kw={"rows": 8, "spellcheck": "false"})
    yearly = BooleanField(_("All of these every year"))
