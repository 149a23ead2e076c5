"""Before sending: every message of a campaign as it will leave, its cost and its end.

How much it is comes from kept counts; what is worked out beside them, and from how
many messages, is said in store/send_plans.py. A row's message can be sent to oneself
first: as a single message, so that the campaign is not touched by it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.domain.segments import split
from massivesms.domain.singles import Single, check_single
from massivesms.domain.states import MessageState
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import (
    campaigns,
    messages,
    send_plans,
    trunks,
)
from massivesms.store.db import Row, Transaction

from .. import current, once, singles, situation
from ..access import requires
from ..forms.campaigns import OneselfForm
from ..keys import key

blueprint = Blueprint("preview", __name__)

PAGE = 25


@blueprint.get("/<int:campaign_id>/preview")
@requires(Permission.CAMPAIGNS)
def show(campaign_id: int) -> str | Response:
    """What waits in a campaign, message by message and in all."""
    if campaign_id == OUTPUT_QUEUE_ID:
        return redirect(url_for("campaigns.show", campaign_id=campaign_id))
    form = OneselfForm(formdata=None)
    form.once.data = once.new_token()
    return _page(campaign_id, form)


@blueprint.post("/<int:campaign_id>/preview/test")
@requires(Permission.CAMPAIGNS)
def test(campaign_id: int) -> str | Response:
    """Sends the message of a row to one's own number, through the output queue."""
    if campaign_id == OUTPUT_QUEUE_ID:
        return redirect(url_for("send.show"))
    form = OneselfForm()
    is_valid = form.validate()
    plan = current.settings().number_plan
    with current.db().transaction() as tx:
        campaign = _found(tx, campaign_id)
        row = _chosen(tx, campaign_id)
    text, sender = (row or campaign)["text"], campaign["sender_id"]
    single = check_single(form.number.data, text, sender, plan)
    if not isinstance(single, dict):
        single = singles.why_blocked(single, OUTPUT_QUEUE_ID) or single
    problems: dict[str, Problem] = {}
    if isinstance(single, dict):
        problems = single
    elif is_valid:
        try:
            return _sent(form, single, campaign)
        except StoreError as error:
            problems = {"number": error.problem}
    current.show_problems(form, problems)
    return _page(campaign_id, form)


def _page(campaign_id: int, form: OneselfForm) -> str:
    settings = current.settings()
    wanted = messages.Filter(
        campaign_id=campaign_id, states=(str(MessageState.QUEUED),)
    )
    with current.db().transaction() as tx:
        campaign = _found(tx, campaign_id)
        view = situation.view(situation.gather(tx, settings), campaign)
        plan = send_plans.of_campaign(tx, campaign, settings, datetime.now(UTC))
        after = request.args.get("after", type=key)
        found = messages.look(tx, wanted, after=after, limit=PAGE + 1)
        dearest = messages.by_id(tx, plan.dearest_id) if plan.dearest_id else None
        names = trunks.names(tx)
    return render_template(
        "campaigns/preview.html",
        view=view,
        plan=plan,
        form=form,
        dearest=dearest,
        trunk_names=names,
        rows=found.rows[:PAGE],
        next_after=(
            found.rows[PAGE - 1]["id"] if len(found.rows) > PAGE else found.following
        ),
        alphabet_of=lambda text: split(text).alphabet,
    )


def _found(tx: Transaction, campaign_id: int) -> Row:
    return campaigns.by_id(tx, campaign_id) or abort(404)


def _chosen(tx: Transaction, campaign_id: int) -> Row | None:
    """The row whose button was pressed; the first one without such a row."""
    chosen = request.form.get("message_id", type=key)
    row = messages.by_id(tx, chosen) if chosen else None
    if row is not None and row["campaign_id"] == campaign_id:
        return row
    found = messages.look(tx, messages.Filter(campaign_id=campaign_id), limit=1)
    return found.rows[0] if found.rows else None


def _sent(form: OneselfForm, single: Single, campaign: Row) -> Response:
    message_id = singles.enqueue(
        form.once.data,
        single,
        campaign_id=OUTPUT_QUEUE_ID,
        text=single.text,
        of=campaign,
        trunk_id=campaign["trunk_id"],
        sender_id=single.sender_id,
    )
    return redirect(url_for("messages.show", message_id=message_id, wait=1))
