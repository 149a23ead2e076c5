"""What the event log records, and for how long it is kept."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from massivesms.domain.event_kinds import EVENT_KINDS

from .settings import label_of


class RecordedForm(FlaskForm):
    """The settings of the event log; domain.settings checks them."""

    log_events = SelectMultipleField(
        label_of("log_events"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    log_keep_days = StringField(label_of("log_keep_days"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log_events.choices = [
            (kind, f"{gettext(label)}: {gettext(hint)}")
            for kind, (label, hint) in EVENT_KINDS.items()
        ]
