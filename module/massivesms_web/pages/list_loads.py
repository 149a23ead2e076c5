"""Loading numbers: a new list, or more into an old one, from a file or calls."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.calls import Query, refused
from massivesms.domain.campaigns import check_name
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.errors import ConfigError, ImportRefused, StoreError
from massivesms.intake import load_sources, loads
from massivesms.intake.load_sources import Source
from massivesms.intake.loads import Loaded
from massivesms.store import call_layouts, lists, load_jobs
from massivesms.store.db import Row
from massivesms.store.failures import DuplicateRow

from .. import current, same_file
from ..access import requires
from ..forms.lists import LoadForm, NewListForm, read_query
from ..forms.uploads import file_missing, flash_notes, is_uploaded
from ..keys import key
from . import list_jobs

blueprint = Blueprint("loads", __name__)


@blueprint.get("/new")
@requires(Permission.LISTS)
def new() -> str:
    """The form of a new list: empty, or with the choices of an earlier load."""
    return _page(NewListForm(formdata=None, data=_chosen_before()), None)


@blueprint.post("/new")
@requires(Permission.LISTS)
def create() -> str | Response:
    """A new list with the good numbers of its source, or what is in the way."""
    form = NewListForm()
    is_valid = form.validate()
    if form.source.data == "calls":
        return _start(form, None, is_valid=is_valid)
    existing = None
    source, problems = _source(form)
    if problem := check_name(form.name.data):
        problems["name"] = problem
    if source and not problems:
        asked = same_file.asked(source.digest, form.again)
        is_taken = list_jobs.check_new_name(form.name.data)[1] is not None
        problems = {"file": asked} if asked and not is_taken else {}
    if is_valid and source and not problems:
        try:
            loaded = loads.create_list(
                current.db(),
                form.name.data,
                form.description.data,
                source,
                current.settings().number_plan,
                current.actor(),
            )
            flash(_("The list %(name)s was created.", name=form.name.data), "success")
            flash_notes(source.notes)
            return _shown(loaded)
        except DuplicateRow as error:
            existing = _existing(form.name.data)
            problems = {"name": error.problem}
        except (ImportRefused, ConfigError, StoreError) as error:
            problems = {"file": error.problem}
    current.show_problems(form, problems)
    return _page(form, None, existing=existing)


@blueprint.get("/<int:list_id>/load")
@requires(Permission.LISTS)
def more(list_id: int) -> str:
    """The form to load more numbers into a list."""
    return _page(LoadForm(formdata=None, data=_chosen_before()), _found(list_id))


@blueprint.post("/<int:list_id>/load")
@requires(Permission.LISTS)
def load(list_id: int) -> str | Response:
    """Adds the good numbers of a source that the list has not yet."""
    row = _found(list_id)
    form = LoadForm()
    is_valid = form.validate()
    if form.source.data == "calls":
        return _start(form, row, is_valid=is_valid)
    source, problems = _source(form)
    if source and (asked := same_file.asked(source.digest, form.again)):
        problems = {"file": asked}
    if is_valid and source and not problems:
        plan, actor = current.settings().number_plan, current.actor()
        try:
            loaded = loads.add_to_list(current.db(), list_id, source, plan, actor)
            flash_notes(source.notes)
            return _shown(loaded)
        except (ImportRefused, ConfigError, StoreError) as error:
            problems = {"file": error.problem}
    current.show_problems(form, problems)
    return _page(form, row)


def _page(form: LoadForm, row: Row | None, **values: object) -> str:
    template = "lists/load.html" if row else "lists/new.html"
    _has, problem = _offer(form)
    return render_template(
        template, form=form, list=row, calls_problem=problem, **values
    )


def _offer(form: LoadForm) -> tuple[Callable[[str], bool], Problem | None]:
    """Leaves in the form what the call records have: which, and why none at all."""
    try:
        layout = call_layouts.layout(current.config().cdr)
    except (ConfigError, StoreError) as error:
        return bool, error.problem
    form.offer(layout.has)
    return layout.has, None


def _start(form: LoadForm, row: Row | None, *, is_valid: bool) -> str | Response:
    """Has the call records read in the background, to count or to save."""
    saving = request.form.get("action") != "count"
    query = read_query(form)
    has, unreadable = _offer(form)
    problems = query if isinstance(query, dict) else refused(query, has)
    if unreadable:
        problems = {"source": unreadable}
    existing = None
    if row is None and saving:
        taken, existing = list_jobs.check_new_name(form.name.data)
        problems |= {"name": taken} if taken else {}
    if is_valid and not problems and isinstance(query, Query):
        return list_jobs.start(query, form, row, saving=saving)
    current.show_problems(form, problems)
    return _page(form, row, existing=existing)


def _chosen_before() -> dict[str, object] | None:
    """What the form is to hold: the choices of the load ?job=."""
    job_id = request.args.get("job", default=0, type=key)
    with current.db().transaction() as tx:
        job = load_jobs.by_id(tx, job_id) if job_id else None
    return list_jobs.choices(job) if job else None


def _source(form: LoadForm) -> tuple[Source | None, dict[str, Problem]]:
    """The file that was sent, or the problems by field."""
    if not is_uploaded(form.file):
        return None, {"file": file_missing()}
    return load_sources.file_source(form.file.data.stream, form.file.data.filename), {}


def _shown(loaded: Loaded) -> Response:
    """The list's page, or the load's own when rows of a file were not taken."""
    if loaded.refused or loaded.duplicates:
        target = url_for(
            "lists.load", list_id=loaded.target_id, import_id=loaded.import_id
        )
    else:
        flash(_added(loaded.accepted), "success")
        target = url_for("lists.show", list_id=loaded.target_id)
    return redirect(target)


def _added(count: int) -> str:
    return ngettext("%(num)s number was added.", "%(num)s numbers were added.", count)


def _existing(name: str) -> Row:
    """The list that has the name already."""
    with current.db().transaction() as tx:
        return lists.by_name(tx, name)


def _found(list_id: int) -> Row:
    with current.db().transaction() as tx:
        row = lists.by_id(tx, list_id)
    if row is None:
        abort(404)
    return row
