"""Messages: all of them, newest first, and each one with what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.numbers import masked
from massivesms.domain.permissions import Permission
from massivesms.domain.segments import Split, split
from massivesms.domain.states import OPEN_STATES, MessageState
from massivesms.domain.words import Problem
from massivesms.store import audit, campaigns, export_jobs, messages, trunks
from massivesms.store.db import Row, Transaction
from massivesms.store.messages import Filter

from .. import current, message_search, situation
from ..access import requires
from ..keys import key
from . import exports

blueprint = Blueprint("messages", __name__, url_prefix="/messages")
blueprint.register_blueprint(exports.blueprint)

PAGE = 50
PATIENCE_S = 30  # then the page offers to stop waiting
RELOAD_S = 3  # without script the page loads itself again


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as its page shows it; `why` says why it still waits."""

    row: Row
    campaign: str
    trunk: str
    tried: str
    text: Split
    why: Problem | None
    is_open: bool
    is_late: bool
    is_express: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """Messages of a page, and what of it is still open.

    `following` is where the next ones are. When it is unfinished, the time was up
    before the page was full: everything back to `until` was looked at.
    """

    rows: list[Row]
    count: int  # with those that the page has already
    following: int | None = None
    is_unfinished: bool = False
    until: datetime | None = None


@blueprint.get("/")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def index() -> str:
    """All messages by the filters of the address; htmx asks for more of a page."""
    search = message_search.of_address()
    part = request.args.get("have", type=key)
    is_part = part is not None and "HX-Request" in request.headers
    have = min(part or 0, PAGE) if is_part else 0
    before = request.args.get("before", type=key)
    is_paused = is_part and "pause" in request.args
    mine = current.actor().name
    with current.db().transaction() as tx:
        offered = message_search.offer(tx, search)
        looked = Looked([], have)
        if not search.problems:
            looked = _look(tx, search.wanted, before, have, is_paused)
        exported = [] if is_part else export_jobs.of_user(tx, mine)
    return render_template(
        "messages/_more.html" if is_part else "messages/index.html",
        search=search,
        offered=offered,
        looked=looked,
        is_paused=is_paused,
        is_first=before is None,
        exported=exported,
        formats=exports.offered_formats(),
        states=list(MessageState),
        queue_id=OUTPUT_QUEUE_ID,
        zone=current.settings().time_zone.key,
    )


def _look(
    tx: Transaction, wanted: Filter, before: int | None, have: int, is_paused: bool
) -> Looked:
    """What is left of a page; nothing is looked for while somebody pauses it."""
    if is_paused and before is not None:
        until = messages.created_about(tx, before)
        return Looked([], have, before, True, until)
    room = PAGE - have
    found = messages.look(tx, wanted, after=before, limit=room + 1)
    rows = found.rows[:room]
    if len(found.rows) > room:
        following = rows[-1]["id"] if rows else before
        return Looked(rows, have + len(rows), following)
    if not found.is_unfinished or found.following is None:
        return Looked(rows, have + len(rows))
    until = messages.created_about(tx, found.following)
    return Looked(rows, have + len(rows), found.following, True, until)


@blueprint.get("/<int:message_id>")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def show(message_id: int) -> Response:
    """One message; after sending without script the page loads itself again."""
    view = _view(message_id)
    tried = request.args.get("tried", type=key)  # the campaign that is being checked
    page = render_template("messages/show.html", view=view, tried=tried)
    response = Response(page, mimetype="text/html")
    if request.args.get("wait") and view.is_open and not view.is_late:
        response.headers["Refresh"] = str(RELOAD_S)
    return response


@blueprint.get("/<int:message_id>/watch")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def watch(message_id: int) -> str:
    """What has become of a message so far, for the page that waits for it."""
    return watched(message_id)


@blueprint.post("/<int:message_id>/cancel")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def cancel(message_id: int) -> str | Response:
    """Takes a message out of the queue, if it is still there."""
    actor = current.actor()

    def work(tx: Transaction) -> bool:
        row = _found(tx, message_id)
        is_cancelled = messages.cancel(tx, row, actor.name)
        if is_cancelled:
            details = {"message_id": message_id, "state": ["queued", "cancelled"]}
            audit.record(tx, actor, "message.cancel", masked(row["number"]), details)
        return is_cancelled

    is_cancelled = current.db().atomically(work)
    if request.headers.get("HX-Request"):
        return watched(message_id)
    if is_cancelled:
        flash(_("The message was cancelled: it will not be sent."), "success")
    else:
        flash(_("It was too late: the message had already left the queue."), "warning")
    return redirect(url_for("messages.show", message_id=message_id))


def watched(message_id: int) -> str:
    """The part of a page that follows one message until its outcome is known."""
    return render_template("messages/_watch.html", view=_view(message_id))


def known_state(text: str | None) -> str | None:
    """A message state of an address, or None for none and for nonsense."""
    return str(text) if text in set(MessageState) else None


def _found(tx: Transaction, message_id: int) -> Row:
    row = messages.by_id(tx, message_id)
    if row is None:
        abort(404)
    return row


def _view(message_id: int) -> MessageView:
    settings = current.settings()
    with current.db().transaction() as tx:
        row = _found(tx, message_id)
        names = trunks.names(tx)
        campaign = campaigns.by_id(tx, row["campaign_id"])
        now = situation.gather(tx, settings)
    is_queued = row["state"] == MessageState.QUEUED
    why = None
    if campaign and is_queued:
        route = row["route_trunk_id"] or None
        why = situation.why_single(now, campaign, route, row["number"])
    age_s = (now.now - row["created_at"].replace(tzinfo=UTC)).total_seconds()
    return MessageView(
        row=row,
        campaign=situation.campaign_name(row["campaign_id"], row["campaign"]),
        trunk=names.get(row["trunk_id"] or row["route_trunk_id"], ""),
        tried=_tried(row["tried_trunks"], names),
        text=split(row["text"]),
        why=why,
        is_open=row["state"] in OPEN_STATES,
        is_late=is_queued and (age_s > PATIENCE_S or why is not None),
        is_express=row["lane"] == messages.LANE_EXPRESS,
    )


def _tried(ids: str, names: dict[int, str]) -> str:
    """The names of the trunks that were tried before."""
    known = [int(i) for i in ids.replace(",", " ").split() if i.isdecimal()]
    return ", ".join(names.get(i, f"#{i}") for i in known)
