"""Everything in doubt, and what a person decides of the messages that are ticked.

What deciding means is in store/doubts.py. Sending again asks first: some people
would get the message twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.store import campaigns, doubts, trunks
from massivesms.store.db import Transaction
from massivesms.store.doubts import DoubtDecision, Place, read_place

from .. import current
from ..access import requires
from ..keys import key

blueprint = Blueprint("doubts", __name__, url_prefix="/doubts")

PAGE = 50
MOST_CHOSEN = 1000
CAMPAIGNS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to become of which messages."""

    decision: DoubtDecision
    ids: list[int]
    is_all: bool
    is_confirmed: bool

    @property
    def must_ask(self) -> bool:
        """Whether the person is asked first: it cannot be taken back."""
        return self.decision is DoubtDecision.RESEND and not self.is_confirmed


@blueprint.get("/")
@requires(Permission.CAMPAIGNS)
def index() -> str:
    """All messages in doubt, campaign by campaign, with what is known of each."""
    with current.db().transaction() as tx:
        concerned = doubts.campaigns(tx, limit=CAMPAIGNS_SHOWN)
        rows = doubts.page(tx, after=place_asked(), limit=PAGE + 1)
        trunk_names = trunks.names(tx)
    return render_template(
        "doubts/index.html",
        campaigns=concerned,
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1]["place"] if len(rows) > PAGE else None,
        trunk_names=trunk_names,
        queue_id=OUTPUT_QUEUE_ID,
    )


@blueprint.post("/")
@requires(Permission.CAMPAIGNS)
def decide() -> str | Response:
    """Settles the messages that are ticked, or the one whose button was pressed."""
    wish = read_wish()
    if not wish.ids:
        say_none_ticked()
    elif wish.must_ask:
        return ask(wish, len(wish.ids), url_for("doubts.decide"))
    else:
        say_settled(wish.decision, settle_chosen(wish))
    return redirect(url_for("doubts.index"))


def place_asked() -> Place | None:
    """Where the page of an address begins; None for the beginning, and nonsense."""
    try:
        return read_place(request.args["after"]) if "after" in request.args else None
    except ValueError:
        return None


def read_wish() -> Wish:
    """What the form asks for; 400 when it is no decision."""
    form = request.form
    one, _colon, decision = form.get("one", "").partition(":")
    try:
        ids = [key(one)] if one else [key(text) for text in form.getlist("message")]
        wanted = DoubtDecision(decision or form.get("decision", ""))
    except ValueError:
        abort(400)
    return Wish(
        wanted,
        ids[:MOST_CHOSEN],
        is_all=not one and form.get("which") == "all",
        is_confirmed=form.get("confirmed") == "yes",
    )


def ask(wish: Wish, number: int, address: str) -> str:
    """The page that asks before messages are sent again."""
    return render_template(
        "doubts/confirm.html", wish=wish, number=number, address=address
    )


def settle_chosen(wish: Wish, campaign_id: int | None = None) -> int:
    """Settles the chosen messages, of one campaign only if it is given; how many."""
    actor = current.actor()

    def work(tx: Transaction) -> int:
        settled = 0
        for concerned, ids in sorted(doubts.by_campaign(tx, wish.ids).items()):
            row = campaigns.by_id(tx, concerned)
            if row is not None and campaign_id in (None, concerned):
                settled += doubts.decide(tx, row, wish.decision, actor, ids=ids)
        return settled

    return current.db().atomically(work)


def say_none_ticked() -> None:
    """Says, on the next page, that nothing was chosen."""
    flash(_("Tick at least one message."), "warning")


def say_settled(decision: DoubtDecision, settled: int) -> None:
    """Says what was done, on the next page."""
    if not settled:
        flash(_("They were settled meanwhile: nothing was changed."), "info")
        return
    if decision is DoubtDecision.RESEND:
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
