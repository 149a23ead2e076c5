"""One contact of a list: added with its fields, opened, changed, taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain import contact_fields
from massivesms.domain.numbers import Number, read_number
from massivesms.domain.permissions import Permission
from massivesms.domain.words import N_, Problem
from massivesms.errors import StoreError
from massivesms.store import contacts, lists
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..forms.contacts import FIELD, ContactForm, contact_form, label, place
from .contacts import found

Work = Callable[[Transaction, Number, Mapping[str, str]], None]

blueprint = Blueprint("contact", __name__, url_prefix="/<int:list_id>/contact")


@blueprint.app_context_processor
def words_of_fields() -> dict[str, object]:
    """What templates call the fields of contacts."""
    return {"field_label": label, "place_of": place}


@blueprint.get("/new")
@requires(Permission.LISTS)
def new(list_id: int) -> str:
    """The empty form of a contact, with the fields that the list has."""
    with current.db().transaction() as tx:
        row, names = found(tx, list_id), contacts.some_names(tx, list_id)
    return _page(row, None, contact_form(names, {}))


@blueprint.post("/new")
@requires(Permission.LISTS)
def create(list_id: int) -> str | Response:
    """Adds a contact, or says what is in the way."""
    with current.db().transaction() as tx:
        row, names = found(tx, list_id), contacts.some_names(tx, list_id)
    form = contact_form(names)
    actor = current.actor()

    def work(tx: Transaction, number: Number, fields: Mapping[str, str]) -> None:
        contacts.add(tx, row, number, fields, actor)

    number = _done(form, work)
    if number is None:
        return _page(row, None, form)
    flash(_("%(number)s was added.", number=number.e164), "success")
    return redirect(url_for("lists.show", list_id=list_id))


@blueprint.get("/<int:contact_id>")
@requires(Permission.LISTS)
def show(list_id: int, contact_id: int) -> str:
    """One contact, to be changed."""
    row, contact, names = _found(list_id, contact_id)
    return _page(row, contact, contact_form(names, contact["fields"], _shown(contact)))


@blueprint.post("/<int:contact_id>")
@requires(Permission.LISTS)
def change(list_id: int, contact_id: int) -> str | Response:
    """Keeps what was typed: the fields, and another number if it is another."""
    row, contact, names = _found(list_id, contact_id)
    form = contact_form(names)
    actor = current.actor()

    def work(tx: Transaction, number: Number, fields: Mapping[str, str]) -> None:
        lists.lock(tx, list_id)
        present = contacts.by_id(tx, list_id, contact_id)
        if present is None:
            abort(404)
        contacts.change(tx, row, present, number, fields, actor)

    number = _done(form, work, contact)
    if number is None:
        return _page(row, contact, form)
    flash(_("The contact %(number)s was changed.", number=number.e164), "success")
    return redirect(url_for("lists.show", list_id=list_id))


@blueprint.get("/<int:contact_id>/remove")
@requires(Permission.LISTS)
def confirm(list_id: int, contact_id: int) -> str:
    """Asks before a contact is taken out of the list."""
    row, contact, _names = _found(list_id, contact_id)
    return render_template("lists/contact_remove.html", list=row, contact=contact)


@blueprint.post("/<int:contact_id>/remove")
@requires(Permission.LISTS)
def remove(list_id: int, contact_id: int) -> Response:
    """Takes a contact out of the list for good."""
    row, contact, _names = _found(list_id, contact_id)
    actor = current.actor()
    current.db().atomically(lambda tx: contacts.remove(tx, row, contact, actor))
    flash(_("%(number)s was taken out.", number=contact["number"]), "success")
    return redirect(url_for("lists.show", list_id=list_id))


def _done(form: ContactForm, work: Work, contact: Row | None = None) -> Number | None:
    """Does what was asked; None when something is in the way, said in the form."""
    number, problems = _read(form, contact)
    fields = form.fields()
    is_valid = form.validate()
    if is_valid and not problems and isinstance(number, Number):
        try:
            current.db().atomically(lambda tx: work(tx, number, fields))
            return number
        except StoreError as error:
            problems = {"number": error.problem}
    current.show_problems(form, problems)
    return None


def _read(
    form: ContactForm, contact: Row | None
) -> tuple[Number | Problem, dict[str, Problem]]:
    """The number that was typed, and what is wrong by field."""
    typed, problems = form.number.data, {}
    number: Number | Problem
    if contact and typed == _shown(contact):  # as it was: not judged anew
        number = Number(contact["number"], bool(contact["is_local"]))
    else:
        number = read_number(typed, current.settings().number_plan)
    if isinstance(number, Problem):
        problems["number"] = number
    if problem := contact_fields.check(form.fields()):
        place = FIELD + str(problem.params.get("name", ""))
        problems[place if place in form else "new_value"] = problem
    if form.new_value.data and not contact_fields.name_of(form.new_name.data):
        words = N_("Say what the field is called; its name has letters.")
        problems["new_name"] = Problem("field_name_missing", words)
    return number, problems


def _page(row: Row, contact: Row | None, form: ContactForm) -> str:
    return render_template("lists/contact.html", list=row, contact=contact, form=form)


def _shown(contact: Row) -> str:
    return str(contact["number"])


def _found(list_id: int, contact_id: int) -> tuple[Row, Row, list[str]]:
    """The list, the contact and the names of fields that the list has; or 404."""
    with current.db().transaction() as tx:
        row = found(tx, list_id)
        contact = contacts.by_id(tx, list_id, contact_id)
        if contact is None:
            abort(404)
        names = contacts.some_names(tx, list_id)
    return row, contact, [*names, *(n for n in contact["fields"] if n not in names)]
