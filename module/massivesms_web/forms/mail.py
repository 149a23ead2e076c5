"""What the page of the mail account asks: one field for each of domain.mail_account.

Values stay text; massivesms.mail_drafts says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from massivesms.domain.mail_account import SETTINGS

from .fields import LineField, setting_field


class _AccountForm(FlaskForm):
    """The settings of the account as fields of their names."""

    def entered(self) -> dict[str, str]:
        """What was entered, as text."""
        return {setting.key: _text(self[setting.key].data) for setting in SETTINGS}


AccountForm: type[_AccountForm] = type(
    "AccountForm", (_AccountForm,), {one.key: setting_field(one) for one in SETTINGS}
)


def stored_values(settings: Mapping[str, str]) -> dict[str, Any]:
    """A stored account as the form shows it; the password is never among it."""
    return {
        key: value == "yes" if value in ("yes", "no") else value
        for key, value in settings.items()
    }


class TrialForm(FlaskForm):
    """Where a mail goes that tries the account."""

    address = LineField(_("Send a test mail to"))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")
