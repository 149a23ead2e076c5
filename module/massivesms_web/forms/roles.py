"""What the pages of roles ask."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from massivesms.domain.permissions import PERMISSION_LABELS


class RoleForm(FlaskForm):
    """A name and a checkbox for each permission."""

    name = StringField(_("Name"))
    permissions = SelectMultipleField(
        _("May open"), widget=ListWidget(), option_widget=CheckboxInput()
    )

    def offer(self) -> None:
        """Sets the permissions in the reader's language."""
        self.permissions.choices = [
            (str(name), gettext(label)) for name, label in PERMISSION_LABELS.items()
        ]
