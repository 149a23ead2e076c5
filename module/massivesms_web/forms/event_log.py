"""What the event log records, and for how long it is kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from massivesms.domain.event_kinds import EVENT_KINDS

from .labels import setting_label


class RecordedForm(FlaskForm):
    """The settings of the event log; domain.settings checks them."""

    log_events = SelectMultipleField(
        setting_label("log_events"),
        choices=[(kind, _(label)) for kind, (label, _hint) in EVENT_KINDS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    log_keep_days = StringField(setting_label("log_keep_days"))
