"""Timetables: named times of the days of a week, by which campaigns are sent."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.domain.timetables import Timetable
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import timetables
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..forms.timetables import TimetableForm, stored

blueprint = Blueprint("timetables", __name__, url_prefix="/configuration/timetables")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def index() -> str:
    """All timetables with their times and how many campaigns go by them."""
    with current.db().transaction() as tx:
        found = timetables.all_timetables(tx)
    return render_template("timetables/index.html", timetables=found)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def new() -> Response | str | tuple[str, int]:
    """A new timetable."""
    return _edit(None)


@blueprint.route("/<int:timetable_id>", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def edit(timetable_id: int) -> Response | str | tuple[str, int]:
    """The times of one; campaigns that go by it follow at once."""
    return _edit(_found(timetable_id))


@blueprint.route("/<int:timetable_id>/remove", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def remove(timetable_id: int) -> Response | str:
    """Removes one that no campaign needs, after a confirmation."""
    row = _found(timetable_id)
    if current.is_form():
        return _remove(row)
    with current.db().transaction() as tx:
        using = timetables.used_by(tx, timetable_id)
    if using:
        words = _("It can be removed once these campaigns have another one:")
        names = ", ".join(campaign["name"] for campaign in using)
        flash(f"{words} {names}", "warning")
        return redirect(url_for("timetables.index"))
    return render_template(
        "confirm.html",
        title=_("Remove the timetable %(name)s?", name=row["name"]),
        text=_("No campaign that is still to be sent goes by it."),
        lost=[_("The timetable %(name)s and its times", name=row["name"])],
        button=_("Remove the timetable"),
        action=url_for("timetables.remove", timetable_id=timetable_id),
        cancel=url_for("timetables.index"),
    )


def _found(timetable_id: int) -> Row:
    with current.db().transaction() as tx:
        return timetables.by_id(tx, timetable_id) or abort(404)


def _edit(row: Row | None) -> Response | str | tuple[str, int]:
    form = TimetableForm(data=stored(row["table"]) if row else {})
    using = []
    if row:
        with current.db().transaction() as tx:
            using = timetables.used_by(tx, row["id"])
    page = {"form": form, "row": row, "using": using}
    if not form.is_submitted():
        return render_template("timetables/edit.html", **page)
    made = form.read()
    problems = made if isinstance(made, dict) else _save(row, made)
    if problems:
        current.show_problems(form, problems)
        return render_template("timetables/edit.html", **page), 422
    flash(_("The timetable %(name)s is saved.", name=form.name.data), "success")
    return redirect(url_for("timetables.index"))


def _save(row: Row | None, table: Timetable) -> dict[str, Problem]:
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            if row is None:
                timetables.create(tx, table, actor)
            else:
                timetables.update(tx, row, table, actor)
    except StoreError as error:
        return {"name": error.problem}
    return {}


def _remove(row: Row) -> Response:
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            timetables.remove(tx, row, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    else:
        flash(_("The timetable %(name)s is removed.", name=row["name"]), "success")
    return redirect(url_for("timetables.index"))
