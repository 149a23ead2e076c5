"""The form of a single message."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField

from .fields import (
    CharactersField,
    LineField,
    MessageField,
    TemplateField,
    TrunkField,
)


class SendForm(FlaskForm):
    """One text to one number; `once` makes a double click send one message."""

    number = LineField(
        _("Number"),
        description=_("As it is dialled here, or with + and the country code."),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    text = MessageField(_("Message"), render_kw={"rows": 5})
    template_id = TemplateField(_("Template"), default=0)
    characters = CharactersField()
    trunk_id = TrunkField(_("Trunk"), default=0)
    sender_id = LineField(
        _("Sender"),
        description=_("Empty: the trunk's own."),
        render_kw={"autocomplete": "off"},
    )
    how = RadioField(
        _("When"),
        choices=[
            ("now", _("At once, and show what came of it")),
            ("queue", _("In its turn, through the output queue")),
        ],
        default="now",
    )
    once = HiddenField()
