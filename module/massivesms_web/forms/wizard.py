"""The forms of the import wizard: a file, and where its rows go.

Which column is what has a select for each column, so it is read from the request.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from massivesms.domain import contact_fields, contact_use
from massivesms.domain.words import N_
from massivesms.intake.mapping import MESSAGE, NUMBER, Look

from .fields import LineField, ListField
from .uploads import CSV_INPUT

TARGETS: Mapping[str, str] = {
    "new_list": N_("A new list"),
    "list": N_("A list that there is"),
    "campaign": N_("A new campaign"),
}


class FileForm(FlaskForm):
    """The file to load; `list_id` is the list from which somebody came."""

    file = FileField(
        _("File"),
        description=_(
            "A row for each person: the number, and whatever else is known of them."
        ),
        render_kw=CSV_INPUT,
    )
    list_id = IntegerField(widget=HiddenInput(), validators=[Optional()])


class TargetForm(FlaskForm):
    """Where the rows go; what may not be made is not offered."""

    target = RadioField(_("Load it into"), default="new_list")
    name = LineField(_("Name of the list"))
    description = LineField(_("Description"))
    list_id = ListField(_("List"), default=0)

    def offer_targets(self, *, lists: bool, campaigns: bool) -> None:
        """Sets what the person may choose."""
        may = {"new_list": lists, "list": lists, "campaign": campaigns}
        offered = [(n, gettext(label)) for n, label in TARGETS.items() if may[n]]
        self.target.choices = offered
        if self.target.data not in dict(offered) and not self.is_submitted():
            self.target.data = offered[0][0]


def column_choices(look: Look, column: int) -> list[tuple[str, str]]:
    """What a column may be, with words; its own title's field among it."""
    choices = [
        ("", gettext("Leave out")),
        (NUMBER, gettext("Number")),
        (MESSAGE, gettext("Message")),
        *((name, gettext(label)) for name, label in contact_fields.STANDARD.items()),
    ]
    own = look.names[column]
    if own in contact_use.NAMES:
        choices.append((own, gettext("Use: who is excluded stays so")))
    elif own and own not in dict(choices):
        choices.append((own, gettext("Field: %(name)s", name=own)))
    return choices


def read_columns(look: Look, typed: Mapping[str, str]) -> dict[int, str]:
    """The mapping that was chosen; what is not offered is left out."""
    found = {}
    for column in range(len(look.titles)):
        chosen = typed.get(f"column-{column}", "")
        if chosen and chosen in dict(column_choices(look, column)):
            found[column] = chosen
    return found
