"""Deadline, days, priority and policy of a campaign: changed while it is sent, too."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.calendars import zone_of
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import (
    approvals,
    campaign_schedules,
    campaigns,
    permanent,
    unsent,
)
from massivesms.store.db import Row, Transaction

from .. import current, situation, timing
from ..access import requires
from ..forms.campaigns import RulesForm, fill_deadline, wanted_deadline

blueprint = Blueprint("rules", __name__)

#: The refusals of days that leave nothing to be sent -> the field beside which it is.
UNREACHABLE = {"schedule_never": "days", "deadline_unreachable": "deadline"}


def form_of(campaign: Row) -> RulesForm:
    """The form with a campaign's rules."""
    form = _form(campaign, formdata=None, data=campaign)
    fill_deadline(form, campaign, current.settings().time_zone)
    return form


def _form(campaign: Row, **arguments: object) -> RulesForm:
    form = RulesForm(**arguments)
    with current.db().transaction() as tx:
        timing.offer(tx, form, campaign)
    return form


@blueprint.post("/<int:campaign_id>/rules")
@requires(Permission.CAMPAIGNS)
def change(campaign_id: int) -> str | Response:
    """Changes them; the service goes by them from its next claim on."""
    with current.db().transaction() as tx:
        campaign = campaigns.by_id(tx, campaign_id) or abort(404)
    form = _form(campaign)
    if not form.validate() and set(form.errors) - {"timetable_id"}:
        abort(400)
    has_timing = "timing" in request.form and campaign_id != OUTPUT_QUEUE_ID
    if has_timing and (form.errors or (wrong := form.timing_problems())):
        current.show_problems(form, {} if form.errors else wrong)
        return _page(campaign_id, form)
    try:
        done = current.db().atomically(lambda tx: _changed(tx, campaign_id, form))
    except StoreError as error:
        if error.problem.code not in UNREACHABLE:
            raise
        done = error.problem
    if isinstance(done, Problem):
        field = UNREACHABLE.get(done.code, "deadline")
        current.show_problems(form, {field: done})
        return _page(campaign_id, form)
    if done:
        flash(_("The campaign was changed."), "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))


def _changed(tx: Transaction, campaign_id: int, form: RulesForm) -> bool | Problem:
    """Changes what is other than before; False for nothing, a Problem of a deadline."""
    is_queue, actor = campaign_id == OUTPUT_QUEUE_ID, current.actor()
    settings = current.settings()
    row = campaigns.by_id(tx, campaign_id) or abort(404)
    start, deadline = row["start_at"], row["deadline_at"]
    has_timing = "timing" in request.form and not is_queue
    has_deadline = "deadline" in request.form and not is_queue
    if has_deadline:
        shown = zone_of(row, settings.time_zone)
        typed_in = form.own_zone(settings.time_zone) if has_timing else shown
        deadline = wanted_deadline(form, typed_in, start, deadline, shown)
    if isinstance(deadline, Problem):
        return deadline
    is_moved = has_deadline and unsent.set_deadline(tx, row, deadline, actor)
    is_other = campaigns.set_rules(
        tx,
        row,
        actor,
        priority=None if is_queue else form.wanted_priority,
        in_doubt=form.wanted_policy,
    )
    timed = {**row, "deadline_at": deadline}
    is_timed = has_timing and campaign_schedules.change(
        tx, timed, form.change, actor, settings, datetime.now(UTC)
    )
    return is_moved or is_other or is_timed


@blueprint.post("/<int:campaign_id>/approve")
@requires(Permission.CAMPAIGNS)
def approve(campaign_id: int) -> Response:
    """Lets a campaign that waits be sent; not by who made or changed it."""
    actor = current.actor()

    def work(tx: Transaction) -> None:
        row = campaigns.by_id(tx, campaign_id) or abort(404)
        approvals.approve(tx, row, actor)

    try:
        current.db().atomically(work)
        flash(_("The campaign is approved."), "success")
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))


@blueprint.post("/<int:campaign_id>/end")
@requires(Permission.CAMPAIGNS)
def end_permanent(campaign_id: int) -> Response:
    """Contacts that come into the list from now on do not get it any more."""
    actor = current.actor()

    def work(tx: Transaction) -> bool:
        return permanent.end(tx, campaigns.by_id(tx, campaign_id) or abort(404), actor)

    if current.db().atomically(work):
        flash(_("The campaign is no longer permanent."), "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))


def _page(campaign_id: int, form: RulesForm) -> str:
    """The form alone, with what is wrong in it."""
    settings = current.settings()
    with current.db().transaction() as tx:
        row = campaigns.by_id(tx, campaign_id) or abort(404)
        view = situation.view(situation.gather(tx, settings), row)
    return render_template("campaigns/rules.html", form=form, view=view)
