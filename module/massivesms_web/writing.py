"""What every form in which a text is written offers: trunks, and saved texts."""

from __future__ import annotations

from massivesms.store import templates, trunks
from massivesms.store.db import Transaction

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
