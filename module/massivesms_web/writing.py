"""What every form in which a text is written offers: trunks, saved texts, a warning."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _

from massivesms.domain.text_settings import refused_words
from massivesms.store import templates, trunks
from massivesms.store.db import Transaction

from . import current
from .forms.campaigns import FreshCampaignForm
from .forms.fields import NONE
from .forms.send import SendForm

TEMPLATES_OFFERED = 500


def offer(tx: Transaction, form: SendForm | FreshCampaignForm) -> None:
    """Sets the choices; a template that was chosen without scripts is taken over."""
    form.trunk_id.offer_trunks(trunks.all_trunks(tx))
    form.template_id.offer_templates(templates.page(tx, limit=TEMPLATES_OFFERED))
    if form.template_id.text and not (form.text.data or "").strip():
        form.text.data = form.template_id.text
        form.template_id.data = NONE  # it is done: whoever empties the text means it


def warn_of_words(text: str) -> None:
    """Says which words of a text operators refuse; it is sent all the same."""
    if found := refused_words(text, current.settings().refused_words):
        words = ", ".join(found)
        flash(
            _("Operators may refuse this message: %(words)s.", words=words), "warning"
        )
