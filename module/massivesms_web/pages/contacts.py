"""The numbers of a list: its page, adding one, leaving one out of use and back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.number_search import beginnings
from massivesms.domain.numbers import Number, read_number
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.store import audit, blocked_lists, contacts, imports, lists
from massivesms.store.contacts import Found
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..forms.lists import NewContactForm
from ..keys import key
from . import imports as imports_page
from . import list_exports
from .sign_in import safe_next

PAGE = 50
MOST_TEXT = 100

blueprint = Blueprint("contacts", __name__, url_prefix="/<int:list_id>/contacts")


@blueprint.post("/")
@requires(Permission.LISTS)
def add(list_id: int) -> str | Response:
    """Adds one number; one that is there already is said to be."""
    form = NewContactForm()
    is_valid = form.validate()
    number = read_number(form.number.data, current.settings().number_plan)
    if isinstance(number, Problem):
        current.show_problems(form, {"number": number})
    if isinstance(number, Problem) or not is_valid:
        return list_page(list_id, form)
    if _add(list_id, number):
        flash(_("%(number)s was added.", number=number.e164), "success")
    else:
        flash(_("%(number)s is in the list already.", number=number.e164), "info")
    return redirect(url_for("lists.show", list_id=list_id))


@blueprint.post("/exclude")
@requires(Permission.LISTS)
def exclude(list_id: int) -> str | Response:
    """Leaves a number out of what the list is used for; it stays in the list."""
    return _set_excluded(list_id, True)


@blueprint.post("/include")
@requires(Permission.LISTS)
def include(list_id: int) -> str | Response:
    """Uses an excluded number again."""
    return _set_excluded(list_id, False)


def _add(list_id: int, number: Number) -> bool:
    """Whether the number is new in the list."""
    actor = current.actor()

    def work(tx: Transaction) -> bool:
        row = found(tx, list_id)
        lists.lock(tx, list_id)
        if lists.add_contacts(tx, list_id, [number]):
            return False
        audit.record(tx, actor, "list.add", row["name"], {"number": number.masked})
        return True

    return current.db().atomically(work)


def _set_excluded(list_id: int, excluded: bool) -> str | Response:
    number = request.form.get("number", "")[:16]
    actor = current.actor()

    def work(tx: Transaction) -> tuple[Row, Row]:
        row = found(tx, list_id)
        lists.lock(tx, list_id)
        if not lists.set_excluded(tx, row, number, excluded, actor):
            abort(404)
        (contact,) = lists.contacts(tx, list_id, number_starts=[number], limit=1)
        return found(tx, list_id), contact

    row, contact = current.db().atomically(work)
    if request.headers.get("HX-Request"):
        return render_template("lists/_changed.html", list=row, contact=contact)
    if excluded:
        flash(_("%(number)s is excluded now.", number=number), "success")
    else:
        flash(_("%(number)s is in use again.", number=number), "success")
    return redirect(safe_next(request.form.get("next")))


def list_page(list_id: int, form: NewContactForm) -> str:
    """The page of a list; `form` has what was typed to add a number."""
    chosen = request.args
    use = chosen.get("excluded", "")
    starts = beginnings(chosen.get("number", ""), current.settings().number_plan)
    text = chosen.get("text", "").strip()[:MOST_TEXT]
    with current.db().transaction() as tx:
        row = found(tx, list_id)
        some = _some(tx, list_id, text, starts, use)
        stored = imports.of_list(tx, list_id)
        loads = [imports_page.summary(tx, load) for load in stored]
        has_blocked = blocked_lists.has_excluded(tx, row)
    return render_template(
        "lists/show.html",
        list=row,
        contacts=some.rows,
        next_after=some.next_after,
        is_filtered=bool(starts or text or use in lists.KINDS),
        loads=loads,
        has_blocked=has_blocked,
        formats=list_exports.offered(row),
        form=form,
    )


def _some(
    tx: Transaction, list_id: int, text: str, starts: tuple[str, ...], use: str
) -> Found:
    """The contacts of a page, and after which one the next page begins."""
    after = request.args.get("after", default=0, type=key)
    kinds = lists.KINDS.get(use, lists.ANY_USE)
    if text:
        return contacts.search(
            *(tx, list_id, text),
            number_starts=starts,
            kinds=kinds,
            after=after,
            limit=PAGE,
        )
    rows = lists.contacts(
        tx,
        list_id,
        number_starts=starts,
        kinds=kinds,
        after=after,
        limit=PAGE + 1,
    )
    return Found(rows[:PAGE], rows[PAGE - 1]["id"] if len(rows) > PAGE else None)


def found(tx: Transaction, list_id: int) -> Row:
    """The list, or 404."""
    row = lists.by_id(tx, list_id)
    if row is None:
        abort(404)
    return row
