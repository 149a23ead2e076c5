"""Holidays: the days on which campaigns that keep them are not sent."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.holidays import Holiday, read_lines
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.store import holidays
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..forms.timetables import HolidaysForm
from ..language import local_date

blueprint = Blueprint("holidays", __name__, url_prefix="/configuration/holidays")

SHOWN_PROBLEMS = 10
LEAP_YEAR = 2000  # has every day that may come every year


@blueprint.route("/", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def index() -> Response | str | tuple[str, int]:
    """All holidays; those of pasted lines are added."""
    form = HolidaysForm()
    if not form.is_submitted():
        return _page(form)
    found = read_lines(form.lines.data, yearly=bool(form.yearly.data))
    problems = [one for one in found if isinstance(one, Problem)]
    if problems:
        said = [current.say(problem) for problem in problems[:SHOWN_PROBLEMS]]
        form.lines.errors = [*form.lines.errors, *said]
        return _page(form), 422
    new = [one for one in found if isinstance(one, Holiday)]
    actor = current.actor()
    with current.db().transaction() as tx:
        added = holidays.put(tx, new, actor)
    flash(_("%(n)s holidays were added or changed.", n=added), "success")
    return redirect(url_for("holidays.index"))


@blueprint.get("/<int:holiday_id>/remove")
@requires(Permission.CONFIGURATION)
def confirm(holiday_id: int) -> str:
    """Asks before one is taken away."""
    with current.db().transaction() as tx:
        holiday: Holiday = _found(tx, holiday_id)["holiday"]
    return render_template(
        "confirm.html",
        title=_("Remove the holiday %(name)s?", name=holiday.name),
        text=_("Campaigns that keep holidays are sent on this day again."),
        lost=[f"{holiday.name}, {_shown(holiday)}"],
        button=_("Remove the holiday"),
        action=url_for("holidays.remove", holiday_id=holiday_id),
        cancel=url_for("holidays.index"),
    )


@blueprint.post("/<int:holiday_id>/remove")
@requires(Permission.CONFIGURATION)
def remove(holiday_id: int) -> Response:
    """Takes one away: it can be written again."""
    actor = current.actor()

    def work(tx: Transaction) -> Row:
        row = _found(tx, holiday_id)
        holidays.remove(tx, row["holiday"], actor)
        return row

    row = current.db().atomically(work)
    name = row["holiday"].name
    flash(_("The holiday %(name)s is removed.", name=name), "success")
    return redirect(url_for("holidays.index"))


def _found(tx: Transaction, holiday_id: int) -> Row:
    rows = holidays.all_holidays(tx)
    return next((row for row in rows if row["id"] == holiday_id), None) or abort(404)


def _shown(holiday: Holiday) -> str:
    """Its date in the reader's language."""
    if holiday.is_yearly:
        return local_date(date(LEAP_YEAR, holiday.month, holiday.day), "d MMM")
    return local_date(date(holiday.year, holiday.month, holiday.day))


def _page(form: HolidaysForm) -> str:
    with current.db().transaction() as tx:
        rows = holidays.all_holidays(tx)
    return render_template("holidays/index.html", form=form, rows=rows, shown_on=_shown)
