"""What pages of trunks say of modems: how they are, the balance, which ports there are.

The page asks, the service does it, the page shows what came back: only the service
may use the ports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from babel import dates
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain import modem_live, modem_ports
from massivesms.domain.permissions import Permission
from massivesms.store import (
    audit,
    modem_balances,
    modem_searches,
    modem_states,
    trunks,
)
from massivesms.store.db import Row, Transaction

from .. import current, trunk_states
from ..access import requires

blueprint = Blueprint("modems", __name__, url_prefix="/trunks")

KIND = "modem"
GIVEN_UP_AFTER = {
    "waiting": timedelta(seconds=modem_searches.WAITS_S),
    "running": timedelta(minutes=3),  # silent ports take some seconds each
    "done": timedelta.max,
}
FRESH = timedelta(minutes=3)  # it is asked every few minutes


def values(tx: Transaction, trunk: Row) -> dict[str, object]:
    """What a trunk's page needs when it is a modem; nothing of another kind."""
    if trunk["kind"] != KIND:
        return {"modem": None, "balance": None}
    return {
        "modem": live(modem_states.of_trunk(tx, trunk["id"])),
        "sim_used": trunk_states.used(tx).get(trunk["id"], {}),
        **_balance(tx, trunk),
    }


def live(row: Row | None) -> dict[str, Any]:
    """What a modem said of itself, with its words; empty when it never did."""
    if row is None:
        return {}
    seen_at = row["seen_at"].replace(tzinfo=UTC)
    return {
        **row,
        "bars": modem_live.bars(row["signal_dbm"]),
        "signal": _say(modem_live.signal_words(row["signal_dbm"])),
        "network": _say(modem_live.registration_words(row["registration"])),
        "is_fresh": datetime.now(UTC) - seen_at < FRESH,
    }


def every_live(tx: Transaction) -> dict[int, dict[str, Any]]:
    """trunk -> what its modem said of itself, with its words."""
    return {trunk_id: live(row) for trunk_id, row in modem_states.of_all(tx).items()}


def prefilled(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What the form of a new modem begins with, when a port was chosen."""
    if not arguments.get("port"):
        return {}
    chosen = (arguments.get(name, "")[:120] for name in ("port", "imei", "make"))
    found: dict[str, Any] = modem_ports.recommended(*chosen)
    return {**found, "append_country_code": found["append_country_code"] == "yes"}


def _say(words: str) -> str:
    return _(words) if words else ""


# --- the balance ------------------------------------------------------------


@blueprint.post("/<int:trunk_id>/balance")
@requires(Permission.TRUNKS)
def ask_balance(trunk_id: int) -> Response | str:
    """Has the service ask for the balance of a modem's SIM card."""
    actor = current.actor()
    with current.db().transaction() as tx:
        trunk = _modem(tx, trunk_id)
        session = trunk_states.one_now(tx, trunk).session
        is_ready = session is not None and session["state"] == "ready"
        if is_ready and not _is_waiting(modem_balances.latest(tx, trunk_id)):
            modem_balances.request(tx, trunk_id, actor.name)
        audit.record(tx, actor, "trunk.balance", trunk["name"])
        shown = _balance(tx, trunk)
    if not is_ready:
        problem = _("The modem is not connected now, so it cannot be asked.")
        if "HX-Request" in request.headers:
            return render_template("modems/_balance.html", **shown, problem=problem)
        flash(problem, "warning")
    if "HX-Request" in request.headers:
        return render_template("modems/_balance.html", **shown)
    return redirect(url_for("trunks.show", trunk_id=trunk_id, _anchor="balance"))


@blueprint.get("/<int:trunk_id>/balance")
@requires(Permission.TRUNKS)
def balance(trunk_id: int) -> Response | str:
    """The balance; htmx fetches only that."""
    with current.db().transaction() as tx:
        shown = _balance(tx, _modem(tx, trunk_id))
    if "HX-Request" not in request.headers:
        return redirect(url_for("trunks.show", trunk_id=trunk_id, _anchor="balance"))
    return render_template("modems/_balance.html", **shown)


def _modem(tx: Transaction, trunk_id: int) -> Row:
    trunk = trunks.by_id(tx, trunk_id)
    if trunk is None or trunk["kind"] != KIND:
        abort(404)
    return trunk


def _balance(tx: Transaction, trunk: Row) -> dict[str, object]:
    course = modem_balances.course(tx, trunk["id"])
    latest = modem_balances.latest(tx, trunk["id"])
    return {
        "of_trunk": trunk,
        "balance": latest,
        "told": course[0] if course else None,
        "balance_code": trunk["settings"].get("balance_code", ""),
        "balance_at": trunk["settings"].get("balance_at", ""),
        "is_waiting": _is_waiting(latest),
        "course": course,
        "balance_chart": _chart(course),
        "several_sims": len({row["imsi"] for row in course}) > 1,
    }


def _is_waiting(row: Row | None) -> bool:
    """Whether an answer is on its way that a person waits for."""
    if row is None or row["state"] == "done":
        return False
    seconds = modem_balances.PERSON_WAITS_S + modem_balances.RUNNING_S
    asked_at = row["requested_at"].replace(tzinfo=UTC)
    return bool(datetime.now(UTC) - asked_at < timedelta(seconds=seconds))


def _chart(course: Sequence[Row]) -> dict[str, object]:
    """What charts.js draws: each balance with a number, the oldest first."""
    zone, locale = current.settings().time_zone, get_locale()
    drawn = [row for row in reversed(course) if row["amount"] is not None]
    labels = [
        dates.format_datetime(
            row["finished_at"].replace(tzinfo=UTC).astimezone(zone),
            "d MMM HH:mm",
            locale=locale,
        )
        for row in drawn
    ]
    amounts = [float(row["amount"]) for row in drawn]
    one = {"state": "submitted", "label": _("Balance"), "values": amounts}
    return {"kind": "course", "labels": labels, "series": [one]}


# --- ports ------------------------------------------------------------------


@blueprint.get("/modems")
@requires(Permission.TRUNKS)
def ports() -> str:
    """What is looked for, and the button."""
    return render_template("modems/ports.html", search=None)


@blueprint.post("/modems")
@requires(Permission.TRUNKS)
def look() -> Response:
    """Has the service look at the ports of its computer."""
    actor = current.actor()
    with current.db().transaction() as tx:
        search_id = modem_searches.request(tx, actor.name)
        audit.record(tx, actor, "trunk.search", f"{search_id}")
    return redirect(url_for("modems.found", search_id=search_id))


@blueprint.get("/modems/<int:search_id>")
@requires(Permission.TRUNKS)
def found(search_id: int) -> str:
    """What was found so far; htmx fetches only that."""
    with current.db().transaction() as tx:
        search = modem_searches.by_id(tx, search_id)
    if search is None:
        abort(404)
    is_part = "HX-Request" in request.headers
    asked_at = search["requested_at"].replace(tzinfo=UTC)
    return render_template(
        "modems/_found.html" if is_part else "modems/ports.html",
        search=search,
        ports=[
            {
                **one,
                "words": current.say(modem_ports.words(one["state"], one["detail"])),
            }
            for one in search["found"]
        ],
        is_given_up=datetime.now(UTC) - asked_at > GIVEN_UP_AFTER[search["state"]],
        is_running=current.service_running(),
        free=modem_ports.FREE,
    )
