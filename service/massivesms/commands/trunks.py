"""massivesms trunk add | list | show | enable | disable | remove | test | set ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from ..domain import connections, receipt_ids, results
from ..domain.caps import PERIODS, Caps
from ..domain.trunk_kinds import KINDS
from ..store import receipt_id_forms, trunk_sessions, trunks
from ..store.db import Row
from ..store.trunks import TrunkDraft
from ..trunk_drafts import TrunkInput, draft_trunk
from . import modems, trunk_test
from .context import (
    Context,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)


@click.group("trunk")
def group() -> None:
    """Trunks: the ways out."""


group.add_command(trunk_test.test)


def _cap(text: str) -> int:
    """The segments of a cap; nothing is 0, which takes one away."""
    return int(text or 0)


def _cost(text: str | None) -> Decimal | None:
    """A price as it was written; NaN, which is refused later, for what is none."""
    if not text:
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return Decimal("NaN")


def limit_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a trunk's limits, of what it serves and of what it costs."""
    for period in reversed(PERIODS):
        command = click.option(
            f"--cap-{period}", type=_cap, help=f"Most segments a calendar {period}."
        )(command)
    prefixes = 'Numbers that it serves, e.g. "34, !34900"; otherwise all.'
    command = click.option("--prefixes", help=prefixes)(command)
    return click.option("--cost", help="Cost of a segment.")(command)


@group.command()
@click.argument("name")
@click.option("--type", "kind", required=True, help=f"One of: {', '.join(KINDS)}.")
@click.option("--preset", default="", help="A known provider, e.g. Twilio.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting.")
@click.option("--priority", type=int, default=1, show_default=True, help="1 is best.")
@click.option("--sender", default="", help="Sender: 11 characters or 14 digits.")
@click.option("--append-country-code", is_flag=True, help="To local numbers.")
@click.option("--rate", type=float, help="Most segments a second.")
@limit_options
@click.option("--inactive", is_flag=True, help="Do not use it yet.")
@pass_context
def add(
    context: Context,
    /,
    name: str,
    kind: str,
    preset: str,
    pairs: tuple[str, ...],
    priority: int,
    sender: str,
    append_country_code: bool,
    rate: float | None,
    inactive: bool,
    prefixes: str | None,
    cost: str | None,
    **caps: int | None,
) -> None:
    """Create a trunk."""
    entered = TrunkInput(
        name=name,
        kind=kind,
        settings={**_preset(kind, preset), **_pairs(pairs)},
        active=not inactive,
        priority=priority,
        sender_id=sender,
        append_country_code=append_country_code,
        rate_per_s=rate,
        caps=Caps(**{p: caps[f"cap_{p}"] for p in PERIODS}),
        prefixes=prefixes or "",
        cost_per_segment=_cost(cost),
    )
    draft = _draft(context, entered)
    context.db.atomically(lambda tx: trunks.create(tx, draft, context.actor))
    click.echo(f"Trunk {name} created.")


@group.command("set")
@click.argument("name")
@click.argument("pairs", nargs=-1, metavar="KEY=VALUE...")
@limit_options
@pass_context
def change(
    context: Context,
    /,
    name: str,
    pairs: tuple[str, ...],
    prefixes: str | None,
    cost: str | None,
    **caps: int | None,
) -> None:
    """Change settings of a trunk; a cap of 0 takes it away."""
    given_caps = {p: caps[f"cap_{p}"] for p in PERIODS if caps[f"cap_{p}"] is not None}
    if not pairs and not given_caps and prefixes is None and cost is None:
        raise click.UsageError("Give KEY=VALUE or an option.")
    with context.db.transaction() as tx:
        row = trunks.by_name(tx, name)
    given = _pairs(pairs)
    entered = TrunkInput(
        name=row["name"],
        kind=row["kind"],
        settings={**row["settings"], **given},
        active=row["active"],
        priority=row["priority"],
        sender_id=row["sender_id"],
        append_country_code=row["append_country_code"],
        rate_per_s=row["rate_per_s"],
        caps=row["caps"]._replace(**{p: n or None for p, n in given_caps.items()}),
        prefixes=row["prefixes"] if prefixes is None else prefixes,
        cost_per_segment=row["cost_per_segment"] if cost is None else _cost(cost),
        stored_secrets=_kept_secrets(context, row, given),
    )
    draft = _draft(context, entered)
    context.db.atomically(lambda tx: trunks.update(tx, row["id"], draft, context.actor))
    click.echo(f"Trunk {name} changed.")


@group.command("list")
@json_option
@pass_context
def list_trunks(context: Context, as_json: bool) -> None:
    """Show all trunks with their state."""
    with context.db.transaction() as tx:
        rows = trunks.all_trunks(tx)
        sessions = trunk_sessions.all_sessions(tx)
        forms = receipt_id_forms.of_all(tx)
    live = modems.live(context)
    shown = [
        _shown(r, sessions.get(r["id"], []), forms.get(r["id"]), live.get(r["id"]))
        for r in rows
    ]
    if as_json:
        show_json(shown)
        return
    show_table(
        [
            (t["priority"], t["name"], t["type"], t["state"], modems.why(t))
            for t in shown
        ],
        ("priority", "name", "type", "state", "reason"),
    )


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show one trunk, without its secrets."""
    with context.db.transaction() as tx:
        row = trunks.by_name(tx, name)
        sessions = trunk_sessions.all_sessions(tx)
        form = receipt_id_forms.of_trunk(tx, row["id"])
    modem = modems.live(context).get(row["id"])
    shown = _shown(row, sessions.get(row["id"], []), form, modem)
    if as_json:
        show_json(shown)
        return
    values: dict[str, Any] = {**shown, **shown["settings"]}
    del values["settings"]
    for key, said in (values.pop("modem") or {}).items():
        values[f"modem_{key}"] = said
    if form:
        words = receipt_ids.form_words(form["form"])
        values["receipt_ids_found"] = f"{words}; from {form['receipts']} receipts"
    else:
        values["receipt_ids_found"] = ""
    show_table(list(values.items()), ("setting", "value"))


def _set_active(context: Context, name: str, active: bool) -> None:
    with context.db.transaction() as tx:
        trunks.set_active(tx, trunks.by_name(tx, name), active, context.actor)


@group.command()
@click.argument("name")
@pass_context
def enable(context: Context, name: str) -> None:
    """Use a trunk (again), also one that was stopped."""
    _set_active(context, name, True)
    click.echo(f"Trunk {name} enabled.")


@group.command()
@click.argument("name")
@pass_context
def disable(context: Context, name: str) -> None:
    """Do not use a trunk for now."""
    _set_active(context, name, False)
    click.echo(f"Trunk {name} disabled.")


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a trunk; messages that it sent keep its name."""
    with context.db.transaction() as tx:
        trunks.remove(tx, trunks.by_name(tx, name), context.actor)
    click.echo(f"Trunk {name} removed.")


group.add_command(modems.modems)
group.add_command(modems.balance)


def _draft(context: Context, entered: TrunkInput) -> TrunkDraft:
    draft = draft_trunk(entered, context.vault, context.config.scripts_dir)
    if isinstance(draft, Mapping):
        raise refuse(draft)
    return draft


def _kept_secrets(
    context: Context, row: Row, given: Mapping[str, str]
) -> dict[str, str]:
    """Secrets that were not given anew; those alone need the old key file."""
    kind = KINDS.get(row["kind"])
    if kind is not None and all(given.get(key) for key in kind.secret_keys):
        return {}
    return context.vault.open(row["secrets"])


def _preset(kind_name: str, wanted: str) -> Mapping[str, str]:
    """The settings of a known provider, nothing when none is wanted."""
    presets = KINDS[kind_name].presets if kind_name in KINDS else ()
    found = {one.name.lower(): one.values for one in presets}
    if not wanted or wanted.lower() in found:
        return found.get(wanted.lower(), {})
    known = ", ".join(one.name for one in presets) or "none"
    raise click.UsageError(f"There is no preset {wanted}. Known are: {known}.")


def _pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator:
            raise click.UsageError(f"{pair}: write KEY=VALUE")
        found[key.strip()] = value
    return found


def _found_form(row: Row | None) -> dict[str, Any] | None:
    """How the ids in a trunk's receipts are written, None while it is not known."""
    if row is None:
        return None
    form = row["form"]
    words = receipt_ids.form_words(form)
    return {"form": str(form), "words": words, "receipts": row["receipts"]}


def _shown(
    row: Row, sessions: list[Row], form: Row | None, modem: dict[str, Any] | None
) -> dict[str, Any]:
    """A trunk for people and programs; no secret is in it."""
    state, code, detail = "idle", None, None
    slots = connections.present(sessions, row["settings"])
    session = connections.best(slots)
    if not row["active"]:
        state = "off"
    elif row["stopped_code"]:
        state, code, detail = "stopped", row["stopped_code"], row["stopped_detail"]
    elif session is not None:
        state = session["state"]
        code, detail = session["reason_code"], session["reason_detail"]
    cost = row["cost_per_segment"]
    return {
        "name": row["name"],
        "type": row["kind"],
        "active": row["active"],
        "priority": row["priority"],
        "sender": row["sender_id"],
        "append_country_code": row["append_country_code"],
        "rate": row["rate_per_s"],
        "caps": {p: getattr(row["caps"], p) for p in row["caps"].set_periods},
        "prefixes": row["prefixes"],
        "cost": None if cost is None else float(cost),
        "connections": [connections.state_of(slot) for slot in slots],
        "settings": row["settings"],
        "receipt_ids_found": _found_form(form),
        "modem": modem,
        "state": state,
        "reason": results.text(code, detail) if state != "ready" else "",
    }
