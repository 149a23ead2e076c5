"""Messages in doubt of a campaign: a person decides of some or of all of them.

All of a million are settled in batches; the page that shows how far it is asks
for the next ones by itself.
"""

from __future__ import annotations

import time

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import campaigns, doubts, trunks
from massivesms.store.db import Row

from .. import current, situation
from ..access import requires
from ..keys import key
from .doubts import (
    PAGE,
    Wish,
    ask,
    place_asked,
    read_wish,
    say_none_ticked,
    say_settled,
    settle_chosen,
)

blueprint = Blueprint("doubts", __name__)

WORK_S = 2.0  # then the page says how far it is


@blueprint.get("/<int:campaign_id>/doubts")
@requires(Permission.CAMPAIGNS)
def show(campaign_id: int) -> str | Response:
    """What is in doubt, what is known of it, and the two decisions."""
    settings = current.settings()
    row = _found(campaign_id)
    after = place_asked()
    if after is not None and after.campaign_id != campaign_id:
        after = None
    with current.db().transaction() as tx:
        view = situation.view(situation.gather(tx, settings), row)
        rows = doubts.page(tx, campaign_id=campaign_id, after=after, limit=PAGE + 1)
        trunk_names = trunks.names(tx)
    if not rows:
        return _back(campaign_id)
    return render_template(
        "campaigns/doubts.html",
        view=view,
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1]["place"] if len(rows) > PAGE else None,
        trunk_names=trunk_names,
    )


@blueprint.post("/<int:campaign_id>/doubts")
@requires(Permission.CAMPAIGNS)
def decide(campaign_id: int) -> str | Response:
    """Sends them again, or takes them as sent: those ticked, or all."""
    wish = read_wish()
    row = _found(campaign_id)
    in_doubt = row["counts"].get("in_doubt", 0)
    if not wish.is_all and not wish.ids:
        say_none_ticked()
        return redirect(url_for(".show", campaign_id=campaign_id))
    if wish.must_ask:
        number = in_doubt if wish.is_all else len(wish.ids)
        return ask(
            wish, number, url_for("campaigns.doubts.decide", campaign_id=row["id"])
        )
    if wish.is_all:
        return _settle_all(row, wish, in_doubt)
    say_settled(wish.decision, settle_chosen(wish, campaign_id))
    return redirect(url_for(".show", campaign_id=campaign_id))


def _settle_all(row: Row, wish: Wish, in_doubt: int) -> str | Response:
    """Settles all for a while; until they are, the page asks to go on by itself."""
    actor, db = current.actor(), current.db()
    total = request.form.get("total", type=key)
    left = min(request.form.get("left", in_doubt, type=key), in_doubt)
    if total is None:  # the first time
        total = in_doubt
        with db.transaction() as tx:
            doubts.audit_all(tx, row, wish.decision, actor, total)
    until_s = time.monotonic() + WORK_S
    for done in doubts.decide_all(db, row, wish.decision, actor, most=left):
        left -= done
        if left and time.monotonic() >= until_s:
            return _progress(row, wish, total, left)
    say_settled(wish.decision, total - left)
    return _back(row["id"])


def _progress(row: Row, wish: Wish, total: int, left: int) -> str:
    is_part = "HX-Request" in request.headers
    return render_template(
        "doubts/_progress.html" if is_part else "doubts/progress.html",
        address=url_for("campaigns.doubts.decide", campaign_id=row["id"]),
        name=situation.campaign_name(row["id"], row["name"]),
        wish=wish,
        total=total,
        left=left,
    )


def _back(campaign_id: int) -> Response:
    """To the campaign's page, also from a part that htmx has fetched."""
    address = url_for("campaigns.show", campaign_id=campaign_id)
    if "HX-Request" in request.headers:
        return Response(headers={"HX-Redirect": address})
    return redirect(address)


def _found(campaign_id: int) -> Row:
    with current.db().transaction() as tx:
        row = campaigns.by_id(tx, campaign_id)
    return row or abort(404, _("There is no such campaign."))
