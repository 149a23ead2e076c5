"""Discarding what a campaign has not sent yet; the service does it in a moment."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.errors import StoreError
from massivesms.store import campaigns, unsent
from massivesms.store.db import Row, Transaction

from .. import current, situation
from ..access import requires
from ..language import number

blueprint = Blueprint("unsent", __name__)


@blueprint.get("/<int:campaign_id>/discard")
@requires(Permission.CAMPAIGNS)
def confirm(campaign_id: int) -> str:
    """Asks before it is discarded, naming how much it is."""
    settings = current.settings()
    with current.db().transaction() as tx:
        view = situation.view(situation.gather(tx, settings), _found(tx, campaign_id))
    return render_template("campaigns/discard.html", view=view)


@blueprint.post("/<int:campaign_id>/discard")
@requires(Permission.CAMPAIGNS)
def discard(campaign_id: int) -> Response:
    """Has it discarded, paused or not; from now on nothing of it leaves."""
    actor = current.actor()

    def work(tx: Transaction) -> tuple[int, bool]:
        row = _found(tx, campaign_id)
        return row["counts"].get("queued", 0), unsent.discard(tx, row, actor)

    try:
        queued, is_new = current.db().atomically(work)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    else:
        if is_new:
            words = ngettext(
                "%(n)s message that was not sent yet is being discarded.",
                "%(n)s messages that were not sent yet are being discarded.",
                queued,
                n=number(queued),
            )
            flash(words, "success")
        else:
            flash(_("It is being discarded already."), "info")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))


def _found(tx: Transaction, campaign_id: int) -> Row:
    row = campaigns.by_id(tx, campaign_id)
    if row is None:
        abort(404)
    return row
