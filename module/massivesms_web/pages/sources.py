"""Automatic loads: sources, a trial of one, runs by hand, and their history.

What is entered is checked by massivesms.automatic; the service carries out the runs.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.automatic import drafts, runs
from massivesms.automatic.runs import House
from massivesms.domain.permissions import Permission
from massivesms.domain.sources import DAY_LABELS, KIND_LABELS, RUN_LABELS
from massivesms.domain.words import Problem
from massivesms.errors import ConfigError, ImportRefused, StoreError
from massivesms.sources.found import SourceFailed
from massivesms.store import source_runs, sources, trunks
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..forms.sources import RunForm, SourceForm
from ..keys import key

blueprint = Blueprint("sources", __name__, url_prefix="/configuration/sources")

PAGE_ROWS = 50
#: state of a run -> the state of a message that looks like it.
LOOKS = {
    "waiting": "waiting",
    "running": "submitting",
    "done": "delivered",
    "nothing": "cancelled",
    "failed": "failed",
}
WORDS = {"kinds": KIND_LABELS, "days": DAY_LABELS, "states": RUN_LABELS, "looks": LOOKS}


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def index() -> str:
    """All sources with their last runs."""
    with current.db().transaction() as tx:
        found = [
            (row, next(iter(source_runs.history(tx, row["id"], limit=1)), None))
            for row in sources.every(tx)
        ]
    return render_template("sources/index.html", sources=found, **WORDS)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def new() -> Response | str | tuple[str, int]:
    """A new source."""
    form = _form()
    if not current.is_form():
        return _form_page(form, None)
    is_valid = form.validate()
    draft, problems = form.entered()
    made = drafts.new(draft, current.vault(), _house().local_now)
    if isinstance(made, dict) or problems or not is_valid:
        return _refused(form, problems | (made if isinstance(made, dict) else {}), None)
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            source_id = sources.create(tx, made, actor)
    except StoreError as error:
        return _refused(form, {"name": error.problem}, None)
    flash(_("The source is saved. Try it before its hour comes."), "success")
    return redirect(url_for("sources.show", source_id=source_id))


@blueprint.get("/<int:source_id>")
@requires(Permission.CONFIGURATION)
def show(source_id: int) -> str:
    """One source with its runs; htmx fetches only what changes by itself."""
    return _show_page(_source(source_id), RunForm(formdata=None))


@blueprint.route("/<int:source_id>/edit", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def edit(source_id: int) -> Response | str | tuple[str, int]:
    """Changes a source; an empty password keeps the stored one."""
    row = _source(source_id)
    form = _form()
    if not current.is_form():
        form.fill(row)
        return _form_page(form, row)
    is_valid = form.validate()
    draft, problems = form.entered()
    actor, local_now = current.actor(), _house().local_now
    try:
        made = drafts.changed(draft, current.vault(), row, local_now)
        if isinstance(made, dict) or problems or not is_valid:
            found = problems | (made if isinstance(made, dict) else {})
            return _refused(form, found, row)
        with current.db().transaction() as tx:
            sources.update(tx, row, made, actor)
    except ConfigError as error:
        return _refused(form, {"password": error.problem}, row)
    except StoreError as error:
        return _refused(form, {"name": error.problem}, row)
    flash(_("The source %(name)s is saved.", name=draft.name), "success")
    return redirect(url_for("sources.show", source_id=source_id))


@blueprint.post("/<int:source_id>/test")
@requires(Permission.CONFIGURATION)
def test(source_id: int) -> str | tuple[str, int]:
    """Shows the messages of a run; nothing is stored."""
    row, form, house = _source(source_id), RunForm(), _house()
    dates = form.dates(house.local_now.date())
    if isinstance(dates, dict):
        current.show_problems(form, dates)
        return _show_page(row, form), 422
    try:
        trial = runs.try_out(house, row, dates[0])
    except (SourceFailed, ConfigError, ImportRefused) as error:
        flash(current.say(error.problem), "danger")
        return _show_page(row, form), 422
    return render_template(
        "sources/trial.html", source=row, trial=trial, day=dates[0], say=current.say
    )


@blueprint.post("/<int:source_id>/run")
@requires(Permission.CONFIGURATION)
def run(source_id: int) -> Response | tuple[str, int]:
    """Has the service load the rows of a day now."""
    row, form, house = _source(source_id), RunForm(), _house()
    dates = form.dates(house.local_now.date())
    if isinstance(dates, dict):
        current.show_problems(form, dates)
        return _show_page(row, form), 422
    actor = current.actor()
    with current.db().transaction() as tx:
        source_runs.begin(tx, row, *dates, actor)
    return redirect(url_for("sources.show", source_id=source_id))


@blueprint.post("/<int:source_id>/enable")
@requires(Permission.CONFIGURATION)
def enable(source_id: int) -> Response:
    """Has a source run by itself, from its next hour on."""
    return _set_active(source_id, True)


@blueprint.post("/<int:source_id>/disable")
@requires(Permission.CONFIGURATION)
def disable(source_id: int) -> Response:
    """Has a source run only by hand."""
    return _set_active(source_id, False)


def _set_active(source_id: int, active: bool) -> Response:
    row, actor = _source(source_id), current.actor()
    now = _house().local_now
    with current.db().transaction() as tx:
        sources.set_active(tx, row, active, now, actor)
    return redirect(url_for("sources.show", source_id=source_id))


@blueprint.route("/<int:source_id>/remove", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def remove(source_id: int) -> Response | str:
    """Removes a source after a confirmation."""
    row, actor = _source(source_id), current.actor()
    if current.is_form():
        with current.db().transaction() as tx:
            sources.remove(tx, row, actor)
        flash(_("The source %(name)s is removed.", name=row["name"]), "success")
        return redirect(url_for("sources.index"))
    return render_template(
        "confirm.html",
        title=_("Remove the source %(name)s?", name=row["name"]),
        text=_("Nothing is loaded from it any more. Its campaigns stay."),
        lost=[_("Its settings, its password and the history of its runs")],
        button=_("Remove the source"),
        action=url_for("sources.remove", source_id=source_id),
        cancel=url_for("sources.show", source_id=source_id),
    )


def _show_page(row: Row, form: RunForm) -> str:
    before = request.args.get("before", type=key) or 0
    with current.db().transaction() as tx:
        found = source_runs.history(tx, row["id"], before=before, limit=PAGE_ROWS + 1)
    is_part = "HX-Request" in request.headers
    today = _house().local_now.date()
    _default(form, today)
    return render_template(
        "sources/_runs.html" if is_part else "sources/show.html",
        source=row,
        form=form,
        runs=found[:PAGE_ROWS],
        next_before=found[PAGE_ROWS - 1]["id"] if len(found) > PAGE_ROWS else None,
        say=current.say,
        **WORDS,
    )


def _default(form: RunForm, today: date) -> None:
    for field in (form.day, form.send_on):
        field.data = field.data or today.isoformat()


def _house() -> House:
    return House(
        current.db(),
        current.vault(),
        current.settings(),
        current.config().sources_dir,
        lambda: datetime.now(UTC),
    )


def _form() -> SourceForm:
    form = SourceForm()
    with current.db().transaction() as tx:
        form.offer(trunks.all_trunks(tx))
    return form


def _form_page(form: SourceForm, row: Row | None) -> str:
    directory = current.config().sources_dir
    return render_template(
        "sources/edit.html", form=form, source=row, directory=directory
    )


def _refused(
    form: SourceForm, problems: dict[str, Problem], row: Row | None
) -> tuple[str, int]:
    current.show_problems(form, problems)
    form.headers.data = ""  # never shown again
    return _form_page(form, row), 422


def _source(source_id: int) -> Row:
    with current.db().transaction() as tx:
        row = sources.by_id(tx, source_id)
    return row or abort(404)
