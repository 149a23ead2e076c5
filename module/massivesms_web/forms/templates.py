"""What the page of a template asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from massivesms.domain.templates import Draft

from .fields import LineField, MessageField


class TemplateForm(FlaskForm):
    """A text with its name and what it is for."""

    name = LineField(_("Name"))
    description = LineField(_("Description"))
    text = MessageField(_("Message"), render_kw={"rows": 6})

    @property
    def draft(self) -> Draft:
        """What was entered."""
        return Draft(self.name.data, self.text.data, self.description.data)
