"""What the page of notices asks: who gets incoming messages, who the daily report."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.widgets import NumberInput

from massivesms.domain.mail_notices import MOST_A_MINUTE, YES_OR_NO

from .configuration import label_of
from .fields import HourField, LineField


class _SettingsForm(FlaskForm):
    """Fields that are called like their settings."""

    def entered(self) -> dict[str, str]:
        """The texts of its settings."""
        return {
            field.name: ("yes" if field.data else "no")
            if field.name in YES_OR_NO
            else str(field.data or "")
            for field in self
            if field.name != "csrf_token"
        }


class ForwardForm(_SettingsForm):
    """Incoming messages by mail."""

    forward_to = LineField(label_of("forward_to"))
    forward_last_message = BooleanField(label_of("forward_last_message"))
    forward_handled = BooleanField(label_of("forward_handled"))
    forward_most = LineField(
        label_of("forward_most"), widget=NumberInput(min=1, max=MOST_A_MINUTE)
    )


class ReportForm(_SettingsForm):
    """The daily report."""

    daily_report = BooleanField(label_of("daily_report"))
    report_to = LineField(label_of("report_to"))
    report_at = HourField(label_of("report_at"))


def as_stored(texts: dict[str, str], form: type[FlaskForm]) -> dict[str, Any]:
    """The settings of a form as its fields show them."""
    return {
        name: text == "yes" if name in YES_OR_NO else text
        for name, text in texts.items()
        if hasattr(form, name)
    }
