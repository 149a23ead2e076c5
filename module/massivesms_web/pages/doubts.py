"""Messages in doubt: a person decides what becomes of those of a campaign.

They left without an answer. The page says what each decision may mean; nothing
here guesses, and neither decision is offered as the default.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import campaigns, doubts
from massivesms.store.db import Row, Transaction
from massivesms.store.doubts import DoubtDecision

from .. import current, situation
from ..access import requires

blueprint = Blueprint("doubts", __name__, url_prefix="/campaigns/<int:campaign_id>")


@blueprint.get("/doubts")
@requires(Permission.CAMPAIGNS)
def show(campaign_id: int) -> str | Response:
    """What can be decided, and what each decision may mean."""
    with current.db().transaction() as tx:
        campaign = _campaign(tx, campaign_id)
    in_doubt = campaign["counts"].get("in_doubt", 0)
    if not in_doubt:
        return _back(campaign_id)
    return render_template(
        "doubts/show.html",
        campaign=campaign,
        name=situation.campaign_name(campaign_id, campaign["name"]),
        in_doubt=in_doubt,
    )


@blueprint.post("/doubts")
@requires(Permission.CAMPAIGNS)
def decide(campaign_id: int) -> Response:
    """Carries out the decision for all that are in doubt now."""
    try:
        decision = DoubtDecision(request.form.get("decision", ""))
    except ValueError:
        abort(400)
    actor = current.actor()
    with current.db().transaction() as tx:
        campaign = _campaign(tx, campaign_id)
        settled = doubts.decide(tx, campaign, decision, actor)
    if decision is DoubtDecision.RESEND:
        flash(_("Messages to be sent again: %(n)s.", n=settled), "success")
    else:
        flash(_("Messages taken as sent: %(n)s.", n=settled), "success")
    return _back(campaign_id)


def _campaign(tx: Transaction, campaign_id: int) -> Row:
    return campaigns.by_id(tx, campaign_id) or abort(404)


def _back(campaign_id: int) -> Response:
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))
