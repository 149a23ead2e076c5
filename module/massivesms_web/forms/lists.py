"""The forms of lists, of loads into them and of their call records."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField
from wtforms.validators import Length

from massivesms.domain.words import N_, Problem
from massivesms.store.call_records import Query

from .fields import DayField, LineField
from .uploads import CSV_INPUT

MAX_DESCRIPTION = 255


class ListForm(FlaskForm):
    """A list's name and what it is for."""

    name = LineField(_("Name"))
    description = LineField(
        _("Description"),
        validators=[
            Length(max=MAX_DESCRIPTION, message=_("255 characters are the most."))
        ],
        description=_("For whoever chooses the list later. May stay empty."),
    )


class CallsForm(FlaskForm):
    """Which call records: who called or was called, answered or all, which days."""

    direction = RadioField(
        _("Numbers"),
        choices=[("callers", _("Who called us")), ("callees", _("Whom we called"))],
        default="callers",
    )
    answered = BooleanField(_("Only answered calls"))
    first_day = DayField(_("First day"))
    last_day = DayField(_("Last day"))


class LoadForm(CallsForm):
    """More numbers: from a file or from the call records."""

    source = RadioField(
        _("Source"),
        choices=[
            ("file", _("A CSV file")),
            ("calls", _("The PBX's call records")),
        ],
        default="file",
    )
    file = FileField(
        _("CSV file"),
        description=_("One number a row; further columns are left out."),
        render_kw=CSV_INPUT,
    )


class NewListForm(LoadForm, ListForm):
    """A list and where its first numbers come from."""


class NewContactForm(FlaskForm):
    """One number to add by hand."""

    number = LineField(_("Number"))


def read_query(form: CallsForm) -> Query | dict[str, Problem]:
    """The call records that were asked for, or the problems by field.

    Days are the PBX's own; the last one is included.
    """
    problems: dict[str, Problem] = {}
    days: dict[str, datetime | None] = {}
    for name in ("first_day", "last_day"):
        day = _read_day(form[name].data or "")
        if isinstance(day, Problem):
            problems[name] = day
        else:
            days[name] = day
    if problems:
        return problems
    first, last = days["first_day"], days["last_day"]
    if first and last and last < first:
        late = Problem("days_order", N_("The last day is before the first one."))
        return {"last_day": late}
    return Query(
        start=first,
        end=last + timedelta(days=1) if last else None,
        callees=form.direction.data == "callees",
        answered_only=bool(form.answered.data),
    )


def _read_day(text: str) -> datetime | Problem | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 the PBX's own days
    except ValueError:
        day = datetime.min
    if not 1970 <= day.year <= 9000:
        return Problem(
            "day_form", N_("Write the day as YYYY-MM-DD, for example 2026-03-01.")
        )
    return day
