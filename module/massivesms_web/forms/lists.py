"""The forms of lists, of loads into them and of their call records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField
from wtforms.validators import Length

from massivesms.domain.calls import Outcome, Query, read_dids, read_seconds
from massivesms.domain.words import N_, Problem

from .fields import CampaignField, DayField, LineField
from .uploads import AGAIN, CSV_INPUT

MAX_DESCRIPTION = 255
#: field -> the column of the call records without which it asks in vain.
NEEDED_COLUMNS: Mapping[str, str] = {
    "outcome": "disposition",
    "did": "did",
    "min_seconds": "billsec",
}


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
    """Which call records: who called or was called, what came of it, which days."""

    direction = RadioField(
        _("Numbers"),
        choices=[("callers", _("Who called us")), ("callees", _("Whom we called"))],
        default="callers",
    )
    first_day = DayField(_("First day"))
    last_day = DayField(_("Last day"))
    outcome = RadioField(
        _("Calls"),
        choices=[
            (Outcome.ALL.value, _("All of them")),
            (Outcome.ANSWERED.value, _("Answered")),
            (Outcome.MISSED.value, _("Missed: nobody answered")),
        ],
        default=Outcome.ALL.value,
    )
    did = LineField(
        _("Number that was dialled"),
        description=_("One of yours, as the PBX writes it. Empty: any."),
    )
    min_seconds = LineField(
        _("Shortest call, in seconds"),
        description=_("Of talking. Empty: any."),
    )

    def offer(self, has: Callable[[str], bool]) -> None:
        """Leaves out what the PBX's call records do not have."""
        for name, column in NEEDED_COLUMNS.items():
            if name in self and not has(column):
                del self[name]


class LoadForm(CallsForm):
    """More numbers: from a file or from the call records."""

    source = RadioField(
        _("Source"),
        choices=[
            ("file", _("A CSV file or workbook")),
            ("calls", _("The PBX's call records")),
        ],
        default="file",
    )
    file = FileField(
        _("CSV file or workbook"),
        description=_("One number a row; the other columns are kept as its fields."),
        render_kw=CSV_INPUT,
    )
    again = BooleanField(AGAIN)


class NewListForm(LoadForm, ListForm):
    """A list and where its first numbers come from."""


class BlocksForm(FlaskForm):
    """Whose blocked numbers count, beside those that are blocked for all."""

    campaign_id = CampaignField(_("Blocked for all, and for"), default=0)


class NewContactForm(FlaskForm):
    """One number to add by hand."""

    number = LineField(_("Number"))


def read_query(form: CallsForm) -> Query | dict[str, Problem]:
    """The call records that were asked for, or the problems by field.

    Days are the PBX's own; the last one is included.
    """
    read: dict[str, Any] = {
        "first_day": _read_day(form.first_day.data or ""),
        "last_day": _read_day(form.last_day.data or ""),
        "did": read_dids(_typed(form, "did")),
        "min_seconds": read_seconds(_typed(form, "min_seconds")),
    }
    problems = {n: value for n, value in read.items() if isinstance(value, Problem)}
    if problems:
        return problems
    first, last = read["first_day"], read["last_day"]
    if first and last and last < first:
        late = Problem("days_order", N_("The last day is before the first one."))
        return {"last_day": late}
    return Query(
        start=first,
        end=last + timedelta(days=1) if last else None,
        callees=form.direction.data == "callees",
        outcome=_outcome(_typed(form, "outcome")),
        dids=read["did"],
        min_seconds=read["min_seconds"],
    )


def filled(query: Query) -> dict[str, Any]:
    """What the form holds when it asks for this query."""
    last = query.end - timedelta(days=1) if query.end else None
    return {
        "source": "calls",
        "direction": "callees" if query.callees else "callers",
        "first_day": query.start.strftime("%Y-%m-%d") if query.start else "",
        "last_day": last.strftime("%Y-%m-%d") if last else "",
        "outcome": query.outcome.value,
        "did": ", ".join(query.dids),
        "min_seconds": str(query.min_seconds or ""),
    }


def _typed(form: CallsForm, name: str) -> str:
    """What was typed; nothing where the PBX has no such column."""
    return (form[name].data or "") if name in form else ""


def _outcome(typed: str) -> Outcome:
    """What is no choice has been refused already."""
    return Outcome(typed) if typed in set(Outcome) else Outcome.ALL


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
