"""What one's own account asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField

from massivesms.domain.settings import LANGUAGES


class OwnPasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    present = PasswordField(_("Present password"))
    password = PasswordField(_("New password"))
    repeated = PasswordField(_("New password again"))


class LanguageForm(FlaskForm):
    """The language of one's pages."""

    language = SelectField(
        _("Language"), choices=[("", _("The browser's")), *LANGUAGES.items()]
    )
