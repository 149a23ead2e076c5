"""The import wizard's first steps: the file, its sheet, what its columns are.

Each step has an address and is kept, so that a reload or a day's pause loses nothing.
Where the rows go and what becomes of them is in pages/wizard_load.py.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.domain.words import N_, Problem
from massivesms.errors import ImportRefused
from massivesms.intake import mapping, staging, wizard
from massivesms.intake.books import Sheet, open_book
from massivesms.intake.mapping import Look
from massivesms.store import lists, load_jobs, staged_loads
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..forms.uploads import file_missing, is_uploaded
from ..forms.wizard import FileForm, column_choices, read_columns
from ..keys import key
from . import wizard_load
from .wizard_steps import is_begun, mine, needs, to

blueprint = Blueprint("wizard", __name__, url_prefix="/import")
blueprint.register_blueprint(wizard_load.blueprint)


@blueprint.get("/")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def new() -> str:
    """The form of the file; below it what was begun before."""
    list_id = request.args.get("list", type=key)
    return _file_page(FileForm(formdata=None, data={"list_id": list_id}))


@blueprint.post("/")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def choose_file() -> str | Response:
    """Puts the file aside, or says what is wrong with it."""
    form = FileForm()
    problem = None if is_uploaded(form.file) else file_missing()
    if form.validate() and problem is None:
        try:
            return _staged(form)
        except ImportRefused as error:
            problem = error.problem
    current.show_problems(form, {"file": problem} if problem else {})
    return _file_page(form)


def _file_page(form: FileForm) -> str:
    by = current.actor().name
    with current.db().transaction() as tx:
        begun = staged_loads.of_user(tx, by)
        row = _list_of(tx, form)
    return render_template("wizard/file.html", form=form, begun=begun, list=row)


def _list_of(tx: Transaction, form: FileForm) -> Row | None:
    """The list for which the file is, when somebody came from one."""
    list_id = form.list_id.data
    if list_id is None or not current_user.may(Permission.LISTS):
        return None
    return lists.by_id(tx, list_id)


def _staged(form: FileForm) -> Response:
    """Leads to the next step. Raises ImportRefused; then nothing is kept."""
    exports = current.config().exports_dir
    name = form.file.data.filename
    kept, size = staging.keep(exports, form.file.data.stream)
    path = exports / staging.DIRECTORY / kept
    try:
        sheets = _visible(_sheets(path))
        if not sheets:
            raise ImportRefused(_no_sheet())
        if len(sheets) == 1:
            mapping.look(path, sheets[0].name)  # what cannot be read is said here
    except ImportRefused:
        staging.drop(exports, kept)
        raise
    by = current.actor().name
    with current.db().transaction() as tx:
        staged_id = staged_loads.create(tx, name, kept, size, by)
        if len(sheets) == 1:
            staged_loads.choose_sheet(tx, staged_id, sheets[0].name)
        if row := _list_of(tx, form):
            staged_loads.choose_target(tx, staged_id, "list", list_id=row["id"])
    return to("columns" if len(sheets) == 1 else "sheet", staged_id)


def _sheets(path: Path) -> list[Sheet]:
    with open_book(path) as book:
        return list(book.sheets)


def _visible(sheets: list[Sheet]) -> list[Sheet]:
    return [sheet for sheet in sheets if not sheet.is_hidden]


def _no_sheet() -> Problem:
    return Problem("no_sheet", N_("It has no sheet that can be seen."))


@blueprint.get("/<int:staged_id>/sheet")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def sheet(staged_id: int) -> str | Response:
    """The sheets of the book."""
    staged = mine(staged_id)
    try:
        sheets = _sheets(wizard.file_of(current.config(), staged))
    except ImportRefused as error:
        return _broken(error.problem)
    return _sheet_page(staged, sheets)


@blueprint.post("/<int:staged_id>/sheet")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def choose_sheet(staged_id: int) -> str | Response:
    """Takes one of them."""
    staged = mine(staged_id)
    if is_begun(staged):
        return to("load.progress", staged_id)
    chosen = request.form.get("sheet", "")
    try:
        path = wizard.file_of(current.config(), staged)
        sheets = _sheets(path)
    except ImportRefused as error:
        return _broken(error.problem)
    try:
        if chosen not in {sheet.name for sheet in sheets}:
            problem = Problem("sheet_missing", N_("Choose a sheet."))
            return _sheet_page(staged, sheets, problem)
        mapping.look(path, chosen)
    except ImportRefused as error:
        return _sheet_page(staged, sheets, error.problem)
    with current.db().transaction() as tx:
        staged_loads.choose_sheet(tx, staged_id, chosen)
    return to("columns", staged_id)


def _sheet_page(
    staged: Row, sheets: list[Sheet], problem: Problem | None = None
) -> str:
    """Hidden sheets stand last and say so."""
    sheets = sorted(sheets, key=lambda sheet: sheet.is_hidden)
    return render_template(
        "wizard/sheet.html", staged=staged, sheets=sheets, problem=problem
    )


@blueprint.get("/<int:staged_id>/columns")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def columns(staged_id: int) -> str | Response:
    """The first rows as columns, each with what it seems to be."""
    staged = mine(staged_id)
    if back := needs(staged, "sheet"):
        return back
    try:
        look = _look(staged)
    except ImportRefused as error:
        return _broken(error.problem)
    chosen = staged["mapping"]
    return _columns_page(staged, look, look.guess if chosen is None else chosen)


@blueprint.post("/<int:staged_id>/columns")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def choose_columns(staged_id: int) -> str | Response:
    """Keeps which column is what, or says what is missing."""
    staged = mine(staged_id)
    if back := needs(staged, "sheet"):
        return back
    try:
        look = _look(staged)
    except ImportRefused as error:
        return _broken(error.problem)
    chosen = read_columns(look, request.form)
    if problems := mapping.check(chosen):
        return _columns_page(staged, look, chosen, problems)
    with current.db().transaction() as tx:
        staged_loads.choose_columns(tx, staged_id, chosen)
    return to("load.target", staged_id)


def _look(staged: Row) -> Look:
    path = wizard.file_of(current.config(), staged)
    return mapping.look(path, staged["sheet"] or "")


def _columns_page(
    staged: Row,
    look: Look,
    chosen: mapping.Mapped,
    problems: dict[int | None, Problem] | None = None,
) -> str:
    return render_template(
        "wizard/columns.html",
        staged=staged,
        look=look,
        chosen=chosen,
        problems=problems or {},
        choices=[column_choices(look, c) for c in range(len(look.titles))],
    )


def _broken(problem: Problem) -> str:
    """What is shown when the file cannot be read any more."""
    return render_template("wizard/broken.html", problem=problem)


@blueprint.post("/<int:staged_id>/discard")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def discard(staged_id: int) -> Response:
    """Takes the file away, and what counts or loads it."""
    staged = mine(staged_id)
    actor = current.actor()
    with current.db().transaction() as tx:
        for job_id in (staged["check_job_id"], staged["load_job_id"]):
            if job_id:
                load_jobs.cancel(tx, job_id, actor, "wizard.cancel")
        staged_loads.remove(tx, staged_id)
    staging.drop(current.config().exports_dir, staged["file"])
    return redirect(url_for("wizard.new"))
