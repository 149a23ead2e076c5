"""Home: what runs, what needs a decision, why nothing is being sent.

Everything here is read; the one thing that can be done is to stop all sending
and to start it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain import pace
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.store import campaigns, lists, services
from massivesms.store.db import Row, Transaction

from .. import (
    charts,
    current,
    needs,
    results,
    settings_changes,
    situation,
    trunk_states,
)
from ..access import requires, signed_in
from ..situation import CampaignView
from ..trunk_states import TrunkNow

blueprint = Blueprint("home", __name__)

LOOKED_AT = 200  # open campaigns, and the newest ones
SHOWN = 20


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign with something left to send, how fast it goes and when it ends."""

    view: CampaignView
    rate: Problem | None
    forecast: Problem | None


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps of a new installation."""

    permission: Permission
    text: str
    url: str
    is_done: bool


@blueprint.get("/")
@signed_in
def show() -> str:
    """The home page; htmx fetches only what changes by itself."""
    settings = current.settings()
    is_part = "HX-Request" in request.headers
    with current.db().transaction() as tx:
        rows = _campaigns(tx)
        now = situation.gather(tx, settings)
        trunks = trunk_states.all_now(tx)
        running = services.running(tx)
        found = needs.gather(tx, settings)
        has_lists = bool(lists.page(tx, limit=1))
        speeds = results.rates(tx)
        today = None if is_part else charts.today(tx, settings.time_zone)
    views = [situation.view(now, row) for row in rows]
    shown = [view for view in views if _is_shown(view)][:SHOWN]
    return render_template(
        "home/_live.html" if is_part else "home/show.html",
        settings=settings,
        services=running,
        trunks=trunks,
        campaigns=[_open(view, speeds) for view in shown],
        needs=found,
        steps=_first_steps(trunks, has_lists, rows),
        today=today,
        apart=is_part,
    )


@blueprint.get("/today")
@signed_in
def today() -> str:
    """Today's numbers, which are read less often than the rest."""
    settings = current.settings()
    with current.db().transaction() as tx:
        found = charts.today(tx, settings.time_zone)
    return render_template("home/_today.html", today=found)


@blueprint.post("/sending")
@requires(Permission.CONFIGURATION, Permission.CAMPAIGNS)
def switch_sending() -> Response:
    """Stops all sending or starts it again, at once and for every campaign."""
    wanted = "yes" if request.form.get("sending") == "yes" else "no"
    settings_changes.change({"sending": wanted})
    flash(
        _("Sending goes on.")
        if wanted == "yes"
        else _("All sending is stopped. Messages stay in their queue."),
        "success" if wanted == "yes" else "warning",
    )
    return redirect(url_for("home.show"))


def _campaigns(tx: Transaction) -> list[Row]:
    """Campaigns with something left to send, and the newest others, with counts."""
    open_ones = campaigns.unfinished(tx, limit=LOOKED_AT)
    known = {row["id"] for row in open_ones}
    newest = campaigns.page(tx, limit=LOOKED_AT)
    return open_ones + [row for row in newest if row["id"] not in known]


def _is_shown(view: CampaignView) -> bool:
    """Campaigns with something left to send; the output queue only then too."""
    counts = view.row["counts"]
    return bool(counts.get("queued") or counts.get("submitting"))


def _open(view: CampaignView, speeds: Mapping[int, float]) -> OpenCampaign:
    rate = speeds.get(view.row["id"]) if view.is_moving else None
    return OpenCampaign(view, pace.rate_words(rate), results.forecast(view, rate))


def _first_steps(
    trunks: list[TrunkNow], has_lists: bool, rows: list[Row]
) -> list[Step]:
    """What a new installation needs; empty once everything is done."""
    plan = current.settings().number_plan
    has_sent = any(
        state in row["counts"]
        for row in rows
        for state in ("submitted", "delivered", "undelivered", "expired")
    )
    steps = (
        Step(
            Permission.CONFIGURATION,
            _("Set the country code and the time zone"),
            url_for("configuration.show"),
            bool(plan.country_code),
        ),
        Step(
            Permission.TRUNKS,
            _("Create a trunk"),
            url_for("trunks.choose"),
            bool(trunks),
        ),
        Step(Permission.LISTS, _("Load a list"), url_for("lists.index"), has_lists),
        Step(
            Permission.SEND,
            _("Send a message to yourself"),
            url_for("send.show"),
            has_sent,
        ),
    )
    if all(step.is_done for step in steps):
        return []
    return [step for step in steps if current_user.may(step.permission)]
