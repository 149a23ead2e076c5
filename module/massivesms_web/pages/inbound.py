"""Incoming: what people wrote to us, each beside the last message sent to them.

Read only; answering and blocking are done where they belong, and linked from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.handled import HANDLED
from massivesms.domain.incoming_kinds import CALL, CALLED, KINDS
from massivesms.domain.inert_text import shown
from massivesms.domain.number_search import NO_NUMBER, beginnings
from massivesms.domain.permissions import Permission
from massivesms.export.jobs import audited
from massivesms.store import (
    audit,
    blocked_numbers,
    conversations,
    inbound_pages,
    trunks,
)
from massivesms.store.conversations import Place
from massivesms.store.db import Row, Transaction
from massivesms.store.inbound_pages import Filter, Page

from .. import csv_files, current
from ..access import requires
from ..keys import key, read_day
from ..situation import campaign_name

blueprint = Blueprint("inbound", __name__, url_prefix="/incoming")

PAGE = 50
CONVERSATION = 30
MOST_TYPED = 100  # characters of a filter
SHORT_CODE_DIGITS = 8  # so few may be a short code's
NOTHING_DONE = "none"  # in an address, for those of which nothing was made
FILTERS = ("number", "trunk", "text", "from", "to", "done", "kind")


@dataclass(frozen=True, slots=True)
class Receiving:
    """Which trunks can receive, for the page on which nothing has come in."""

    able: list[str]
    only_sending: list[str]


@blueprint.get("/")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def index() -> str:
    """The newest by the filters of the address; htmx fetches only the table."""
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    before = request.args.get("before", type=key)
    wanted = _wanted(chosen)
    with current.db().transaction() as tx:
        found = _look(tx, wanted, before)
        trunk_names = trunks.names(tx)
        receiving = None
        if not found.rows and inbound_pages.is_empty(tx):
            receiving = _receiving(trunks.all_trunks(tx))
    is_partial = bool(request.headers.get("HX-Request"))
    return render_template(
        "inbound/_table.html" if is_partial else "inbound/index.html",
        page=found,
        trunk_names=trunk_names,
        chosen=chosen,
        is_filtered=wanted != Filter(),
        is_live=before is None,
        receiving=receiving,
        handled=HANDLED,
        kinds=KINDS,
        nothing_done=NOTHING_DONE,
        queue_id=OUTPUT_QUEUE_ID,
    )


def _wanted(chosen: dict[str, str]) -> Filter:
    """The filters of the address; what makes no sense counts as absent."""
    settings = current.settings()
    typed = chosen["number"].strip()[:40]
    starts = beginnings(typed, settings.number_plan)
    start, end = read_day(chosen["from"]), read_day(chosen["to"])
    zone, done = settings.time_zone, chosen["done"]
    return Filter(
        number_starts=() if starts == NO_NUMBER else starts,
        sender=typed if starts == NO_NUMBER else "",
        trunk_id=_id(chosen["trunk"]),
        text=chosen["text"].strip()[:MOST_TYPED],
        start=datetime.combine(start, time(), zone) if start else None,
        end=datetime.combine(end + timedelta(days=1), time(), zone) if end else None,
        handled="" if done == NOTHING_DONE else done if done in HANDLED else None,
        kind=chosen["kind"] if chosen["kind"] in KINDS else None,
    )


def _look(tx: Transaction, wanted: Filter, before: int | None) -> Page:
    """A page; a few digits with which no number begins may be a short code."""
    found = inbound_pages.page(tx, wanted, before=before, limit=PAGE)
    as_sender = _as_sender(wanted)
    if found.rows or as_sender is None:
        return found
    return inbound_pages.page(tx, as_sender, before=before, limit=PAGE)


def _as_sender(wanted: Filter) -> Filter | None:
    digits = wanted.number_starts[0].removeprefix("+") if wanted.number_starts else ""
    if not 0 < len(digits) <= SHORT_CODE_DIGITS:
        return None
    return replace(wanted, number_starts=(), sender=digits)


def _id(text: str) -> int | None:
    try:
        return key(text)
    except ValueError:
        return None


def _receiving(rows: list[Row]) -> Receiving:
    """Trunks by whether messages can come in through them."""
    able: list[str] = []
    only_sending: list[str] = []
    for trunk in rows:
        mode = trunk["settings"].get("bind_mode")
        is_smpp = trunk["kind"] == "smpp" and mode != "transmitter"
        is_able = is_smpp or trunk["kind"] == "modem"
        (able if is_able else only_sending).append(trunk["name"])
    return Receiving(able, only_sending)


@blueprint.post("/incoming.csv")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def export() -> Response:
    """All of the form's filters as a file; the log of changes says who has it."""
    chosen = {name: request.form.get(name, "") for name in FILTERS}
    wanted = _wanted(chosen)
    with current.db().transaction() as tx:
        trunk_names = trunks.names(tx)
        as_sender = _as_sender(wanted)
        if as_sender and not inbound_pages.page(tx, wanted, limit=1).rows:
            wanted = as_sender
    head = (
        *(_("Received"), _("Written by"), _("Trunk"), _("To"), _("Message")),
        *(_("What was done"), _("Last message sent to it"), _("Campaign"), _("Sent")),
    )
    zone, db = current.settings().time_zone, current.db()
    cells = _cells_of(inbound_pages.every(db, wanted), trunk_names, zone)
    out, rows = csv_files.write(head, cells)
    facts, actor = {"messages": rows, **_asked(chosen)}, current.actor()
    db.atomically(
        lambda tx: audit.record(tx, actor, "inbound.export", f"{rows}", facts)
    )
    return csv_files.answer(out, _("incoming.csv"))


def _asked(chosen: dict[str, str]) -> dict[str, object]:
    """The filters for the log of changes: of a text only its length."""
    given = {name: [text[:MOST_TYPED]] for name, text in chosen.items() if text}
    if "text" in given:
        given["text"] = [f"{len(chosen['text'])} characters"]
    return audited(given, "csv")


def _cells_of(
    rows: Iterator[Row], trunk_names: dict[int, str], zone: ZoneInfo
) -> Iterator[tuple[str, ...]]:
    for row in rows:
        done = row["handled"]
        yield (
            _local(row["received_at"], zone),
            shown(row["number"] or row["sender"]),
            trunk_names.get(row["trunk_id"], ""),
            shown(row["recipient"]),
            _(CALLED) if row["kind"] == CALL else shown(row["text"]),
            _(HANDLED[done]) if done in HANDLED else done,
            row["sent_text"] or "",
            _campaign(row),
            _local(row["sent_at"], zone),
        )


def _campaign(row: Row) -> str:
    """Whose the last message sent was; '' when none was."""
    if row["sent_campaign_id"] is None:
        return ""
    return campaign_name(row["sent_campaign_id"], row["sent_campaign"])


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    return f"{moment.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"


@blueprint.get("/<int:inbound_id>")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def show(inbound_id: int) -> str:
    """One message with the conversation with its sender; htmx fetches only that."""
    before = Place(
        request.args.get("sent", default=conversations.NEVER, type=key),
        request.args.get("came", default=conversations.NEVER, type=key),
    )
    with current.db().transaction() as tx:
        row = inbound_pages.by_id(tx, inbound_id)
        if row is None:
            abort(404)
        trunk_names = trunks.names(tx)
        talk = conversations.page(
            tx, row["number"], row["sender"], before=before, limit=CONVERSATION
        )
        number = row["number"]
        is_blocked = bool(number and blocked_numbers.find(tx, number))
    is_partial = bool(request.headers.get("HX-Request"))
    return render_template(
        "inbound/_talk.html" if is_partial else "inbound/show.html",
        row=row,
        talk=talk,
        trunk_names=trunk_names,
        is_blocked=is_blocked,
        is_live=before == Place(),
        handled=HANDLED,
        queue_id=OUTPUT_QUEUE_ID,
    )
