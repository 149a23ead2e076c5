"""What the pages of users ask."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField

from massivesms.domain.words import N_, Problem
from massivesms.store.db import Row

from ..look import role_label


class RoleField(SelectField):
    """One of the roles, by id."""

    def offer(self, roles: Sequence[Row]) -> None:
        """Sets the roles that can be chosen."""
        self.choices = [(str(row["id"]), role_label(row["name"])) for row in roles]

    def ids(self) -> set[str]:
        """What may be chosen."""
        return {str(choice[0]) for choice in self.choices or ()}


class NewUserForm(FlaskForm):
    """A new user; the password twice, since nobody sees it."""

    name = StringField(_("User"))
    role = RoleField(_("Role"))
    password = PasswordField(_("Password"))
    repeated = PasswordField(_("Password again"))


class UserRoleForm(FlaskForm):
    """Another role."""

    role = RoleField(_("Role"))


class UserPasswordForm(FlaskForm):
    """A new password for somebody else."""

    password = PasswordField(_("New password"))
    repeated = PasswordField(_("New password again"))


def check_repeated(password: str, repeated: str) -> dict[str, Problem]:
    """The problem of a password that was not written twice alike."""
    if password == repeated:
        return {}
    words = N_("The two passwords differ. Write the same one twice.")
    return {"repeated": Problem("password_repeated", words)}
