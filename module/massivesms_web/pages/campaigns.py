"""Campaigns: what each is doing, stopping and resuming, its numbers.

Creating one is in pages/campaigns_new.py. The output queue is a campaign that is
always first and cannot be changed or removed.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.figure_words import GROUPS, LINES
from massivesms.domain.number_search import beginnings
from massivesms.domain.permissions import Permission
from massivesms.domain.segments import check_text, split
from massivesms.domain.smart_text import improve
from massivesms.domain.states import CampaignState, MessageState
from massivesms.domain.templates import pieces, places
from massivesms.domain.text_settings import left_as_shown, signed, unsigned
from massivesms.domain.waiting import Situation
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import campaigns, imports, messages, trunks
from massivesms.store.db import Row, Transaction
from massivesms.store.failures import DuplicateRow

from .. import current, replaced, results, situation, timing, writing
from ..access import requires
from ..forms.campaigns import CampaignForm, fill, read_draft
from ..keys import key
from ..situation import CampaignView
from . import (
    campaign_bulk,
    campaign_doubts,
    campaign_preview,
    campaign_results,
    campaign_rules,
    campaign_singles,
    campaign_unsent,
    campaigns_new,
)
from . import imports as imports_page
from .messages import known_state
from .sign_in import safe_next

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")
blueprint.register_blueprint(campaigns_new.blueprint)
blueprint.register_blueprint(campaign_bulk.blueprint)
blueprint.register_blueprint(campaign_doubts.blueprint)
blueprint.register_blueprint(campaign_rules.blueprint)
blueprint.register_blueprint(campaign_unsent.blueprint)
blueprint.register_blueprint(campaign_results.blueprint)
blueprint.register_blueprint(campaign_singles.blueprint)
blueprint.register_blueprint(campaign_preview.blueprint)

PAGE = 50
SCAN = 200  # campaigns read at a time while looking for a state


@blueprint.get("/")
@requires(Permission.CAMPAIGNS)
def index() -> str:
    """The output queue and all campaigns, newest first, by state if asked."""
    state = _wanted_state()
    before = request.args.get("before", type=key)
    settings = current.settings()
    with current.db().transaction() as tx:
        now = situation.gather(tx, settings)
        queue = situation.view(now, _found(tx, OUTPUT_QUEUE_ID))
        found = _matching(tx, now, state, before)
    return render_template(
        "campaigns/index.html",
        queue=queue if before is None and state in (None, queue.state) else None,
        views=found[:PAGE],
        next_before=found[PAGE - 1].row["id"] if len(found) > PAGE else None,
        state=state,
        states=list(CampaignState),
        service_stopped=not now.service_running,
    )


@blueprint.get("/<int:campaign_id>")
@requires(Permission.CAMPAIGNS)
def show(campaign_id: int) -> str:
    """One campaign: its state, why nothing is sent, its results, its numbers."""
    settings = current.settings()
    state = known_state(request.args.get("state"))
    wanted = messages.Filter(
        campaign_id=campaign_id,
        states=(state,) if state else (),
        number_starts=beginnings(request.args.get("number", ""), settings.number_plan),
    )
    with current.db().transaction() as tx:
        view = situation.view(situation.gather(tx, settings), _found(tx, campaign_id))
        found = messages.look(
            tx, wanted, after=request.args.get("after", type=key), limit=PAGE + 1
        )
        came = results.gather(tx, view)
        stored = imports.of_campaign(tx, campaign_id)
        loads = [imports_page.summary(tx, load) for load in stored]
    return render_template(
        "campaigns/show.html",
        view=view,
        rows=found.rows[:PAGE],
        next_after=(
            found.rows[PAGE - 1]["id"] if len(found.rows) > PAGE else found.following
        ),
        is_unfinished=found.is_unfinished,
        wanted=wanted,
        state=state,
        states=list(MessageState),
        trunk_names=came.trunk_names,
        results=came,
        groups=GROUPS,
        lines=LINES,
        single_form=campaign_singles.new_form(view.row),
        loads=loads,
        text=split(view.row["text"]),
        pieces=pieces(view.row["text"]),
        has_places=bool(places(view.row["text"])),
        rules_form=campaign_rules.form_of(view.row),
    )


@blueprint.post("/<int:campaign_id>/stop")
@requires(Permission.CAMPAIGNS)
def stop(campaign_id: int) -> Response:
    """Stops a campaign: what is on its way arrives, nothing more leaves."""
    return _set_paused(campaign_id, True)


@blueprint.post("/<int:campaign_id>/resume")
@requires(Permission.CAMPAIGNS)
def resume(campaign_id: int) -> Response:
    """Lets a campaign send again."""
    return _set_paused(campaign_id, False)


@blueprint.get("/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGNS)
def edit(campaign_id: int) -> str | Response:
    """The form of a campaign of which nothing was sent."""
    view = _view(campaign_id)
    if not view.is_untouched:
        return _unchangeable(view)
    form = _form(view.row, formdata=None)
    settings = current.settings()
    fill(form, view.row, settings.time_zone)
    form.text.data = unsigned(form.text.data, settings.signature)
    return _edit_page(form, view)


@blueprint.post("/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGNS)
def change(campaign_id: int) -> str | Response:
    """Changes a campaign of which nothing was sent."""
    view = _view(campaign_id)
    if not view.is_untouched:
        return _unchangeable(view)
    form = _form(view.row)
    is_valid = form.validate()
    draft, problems = read_draft(
        form, current.settings().time_zone, text_required=bool(view.row["text"])
    )
    problems = problems or timing.problems_of(draft)
    draft = replace(draft, text=_signed(view, draft.text))
    if "text" not in problems and (problem := _text_problem(view, draft.text)):
        problems["text"] = problem
    if is_valid and not problems:
        segments = len(split(draft.text).parts)
        actor = current.actor()
        try:
            current.db().atomically(
                lambda tx: campaigns.update(tx, view.row, draft, segments, actor)
            )
            flash(_("The campaign was changed."), "success")
            replaced.say(improve(form.text.data, form.characters.choice))
            writing.warn_of_words(draft.text)
            return redirect(url_for("campaigns.show", campaign_id=campaign_id))
        except DuplicateRow as error:
            problems = {"name": error.problem}
        except StoreError as error:
            problems = {"": error.problem}
    current.show_problems(form, problems)
    return _edit_page(form, view)


@blueprint.get("/<int:campaign_id>/delete")
@requires(Permission.CAMPAIGNS)
def confirm(campaign_id: int) -> str | Response:
    """Asks before a campaign is deleted, naming what goes with it."""
    view = _view(campaign_id)
    if view.is_output_queue:
        return _unchangeable(view)
    return render_template("campaigns/delete.html", view=view)


@blueprint.post("/<int:campaign_id>/delete")
@requires(Permission.CAMPAIGNS)
def remove(campaign_id: int) -> Response:
    """Deletes a campaign with its numbers and results."""
    actor = current.actor()

    def work(tx: Transaction) -> Row:
        row = _found(tx, campaign_id)
        campaigns.remove(tx, row, actor)
        return row

    try:
        row = current.db().atomically(work)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("campaigns.show", campaign_id=campaign_id))
    flash(_("The campaign %(name)s was deleted.", name=row["name"]), "success")
    return redirect(url_for("campaigns.index"))


@blueprint.get("/<int:campaign_id>/loads/<int:import_id>")
@requires(Permission.CAMPAIGNS)
def load(campaign_id: int, import_id: int) -> str:
    """The rows of a campaign's file that were not taken."""
    view = _view(campaign_id)
    return imports_page.page(
        import_id,
        campaign_id=campaign_id,
        name=view.name,
        back=url_for("campaigns.show", campaign_id=campaign_id),
    )


@blueprint.get("/<int:campaign_id>/loads/<int:import_id>/rows.csv")
@requires(Permission.CAMPAIGNS)
def load_rows(campaign_id: int, import_id: int) -> Response:
    """Those rows as a file to repair."""
    return imports_page.download(import_id, campaign_id=campaign_id)


def _wanted_state() -> str | None:
    state = request.args.get("state")
    return state if state in set(CampaignState) else None


def _matching(
    tx: Transaction, now: Situation, state: str | None, before: int | None
) -> list[CampaignView]:
    """One page of campaigns in a state and the first one of the next page.

    States are worked out, not stored, so campaigns are read until enough fit.
    """
    found: list[CampaignView] = []
    limit = SCAN if state else PAGE + 2  # the output queue may be among them
    while len(found) <= PAGE:
        rows = campaigns.page(tx, before=before, limit=limit)
        views = [situation.view(now, r) for r in rows if r["id"] != OUTPUT_QUEUE_ID]
        found += [view for view in views if state in (None, view.state)]
        if len(rows) < limit:
            break
        before = rows[-1]["id"]
    return found


def _found(tx: Transaction, campaign_id: int) -> Row:
    row = campaigns.by_id(tx, campaign_id)
    if row is None:
        abort(404)
    return row


def _view(campaign_id: int) -> CampaignView:
    settings = current.settings()
    with current.db().transaction() as tx:
        row = _found(tx, campaign_id)
        return situation.view(situation.gather(tx, settings), row)


def _signed(view: CampaignView, typed: str) -> str:
    """The text with the signature of today; one that was left is kept as it is."""
    signature, stored = current.settings().signature, str(view.row["text"])
    is_left = left_as_shown(typed, stored, signature)
    return stored if is_left else signed(typed, signature)


def _text_problem(view: CampaignView, text: str) -> Problem | None:
    """Why a campaign cannot have another text: the present one, or too long signed."""
    if text == view.row["text"] or not text:
        return None
    if places(text) or places(view.row["text"]):
        return campaigns.places_kept()
    return check_text(text)


def _form(campaign: Row, **arguments: object) -> CampaignForm:
    form = CampaignForm(**arguments)
    with current.db().transaction() as tx:
        form.trunk_id.offer_trunks(trunks.all_trunks(tx))
        timing.offer(tx, form, campaign)
    return form


def _edit_page(form: CampaignForm, view: CampaignView) -> str:
    return render_template("campaigns/edit.html", form=form, view=view)


def _set_paused(campaign_id: int, paused: bool) -> Response:
    actor = current.actor()

    def work(tx: Transaction) -> Problem | None:
        row = _found(tx, campaign_id)
        if row["paused"] == paused:
            return None
        return campaigns.set_paused(tx, row, paused, actor)

    if why := current.db().atomically(work):
        flash(current.say(why), "warning")
    return redirect(safe_next(request.form.get("next")))


def _unchangeable(view: CampaignView) -> Response:
    if view.is_output_queue:
        flash(current.say(campaigns.output_queue_kept()), "warning")
    else:
        flash(
            _(
                "Messages of this campaign have already been sent: it cannot be"
                " changed any more, only stopped, resumed or removed."
            ),
            "warning",
        )
    return redirect(url_for("campaigns.show", campaign_id=view.row["id"]))
