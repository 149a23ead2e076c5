"""Results of a campaign: the parts of its page that change by themselves."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from massivesms.domain.permissions import Permission
from massivesms.store import campaigns

from .. import charts, current, results, situation
from ..access import requires

blueprint = Blueprint("results", __name__)


@blueprint.get("/<int:campaign_id>/live")
@requires(Permission.CAMPAIGNS)
def live(campaign_id: int) -> str:
    """What it is doing, and its figures."""
    settings = current.settings()
    with current.db().transaction() as tx:
        row = campaigns.by_id(tx, campaign_id) or abort(404)
        view = situation.view(situation.gather(tx, settings), row)
        found = results.gather(tx, view)
    return render_template("campaigns/_live.html", view=view, results=found, apart=True)


@blueprint.get("/<int:campaign_id>/course")
@requires(Permission.CAMPAIGNS)
def course(campaign_id: int) -> str:
    """What came of it over time; htmx fetches only what changes by itself."""
    settings = current.settings()
    with current.db().transaction() as tx:
        row = campaigns.by_id(tx, campaign_id) or abort(404)
        view = situation.view(situation.gather(tx, settings), row)
        found = charts.of_campaign(tx, campaign_id, settings.time_zone)
    is_part = "HX-Request" in request.headers
    template = "campaigns/_course.html" if is_part else "campaigns/course.html"
    return render_template(template, view=view, course=found)
