"""What the page of personal data asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from massivesms.domain.settings import SETTINGS

from .fields import LineField


class KeepForm(FlaskForm):
    """For how many days messages keep their numbers and texts."""

    keep_days = LineField(_(SETTINGS["keep_days"][1]))


class ErasureForm(FlaskForm):
    """The number of somebody who wants to be forgotten."""

    number = LineField(_("Number"))
