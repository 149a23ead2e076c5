"""The form of a probe: a real message through one trunk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from .fields import LineField, MessageField


class ProbeForm(FlaskForm):
    """To whom and what; `confirmed` once it was said that it costs."""

    number = LineField(
        _("Number"),
        description=_("A phone that you have at hand."),
        render_kw={"inputmode": "tel", "autocomplete": "tel"},
    )
    text = MessageField(_("Message"), render_kw={"rows": 2})
    once = HiddenField()
    confirmed = HiddenField()
