"""Messages in doubt of a campaign: a person decides what becomes of them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import campaigns, doubts, messages, trunks
from massivesms.store.db import Row, Transaction
from massivesms.store.doubts import DoubtDecision

from .. import current, situation
from ..access import requires

blueprint = Blueprint("doubts", __name__)

SHOWN = 50


@blueprint.get("/<int:campaign_id>/doubts")
@requires(Permission.CAMPAIGNS)
def show(campaign_id: int) -> str | Response:
    """What is in doubt, what is known of it, and the two decisions."""
    settings = current.settings()
    wanted = messages.Filter(campaign_id=campaign_id, state="in_doubt")
    with current.db().transaction() as tx:
        row = _found(tx, campaign_id)
        view = situation.view(situation.gather(tx, settings), row)
        rows = messages.page(tx, wanted, limit=SHOWN)
        trunk_names = trunks.names(tx)
    if not rows:
        return redirect(url_for("campaigns.show", campaign_id=campaign_id))
    return render_template(
        "campaigns/doubts.html", view=view, rows=rows, trunk_names=trunk_names
    )


@blueprint.post("/<int:campaign_id>/doubts")
@requires(Permission.CAMPAIGNS)
def decide(campaign_id: int) -> Response:
    """Sends all of them again, or takes all of them as sent."""
    asked = request.form.get("decision", "")
    if asked not in set(DoubtDecision):
        abort(400)
    actor = current.actor()

    def work(tx: Transaction) -> int:
        row = _found(tx, campaign_id)
        return doubts.decide(tx, row, DoubtDecision(asked), actor)

    settled = current.db().atomically(work)
    if asked == DoubtDecision.RESEND:
        text = ngettext(
            "%(num)s message is in the queue again.",
            "%(num)s messages are in the queue again.",
            settled,
        )
    else:
        text = ngettext(
            "%(num)s message is taken as sent.",
            "%(num)s messages are taken as sent.",
            settled,
        )
    flash(text, "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))


def _found(tx: Transaction, campaign_id: int) -> Row:
    row = campaigns.by_id(tx, campaign_id)
    if row is None:
        abort(404, _("There is no such campaign."))
    return row
