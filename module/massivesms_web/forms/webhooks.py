"""What the pages of webhooks ask; domain.webhooks says what is wrong with it."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from massivesms.domain.webhooks import (
    CAMPAIGN_FINISHED,
    EVENT_LABELS,
    INCOMING,
    MESSAGE,
    TRUNK_STOPPED,
    Draft,
    read_headers,
)
from massivesms.domain.words import Problem

from .fields import LineField
from .settings import label_of

OTHERS = (INCOMING, CAMPAIGN_FINISHED, TRUNK_STOPPED)


class WebhookForm(FlaskForm):
    """A webhook. Headers are written and never shown again."""

    name = LineField(_("Name"))
    url = LineField(_("Address"))
    events = SelectMultipleField(
        _("When a message becomes"), widget=ListWidget(), option_widget=CheckboxInput()
    )
    others = SelectMultipleField(
        _("When something else happens"),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    with_texts = BooleanField(_("Send the texts of messages too"))
    headers = TextAreaField(_("Own headers"))
    forget_headers = BooleanField(_("Remove the stored headers"))
    active = BooleanField(_("Turned on"), default=True)

    def offer(self) -> None:
        """Sets the events in the reader's language."""
        labels = {kind: gettext(label) for kind, label in EVENT_LABELS.items()}
        self.events.choices = [
            (kind, label) for kind, label in labels.items() if kind.startswith(MESSAGE)
        ]
        self.others.choices = [(kind, labels[kind]) for kind in OTHERS]

    def entered(self) -> Draft | Problem:
        """What was entered; the problem of headers that are none."""
        headers: dict[str, str] | Problem | None = None
        if (self.headers.data or "").strip():
            headers = read_headers(self.headers.data or "")
        elif self.forget_headers.data:
            headers = {}
        if isinstance(headers, Problem):
            return headers
        return Draft(
            name=self.name.data,
            url=self.url.data,
            events=[*(self.events.data or ()), *(self.others.data or ())],
            with_texts=bool(self.with_texts.data),
            active=bool(self.active.data),
            headers=headers,
        )


class OwnHostsForm(FlaskForm):
    """Hosts of one's own network."""

    webhook_hosts = StringField(label_of("webhook_hosts"))
