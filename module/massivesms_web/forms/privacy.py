"""What the page of personal data asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from .fields import LineField
from .settings import label_of


class KeepForm(FlaskForm):
    """For how many days messages keep their numbers and texts."""

    keep_days = LineField(label_of("keep_days"))


class ErasureForm(FlaskForm):
    """The number of somebody who wants to be forgotten."""

    number = LineField(_("Number"))
