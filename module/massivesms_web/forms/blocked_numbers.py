"""What is asked to block numbers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from massivesms.domain.blocked_numbers import MAX_REASON

from .fields import LineField


class BlockForm(FlaskForm):
    """One number or several; domain.blocked_numbers reads them."""

    numbers = TextAreaField(
        _("Numbers to block"),
        description=_(
            "One a line, or with commas between them; as they are dialled here, or"
            " with + and the country code."
        ),
        render_kw={"rows": 3, "autocomplete": "off", "spellcheck": "false"},
    )
    reason = LineField(
        _("Reason"),
        description=_("For your own people; nobody else sees it. It may stay empty."),
        render_kw={"maxlength": MAX_REASON, "autocomplete": "off"},
    )
