"""Letting blocked numbers get messages again: one, those ticked, all of a filter."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import audit, blocked_numbers, blocked_pages, inbound
from massivesms.store.audit import Actor
from massivesms.store.blocked_pages import BEGINNING, Filter, Place
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..blocked_words import Names, source_label
from ..language import number
from . import blocked_filters

MOST_TICKED = 200
MOST_COUNTED = 1_000_000
AT_ONCE = 2000

blueprint = Blueprint("removal", __name__)


@blueprint.get("/remove")
@requires(Permission.LISTS)
def confirm() -> str | Response:
    """Asks before one, or those that are ticked, get messages again."""
    places = _chosen()
    if not places:
        flash(_("Tick at least one number."), "warning")
        return redirect(blocked_filters.here())
    with current.db().transaction() as tx:
        rows = [blocked_numbers.find(tx, n, campaign_id=c) for n, c in places]
        found = [row for row in rows if row]
        wish = _wish(tx, found[0]) if len(found) == 1 else None
        names = Names(tx, [row["campaign_id"] for row in found])
    if not found:
        abort(404)
    return render_template(
        "blocked_numbers/remove.html",
        rows=found,
        source=source_label,
        wish=wish,
        names=names,
        kept=blocked_filters.typed(),
        back=blocked_filters.here(),
    )


@blueprint.post("/remove")
@requires(Permission.LISTS)
def remove() -> Response:
    """Lets them get messages again."""
    places, actor = _chosen(), current.actor()
    if len(places) == 1:
        (wanted, campaign_id) = places[0]
        if current.db().atomically(
            lambda tx: blocked_numbers.remove(
                tx, wanted, actor, campaign_id=campaign_id
            )
        ):
            _tell(wanted, campaign_id)
        else:
            flash(_("%(number)s is not blocked.", number=wanted), "info")
    elif places:
        _said(current.db().atomically(lambda tx: _remove(tx, places, actor)))
    return redirect(blocked_filters.here())


def _wish(tx: Transaction, row: Row) -> Row | None:
    """The message by which a number's owner has opted out."""
    return inbound.by_id(tx, row["inbound_id"]) if row["inbound_id"] else None


def _tell(wanted: str, campaign_id: int) -> None:
    with current.db().transaction() as tx:
        left = blocked_numbers.find(tx, wanted, campaign_id=campaign_id)
    if left:
        words = _("%(number)s stays left out: its owner opted out.", number=wanted)
        flash(words, "warning")
    else:
        flash(_("%(number)s gets messages again.", number=wanted), "success")


def _remove(tx: Transaction, places: list[Place], actor: Actor) -> int:
    removed = blocked_numbers.remove_many(tx, places)
    if removed:
        audit.record(tx, actor, "blocked.remove", str(removed))
    return removed


@blueprint.get("/remove-all")
@requires(Permission.LISTS)
def confirm_all() -> str:
    """Asks before all of a filter get messages again, and says how many they are."""
    wanted = blocked_filters.wanted()
    with current.db().transaction() as tx:
        count = blocked_pages.count(tx, wanted, MOST_COUNTED)
        named = (
            Names(tx).of(wanted.campaign_id) if wanted.campaign_id is not None else ""
        )
    return render_template(
        "blocked_numbers/remove_all.html",
        wanted=wanted,
        kept=blocked_filters.typed(),
        count=count,
        named=named,
        source=source_label,
        back=blocked_filters.here(),
    )


@blueprint.post("/remove-all")
@requires(Permission.LISTS)
def remove_all() -> Response:
    """Lets all of a filter get messages again, some at a time: claims must not wait."""
    wanted, actor, db = blocked_filters.wanted(), current.actor(), current.db()
    total, after = 0, BEGINNING
    while places := db.atomically(
        lambda tx, at=after: _remove_some(tx, wanted, actor, at)  # type: ignore[misc]
    ):
        total, after = total + len(places), places[-1]
    _said(total)
    return redirect(blocked_filters.of_campaign(None))


def _remove_some(
    tx: Transaction, wanted: Filter, actor: Actor, after: Place
) -> list[Place]:
    rows = blocked_pages.page(tx, wanted, after=after, limit=AT_ONCE)
    places = [blocked_pages.place(row) for row in rows]
    _remove(tx, places, actor)
    return places


def _said(count: int) -> None:
    words = ngettext(
        "%(n)s number is no longer blocked.",
        "%(n)s numbers are no longer blocked.",
        count,
        n=number(count),
    )
    flash(words, "success" if count else "info")


def _chosen() -> list[Place]:
    """The blocks that are ticked, or the one whose link was followed."""
    texts = request.values.getlist("one")[:MOST_TICKED]
    places = [blocked_filters.place(text) for text in texts]
    return [place for place in places if place and place[0]]
