"""Loading numbers: a new list, or more into an old one, from a file or calls."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import check_name
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.errors import ConfigError, ImportRefused, StoreError
from massivesms.intake import loads
from massivesms.intake.loads import CallCount, Loaded, Source
from massivesms.store import lists
from massivesms.store.db import DuplicateRow, Row

from .. import current
from ..access import requires
from ..forms.lists import CallsForm, LoadForm, NewListForm, read_query
from ..forms.uploads import file_missing, is_uploaded

blueprint = Blueprint("loads", __name__)


@blueprint.get("/new")
@requires(Permission.LISTS)
def new() -> str:
    """The empty form of a new list."""
    return _page(NewListForm(formdata=None), None)


@blueprint.post("/new")
@requires(Permission.LISTS)
def create() -> str | Response:
    """A new list with the good numbers of its source, or what is in the way."""
    form = NewListForm()
    is_valid = form.validate()
    if _wants_count(form):
        return _page(form, None, count=_count(form))
    existing = None
    source, problems = _source(form)
    if problem := check_name(form.name.data):
        problems["name"] = problem
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
            return _shown(loaded, form)
        except DuplicateRow as error:
            existing = _existing(form.name.data)
            problems = {"name": error.problem}
        except (ImportRefused, ConfigError, StoreError) as error:
            problems = {_source_field(form): error.problem}
    current.show_problems(form, problems)
    return _page(form, None, existing=existing)


@blueprint.get("/<int:list_id>/load")
@requires(Permission.LISTS)
def more(list_id: int) -> str:
    """The form to load more numbers into a list."""
    return _page(LoadForm(formdata=None), _found(list_id))


@blueprint.post("/<int:list_id>/load")
@requires(Permission.LISTS)
def load(list_id: int) -> str | Response:
    """Adds the good numbers of a source that the list has not yet."""
    row = _found(list_id)
    form = LoadForm()
    is_valid = form.validate()
    if _wants_count(form):
        return _page(form, row, count=_count(form))
    source, problems = _source(form)
    if is_valid and source and not problems:
        plan, actor = current.settings().number_plan, current.actor()
        try:
            loaded = loads.add_to_list(current.db(), list_id, source, plan, actor)
            return _shown(loaded, form)
        except (ImportRefused, ConfigError, StoreError) as error:
            problems = {_source_field(form): error.problem}
    current.show_problems(form, problems)
    return _page(form, row)


@blueprint.get("/calls")
@requires(Permission.LISTS)
def count_calls() -> str:
    """How many numbers the call records would give; nothing is saved."""
    form = CallsForm(request.args, meta={"csrf": False})
    return render_template("lists/_count.html", count=_count(form))


def _page(form: LoadForm, row: Row | None, **values: object) -> str:
    template = "lists/load.html" if row else "lists/new.html"
    return render_template(template, form=form, list=row, **values)


def _wants_count(form: LoadForm) -> bool:
    return form.source.data == "calls" and request.form.get("action") == "count"


def _count(form: CallsForm) -> CallCount | list[Problem]:
    """The numbers of the call records, or why they cannot be counted."""
    query = read_query(form)
    if isinstance(query, dict):
        return list(query.values())
    plan = current.settings().number_plan
    try:
        return loads.count_calls(current.config().cdr, query, plan)
    except (ConfigError, StoreError) as error:
        return [error.problem]


def _source(form: LoadForm) -> tuple[Source | None, dict[str, Problem]]:
    """Where the numbers come from, or the problems by field."""
    if form.source.data == "calls":
        query = read_query(form)
        if isinstance(query, dict):
            return None, query
        return loads.calls_source(current.config().cdr, query), {}
    if not is_uploaded(form.file):
        return None, {"file": file_missing()}
    return loads.file_source(form.file.data.stream, form.file.data.filename), {}


def _source_field(form: LoadForm) -> str:
    """The field beside which a refused source is explained."""
    return "source" if form.source.data == "calls" else "file"


def _shown(loaded: Loaded, form: LoadForm) -> Response:
    """The list's page, or the load's own when rows of a file were not taken.

    Call records always have numbers that are no mobiles: there is nothing to repair.
    """
    if form.source.data == "file" and (loaded.refused or loaded.duplicates):
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
