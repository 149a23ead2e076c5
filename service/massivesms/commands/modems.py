"""massivesms trunk modems | balance; and what trunk list and show say of a modem."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from ..domain import connections, modem_live, modem_ports, results
from ..domain.inert_text import inert
from ..store import (
    audit,
    modem_balances,
    modem_states,
    services,
    trunk_sessions,
    trunk_usage,
    trunks,
)
from ..store.db import Row, Transaction
from ..trunks import registry
from .context import Context, Refused, json_option, pass_context, show_json, show_table

LOOK_S = 0.3
WAIT_S = 90.0


def live(context: Context) -> dict[int, dict[str, Any]]:
    """trunk -> what its modem said of itself, and what its SIM card has sent."""
    zone = context.settings.time_zone
    with context.db.transaction() as tx:
        used = trunk_usage.used_by_all(tx, datetime.now(UTC), zone)
        found = modem_states.of_all(tx)
    return {one: _live(row, used.get(one, {})) for one, row in found.items()}


def _live(row: Row, used: dict[str, int]) -> dict[str, Any]:
    return {
        "make": row["make"],
        "imei": row["imei"],
        "imsi": row["imsi"],
        "port": row["port"],
        "operator": row["operator"],
        "network": modem_live.registration_words(row["registration"]),
        "signal_dbm": row["signal_dbm"],
        "signal": modem_live.signal_words(row["signal_dbm"]),
        "seen_at": row["seen_at"],
        "sent_this_hour": used.get("hour", 0),
        "sent_today": used.get("day", 0),
        "sent_this_month": used.get("month", 0),
    }


def why(shown: dict[str, Any]) -> str:
    """Why a trunk is in its state; of a modem that is ready, how it is."""
    modem = shown["modem"]
    if shown["state"] != "ready" or not modem:
        return str(shown["reason"])
    return ", ".join(filter(None, (inert(modem["operator"]), modem["signal"])))


@click.command()
@json_option
@pass_context
def modems(context: Context, as_json: bool) -> None:
    """The serial ports of this computer and the modems there; none in use is asked."""
    with context.db.transaction() as tx:
        held = modem_states.held_ports(tx)
    found = [
        {**asdict(one), "words": str(modem_ports.words(one.state, one.detail))}
        for one in registry.modem_ports(held)
    ]
    if as_json:
        show_json(found)
    elif found:
        show_table(
            [(f["port"], inert(f["make"]), f["imei"], f["words"]) for f in found],
            ("port", "make", "imei", "what is there"),
        )
    else:
        click.echo("There is no serial port: is a modem plugged in?")


@click.command()
@click.argument("name")
@click.option("--list", "as_list", is_flag=True, help="Those of the last months.")
@json_option
@pass_context
def balance(context: Context, name: str, as_list: bool, as_json: bool) -> None:
    """Ask for the balance of a modem's SIM card; the running service does it."""
    with context.db.transaction() as tx:
        trunk = _modem(tx, name)
        course = modem_balances.course(tx, trunk["id"]) if as_list else []
    if as_list:
        _show_list(context, course, as_json)
        return
    row = _ask(context, trunk)
    if as_json:
        show_json(_shown(row))
    elif not row["result_code"]:
        click.echo(inert(row["answer"]))
    if row["result_code"]:
        raise Refused(results.text(row["result_code"], row["result_detail"]))


def _modem(tx: Transaction, name: str) -> Row:
    trunk = trunks.by_name(tx, name)
    if trunk["kind"] != "modem":
        raise Refused(f"{name} is no modem: only a SIM card has a balance")
    return trunk


def _ask(context: Context, trunk: Row) -> Row:
    """Asks, and waits for what comes of it."""
    if not trunk["settings"].get("balance_code"):
        raise Refused(
            f"say which code asks for it: trunk set {trunk['name']} balance_code=*133#"
        )
    with context.db.transaction() as tx:
        if not services.running(tx):
            raise Refused("the service is not running: service massivesms start")
        slots = trunk_sessions.all_sessions(tx).get(trunk["id"], [])
        session = connections.best(slots)
        if session is None or session["state"] != "ready":
            raise Refused("the modem is not connected now: massivesms trunk show NAME")
        balance_id = modem_balances.request(tx, trunk["id"], context.actor.name)
        audit.record(tx, context.actor, "trunk.balance", trunk["name"])
    until_s = time.monotonic() + WAIT_S
    while time.monotonic() < until_s:
        with context.db.transaction() as tx:
            row = modem_balances.by_id(tx, balance_id)
        if row is not None and row["state"] == "done":
            return row
        time.sleep(LOOK_S)
    raise Refused(results.text("ussd_not_asked"))


def _show_list(context: Context, course: list[Row], as_json: bool) -> None:
    if as_json:
        show_json([_shown(row) for row in course])
        return
    zone = context.settings.time_zone
    shown: list[tuple[object, ...]] = []
    for row in course:
        at = row["finished_at"].replace(tzinfo=UTC).astimezone(zone)
        why = results.text(row["result_code"], row["result_detail"])
        amount = "" if row["amount"] is None else f"{row['amount'].normalize():f}"
        shown.append((f"{at:%Y-%m-%d %H:%M}", amount, inert(row["answer"]) or why))
    show_table(shown, ("time", "balance", "answer"))


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "asked_at": row["requested_at"],
        "answered_at": row["finished_at"],
        "answer": row["answer"],
        "balance": None if row["amount"] is None else float(row["amount"]),
        "imsi": row["imsi"],
        "error": results.text(row["result_code"], row["result_detail"]),
    }
