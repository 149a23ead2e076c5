"""What the sign-in page asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField


class SignInForm(FlaskForm):
    """Name and password, and the page to go on with."""

    name = StringField(_("User"))
    password = PasswordField(_("Password"))
    next = HiddenField()
