"""What is asked to load a bulk file."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField

from .uploads import AGAIN, CSV_INPUT


class BulkForm(FlaskForm):
    """A file of messages, each for the campaign that its row names."""

    file = FileField(
        _("CSV file"),
        description=_("campaign;number;message;priority in each row."),
        render_kw=CSV_INPUT,
    )
    again = BooleanField(AGAIN)
