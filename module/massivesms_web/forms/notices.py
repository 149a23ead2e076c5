"""What the page of notices asks: who gets incoming messages, who the daily report."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.widgets import NumberInput

from massivesms.domain.mail_notices import MOST_A_MINUTE

from .fields import HourField, LineField
from .settings import SettingsForm, label_of


class ForwardForm(SettingsForm):
    """Incoming messages by mail."""

    forward_to = LineField(label_of("forward_to"))
    forward_last_message = BooleanField(label_of("forward_last_message"))
    forward_handled = BooleanField(label_of("forward_handled"))
    forward_most = LineField(
        label_of("forward_most"), widget=NumberInput(min=1, max=MOST_A_MINUTE)
    )


class ReportForm(SettingsForm):
    """The daily report."""

    daily_report = BooleanField(label_of("daily_report"))
    report_to = LineField(label_of("report_to"))
    report_at = HourField(label_of("report_at"))
