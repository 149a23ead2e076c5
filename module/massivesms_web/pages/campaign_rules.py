"""Priority and policy of a campaign: what may be changed while it is sent, too."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.store import campaigns
from massivesms.store.db import Transaction

from .. import current
from ..access import requires
from ..forms.campaigns import RulesForm

blueprint = Blueprint("rules", __name__)


@blueprint.post("/<int:campaign_id>/rules")
@requires(Permission.CAMPAIGNS)
def change(campaign_id: int) -> Response:
    """Changes them; the service goes by them from its next claim on."""
    form = RulesForm()
    if not form.validate():
        abort(400)
    is_queue = campaign_id == OUTPUT_QUEUE_ID
    actor = current.actor()

    def work(tx: Transaction) -> bool:
        row = campaigns.by_id(tx, campaign_id) or abort(404)
        return campaigns.set_rules(
            tx,
            row,
            actor,
            priority=None if is_queue else form.wanted_priority,
            in_doubt=form.wanted_policy,
        )

    if current.db().atomically(work):
        flash(_("The campaign was changed."), "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))
