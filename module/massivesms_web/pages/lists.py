"""Lists: all of them, and one with its contacts and what was loaded into it.

Loading is in pages/list_loads.py, single numbers are in pages/contacts.py.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import check_name
from massivesms.domain.number_search import beginnings
from massivesms.domain.permissions import Permission
from massivesms.store import lists, load_jobs
from massivesms.store.db import Row, Transaction
from massivesms.store.failures import DuplicateRow

from .. import current
from ..access import requires
from ..forms.lists import ListForm, NewContactForm
from . import (
    blocked_numbers,
    contacts,
    import_history,
    list_blocks,
    list_contacts,
    list_exports,
    list_jobs,
    list_loads,
)
from . import imports as imports_page

blueprint = Blueprint("lists", __name__, url_prefix="/lists")
blueprint.register_blueprint(blocked_numbers.blueprint)
blueprint.register_blueprint(contacts.blueprint)
blueprint.register_blueprint(import_history.blueprint)
blueprint.register_blueprint(list_blocks.blueprint)
blueprint.register_blueprint(list_contacts.blueprint)
blueprint.register_blueprint(list_exports.blueprint)
blueprint.register_blueprint(list_loads.blueprint)
blueprint.register_blueprint(list_jobs.blueprint)

PAGE = 50
FOUND = 100  # numbers shown by a search across lists


@blueprint.get("/")
@requires(Permission.LISTS)
def index() -> str:
    """All lists by name; with ?number= in which of them a number is."""
    starts = beginnings(request.args.get("number", ""), current.settings().number_plan)
    after = request.args.get("after", "")
    with current.db().transaction() as tx:
        hits = [row for start in starts for row in lists.search(tx, start, limit=FOUND)]
        rows = [] if starts else lists.page(tx, after=after, limit=PAGE + 1)
        jobs = load_jobs.open_jobs(tx)
    return render_template(
        "lists/index.html",
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1]["name"] if len(rows) > PAGE else None,
        is_search=bool(starts),
        found=hits[:FOUND],
        has_more=len(hits) >= FOUND,
        jobs=jobs,
    )


@blueprint.get("/<int:list_id>")
@requires(Permission.LISTS)
def show(list_id: int) -> str:
    """One list with its contacts."""
    return contacts.list_page(list_id, NewContactForm(formdata=None))


@blueprint.get("/<int:list_id>/edit")
@requires(Permission.LISTS)
def edit(list_id: int) -> str:
    """The form of a list's name and description."""
    with current.db().transaction() as tx:
        row = contacts.found(tx, list_id)
    form = ListForm(formdata=None, data=row)
    return render_template("lists/edit.html", form=form, list=row)


@blueprint.post("/<int:list_id>/edit")
@requires(Permission.LISTS)
def change(list_id: int) -> str | Response:
    """Renames a list or describes it anew."""
    form = ListForm()
    with current.db().transaction() as tx:
        row = contacts.found(tx, list_id)
    is_valid = form.validate()
    problem = check_name(form.name.data)
    if is_valid and not problem:
        name, description = form.name.data, form.description.data
        actor = current.actor()
        try:
            current.db().atomically(
                lambda tx: lists.update(tx, list_id, name, description, actor)
            )
            flash(_("The list was changed."), "success")
            return redirect(url_for("lists.show", list_id=list_id))
        except DuplicateRow as error:
            problem = error.problem
    if problem:
        current.show_problems(form, {"name": problem})
    return render_template("lists/edit.html", form=form, list=row)


@blueprint.get("/<int:list_id>/delete")
@requires(Permission.LISTS)
def confirm(list_id: int) -> str:
    """Asks before a list is deleted, naming how many numbers go with it."""
    with current.db().transaction() as tx:
        row = contacts.found(tx, list_id)
    return render_template("lists/delete.html", list=row)


@blueprint.post("/<int:list_id>/delete")
@requires(Permission.LISTS)
def remove(list_id: int) -> Response:
    """Deletes a list and its numbers; campaigns made from it keep theirs."""
    actor = current.actor()

    def work(tx: Transaction) -> Row:
        row = contacts.found(tx, list_id)
        lists.remove(tx, row, actor)
        return row

    row = current.db().atomically(work)
    flash(_("The list %(name)s was deleted.", name=row["name"]), "success")
    return redirect(url_for("lists.index"))


@blueprint.get("/<int:list_id>/loads/<int:import_id>")
@requires(Permission.LISTS)
def load(list_id: int, import_id: int) -> str:
    """The rows of a load that were not taken."""
    with current.db().transaction() as tx:
        row = contacts.found(tx, list_id)
    return imports_page.page(
        import_id,
        list_id=list_id,
        name=row["name"],
        back=url_for("lists.show", list_id=list_id),
    )


@blueprint.get("/<int:list_id>/loads/<int:import_id>/rows.csv")
@requires(Permission.LISTS)
def load_rows(list_id: int, import_id: int) -> Response:
    """Those rows as a file to repair."""
    return imports_page.download(import_id, list_id=list_id)
