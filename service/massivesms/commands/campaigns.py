"""massivesms campaign create | list | show | messages | stop | resume | remove ..."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..domain import results
from ..domain.campaigns import CampaignPriority, Draft, InDoubt, check_draft
from ..domain.schedule import is_ending, may_send, read_hours, read_start
from ..domain.settings import Settings
from ..domain.states import MessageState, campaign_state
from ..domain.words import Problem
from ..intake import loads
from ..store import campaigns, lists, messages, trunks
from ..store import unsent as store_unsent
from ..store.db import Row
from . import campaign_copies, campaign_results, doubts, unsent
from .context import (
    Context,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)
from .lists import report
from .sources import open_csv

SHOWN_AT_ONCE = 1000
PRIORITIES = {p.name.lower(): p for p in CampaignPriority}

in_doubt_option = click.option(
    "--in-doubt",
    type=click.Choice([str(policy) for policy in InDoubt]),
    help="When no answer comes: a person decides, send again, or take as sent.",
)
priority_option = click.option(
    "--priority",
    type=click.Choice(list(PRIORITIES)),
    help="Which campaigns go first; equal ones share.",
)


@click.group("campaign")
def group() -> None:
    """Campaigns: one text to many numbers."""


group.add_command(doubts.of_campaign)
group.add_command(unsent.discard)
group.add_command(campaign_copies.copy)
group.add_command(campaign_copies.end)
group.add_command(campaign_copies.approve)


@group.command()
@click.argument("name")
@click.option("--message", "text", default="", help="The text.")
@click.option("--csv", "csv", type=click.Path(path_type=Path), help="Numbers[,texts].")
@click.option("--list", "list_name", help="A list.")
@click.option("--trunk", "trunk_name", help="Only this trunk; otherwise by priority.")
@click.option("--sender", default="", help="Sender; otherwise the trunk's.")
@click.option("--start", help='"YYYY-MM-DD HH:MM", in the configured time zone.')
@unsent.deadline_option
@click.option("--hours", help="HH:MM-HH:MM each day; may run over midnight.")
@in_doubt_option
@priority_option
@click.option("--permanent", is_flag=True, help="Whoever comes into the list, too.")
@click.option("--run", is_flag=True, help="Send at once; otherwise it is paused.")
@pass_context
def create(
    context: Context,
    /,
    name: str,
    text: str,
    csv: Path | None,
    list_name: str | None,
    trunk_name: str | None,
    sender: str,
    start: str | None,
    deadline: str | None,
    hours: str | None,
    run: bool,
    permanent: bool,
    **rules: str | None,
) -> None:
    """Create a campaign, paused unless --run."""
    if bool(csv) == bool(list_name):
        raise click.UsageError("Give --csv FILE or --list NAME.")
    if permanent and not list_name:
        raise click.UsageError("--permanent needs --list NAME.")
    schedule = _schedule(context, start, hours)
    schedule["deadline_at"] = unsent.read(context, deadline, schedule.get("start_at"))
    with context.db.transaction() as tx:
        trunk_id = trunks.by_name(tx, trunk_name)["id"] if trunk_name else None
        chosen = lists.by_name(tx, list_name) if list_name else None
    draft = Draft(
        name=name.strip(),
        text=text,
        sender_id=sender,
        trunk_id=trunk_id,
        paused=not run,
        permanent=permanent,
        list_id=chosen["id"] if chosen else None,
        **schedule,
        **_rules(**rules),
    )
    if problems := check_draft(draft, text_required=csv is None):
        raise refuse(problems)
    loaded = _load(context, draft, chosen, csv)
    report(context.db, f"Campaign {name} created{'' if run else ', paused'}", loaded)


def _load(
    context: Context, draft: Draft, chosen: Row | None, csv: Path | None
) -> loads.Loaded:
    if chosen is not None:
        return loads.create_campaign_from_list(context.db, draft, chosen, context.actor)
    assert csv is not None
    with open_csv(csv) as file:
        source = loads.file_source(file, csv.name)
        plan = context.settings.number_plan
        return loads.create_campaign_from_file(
            context.db, draft, source, plan, context.actor
        )


def _rules(in_doubt: str | None = None, priority: str | None = None) -> dict[str, Any]:
    """What was given of the two rules that may change while a campaign is sent."""
    found: dict[str, Any] = {}
    if in_doubt:
        found["in_doubt"] = InDoubt(in_doubt)
    if priority:
        found["priority"] = PRIORITIES[priority]
    return found


@group.command("set")
@click.argument("name")
@in_doubt_option
@priority_option
@unsent.deadline_option
@pass_context
def change(
    context: Context, /, name: str, deadline: str | None, **rules: str | None
) -> None:
    """Change a campaign, also while it is sent."""
    given = _rules(**rules)
    if not given and deadline is None:
        raise click.UsageError("Give --in-doubt, --priority or --deadline.")
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
    moment = unsent.read(context, deadline, row["start_at"])
    with context.db.transaction() as tx:
        campaigns.set_rules(tx, row, context.actor, **given)
        if deadline is not None:
            store_unsent.set_deadline(tx, row, moment, context.actor)
    click.echo(f"Campaign {name} changed.")


def _schedule(context: Context, start: str | None, hours: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    if start:
        found["start_at"] = read_start(start, context.settings.time_zone)
    if hours:
        found["hours"] = read_hours(hours)
    problems = {k: v for k, v in found.items() if isinstance(v, Problem)}
    if problems:
        raise refuse(problems)
    if start and found["start_at"] < datetime.now(UTC):
        click.echo("The start is in the past: it is as if there were none.", err=True)
    return found


@group.command("list")
@json_option
@pass_context
def list_campaigns(context: Context, as_json: bool) -> None:
    """Show all campaigns, newest first."""
    with context.db.transaction() as tx:
        rows = campaigns.page(tx, limit=100_000)
    shown = [_shown(row, context.settings) for row in rows]
    if as_json:
        show_json(shown)
        return
    sent = [c["total"] - c["counts"]["queued"] for c in shown]
    show_table(
        [
            (c["name"], c["state"], n, c["total"])
            for c, n in zip(shown, sent, strict=True)
        ],
        ("name", "state", "processed", "total"),
    )


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show one campaign with its counts by state and what came of it."""
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
        found = campaign_results.look(tx, row["id"])
    shown = {**_shown(row, context.settings), "results": found.as_json()}
    if as_json:
        show_json(shown)
        return
    click.echo(f"{shown['name']}: {shown['state']}, {shown['total']} messages")
    for state, n in shown["counts"].items():
        if n:
            click.echo(f"  {state:<12} {n}")
    click.echo(f"priority {shown['priority']}, when in doubt {shown['in_doubt']}")
    if row["deadline_at"]:
        local = row["deadline_at"].astimezone(context.settings.time_zone)
        click.echo(f"deadline {local:%Y-%m-%d %H:%M}")
    for line in found.lines():
        click.echo(line)


@group.command("messages")
@click.argument("name")
@click.option("--state", type=click.Choice([str(s) for s in MessageState]))
@json_option
@pass_context
def list_messages(
    context: Context, name: str, state: str | None, as_json: bool
) -> None:
    """Show the messages of a campaign, one JSON object a line with --json."""
    with context.db.transaction() as tx:
        campaign_id = campaigns.by_name(tx, name)["id"]
        trunk_names = trunks.names(tx)
    for row in _messages(context, campaign_id, state):
        shown = shown_message(row, trunk_names)
        if as_json:
            show_json(shown)
        else:
            click.echo(f"{shown['number']:<16} {shown['state']:<11} {shown['result']}")


@group.command()
@click.argument("name")
@pass_context
def stop(context: Context, name: str) -> None:
    """Stop a campaign; what is on the wire is finished."""
    _set_paused(context, name, True)
    click.echo(f"Campaign {name} stopped.")


@group.command()
@click.argument("name")
@pass_context
def resume(context: Context, name: str) -> None:
    """Send a stopped or new campaign."""
    _set_paused(context, name, False)
    click.echo(f"Campaign {name} resumed.")


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a campaign and its messages."""
    with context.db.transaction() as tx:
        campaigns.remove(tx, campaigns.by_name(tx, name), context.actor)
    click.echo(f"Campaign {name} removed.")


def _set_paused(context: Context, name: str, paused: bool) -> None:
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
        why = campaigns.set_paused(tx, row, paused, context.actor)
    if why:
        raise refuse(why)


def _messages(context: Context, campaign_id: int, state: str | None) -> Iterator[Row]:
    after = 0
    wanted = messages.Filter(campaign_id=campaign_id, states=(state,) if state else ())
    while True:
        with context.db.transaction() as tx:
            rows = messages.page(tx, wanted, after=after, limit=SHOWN_AT_ONCE)
        if not rows:
            return
        yield from rows
        after = rows[-1]["id"]


def _shown(row: Row, settings: Settings) -> dict[str, Any]:
    counts = {str(s): row["counts"].get(s, 0) for s in MessageState}
    may_now = may_send(
        datetime.now(UTC),
        settings.time_zone,
        start_at=row["start_at"],
        hours=row["hours"],
        general_hours=settings.sending_hours,
        deadline_at=row["deadline_at"],
    )
    state = campaign_state(
        counts,
        paused=row["paused"] or row["approval"] == "waiting",
        may_send_now=may_now and settings.sending,
        permanent=row["kind"] == "output_queue" or row["permanent"],
        ending=is_ending(datetime.now(UTC), row["deadline_at"], row["discard_by"]),
    )
    return {
        "name": row["name"],
        "state": str(state),
        "counts": counts,
        "total": row["total"],
        "sender": row["sender_id"],
        "start_at": row["start_at"],
        "deadline_at": row["deadline_at"],
        "hours": str(row["hours"]) if row["hours"] else None,
        "priority": _priority_name(row["priority"]),
        "in_doubt": row["in_doubt"],
        "permanent": row["permanent"],
        "approval": row["approval"],
        "message": row["text"],
    }


def _priority_name(priority: int) -> str:
    names = {int(p): name for name, p in PRIORITIES.items()}
    return names.get(priority, "first" if priority == 0 else str(priority))


def shown_message(row: Row, trunk_names: dict[int, str]) -> dict[str, Any]:
    """One message of the contract's JSON."""
    return {
        "id": row["id"],
        "number": row["number"],
        "state": row["state"],
        "text": row["text"],
        "segments": row["segments"],
        "trunk": trunk_names.get(row["trunk_id"]),
        "smsc_message_ids": row["smsc_message_ids"],
        "result": results.text(row["result_code"], row["result_detail"]),
        "sent_at": row["submitted_at"],
    }
