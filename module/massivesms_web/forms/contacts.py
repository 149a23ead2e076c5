"""The form of one contact: its number and a field for each that it may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from massivesms.domain import contact_fields

from .fields import LineField

FIELD = "field_"  # before a field's name in the form


class ContactForm(FlaskForm):
    """The number, and one more field of one's own."""

    number = LineField(_("Number"))
    new_name = LineField(_("Another field: its name"))
    new_value = LineField(_("Its value"))

    def fields(self) -> dict[str, str]:
        """What was typed, by the names of fields; empty ones left out."""
        typed = {
            name.removeprefix(FIELD): field.data
            for name, field in self._fields.items()
            if name.startswith(FIELD) and field.data
        }
        name = contact_fields.name_of(self.new_name.data)
        if name and self.new_value.data:
            typed[name] = self.new_value.data
        return typed

    def field_inputs(self) -> list[LineField]:
        """The inputs of fields, in their order."""
        return [f for name, f in self._fields.items() if name.startswith(FIELD)]


def label(name: str) -> str:
    """What a field is called: its words, or its name as a title."""
    if name in contact_fields.STANDARD:
        return gettext(contact_fields.STANDARD[name])
    return name.replace("_", " ").capitalize()


def place(name: str) -> str:
    """What stands between < and > for a field: its label where that is understood."""
    called = gettext("Phone") if name == contact_fields.NUMBER else label(name)
    return called if contact_fields.name_of(called) == name else name


def contact_form(
    names: Iterable[str], data: Mapping[str, str] | None = None, number: str = ""
) -> ContactForm:
    """The form with an input for each name and for each standard field.

    With `data` it shows a stored contact, without it what was sent.
    """
    every = dict.fromkeys([*contact_fields.STANDARD, *names])
    inputs = {FIELD + name: LineField(label(name)) for name in every}
    made = type("OneContactForm", (ContactForm,), inputs)
    if data is None:
        form: ContactForm = made()
        return form
    values = {FIELD + name: data.get(name, "") for name in every}
    shown: ContactForm = made(formdata=None, data={"number": number, **values})
    return shown
