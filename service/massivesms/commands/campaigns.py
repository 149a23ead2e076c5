"""massivesms campaign create | list | show | messages | stop | resume | remove ..."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from ..domain import results
from ..domain.calendars import Calendar, zone_of
from ..domain.schedule import is_ending
from ..domain.settings import Settings
from ..domain.states import MessageState, campaign_state
from ..domain.timetables import days_text
from ..store import (
    campaign_schedules,
    campaigns,
    holidays,
    messages,
    trunks,
)
from ..store import unsent as store_unsent
from ..store.campaign_schedules import Change
from ..store.db import Row
from . import (
    campaign_copies,
    campaign_preview,
    campaign_results,
    campaigns_new,
    doubts,
    timing,
    unsent,
)
from .campaigns_new import PRIORITIES, given_rules, in_doubt_option, priority_option
from .context import (
    Context,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)

SHOWN_AT_ONCE = 1000


@click.group("campaign")
def group() -> None:
    """Campaigns: one text to many numbers."""


group.add_command(campaigns_new.create)
group.add_command(campaign_copies.copy)
group.add_command(campaign_copies.end)
group.add_command(campaign_copies.approve)
group.add_command(doubts.of_campaign)
group.add_command(unsent.discard)
group.add_command(campaign_preview.preview)


@group.command("set")
@click.argument("name")
@in_doubt_option
@priority_option
@unsent.deadline_option
@timing.options
@pass_context
def change(
    context: Context,
    /,
    name: str,
    deadline: str | None,
    **rules: str | None,
) -> None:
    """Change a campaign, also while it is sent."""
    own = timing.take(context, rules)
    given = given_rules(**rules)
    if not given and deadline is None and own == Change():
        raise click.UsageError("Give --in-doubt, --priority, --deadline or --days ...")
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
    zone = zone_of({**row, **own.on(row)}, context.settings.time_zone)
    moment = unsent.read(zone, deadline, row["start_at"])
    with context.db.transaction() as tx:
        campaigns.set_rules(tx, row, context.actor, **given)
        if deadline is not None:
            store_unsent.set_deadline(tx, row, moment, context.actor)
            row = {**row, "deadline_at": moment}
        if own != Change():
            campaign_schedules.change(
                tx, row, own, context.actor, context.settings, datetime.now(UTC)
            )
    click.echo(f"Campaign {name} changed.")


@group.command("list")
@json_option
@pass_context
def list_campaigns(context: Context, as_json: bool) -> None:
    """Show all campaigns, newest first."""
    with context.db.transaction() as tx:
        rows = campaigns.page(tx, limit=100_000)
        calendar = holidays.calendar(tx)
    shown = [_shown(row, context.settings, calendar) for row in rows]
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
        calendar = holidays.calendar(tx)
    shown = {**_shown(row, context.settings, calendar), "results": found.as_json()}
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


def _shown(row: Row, settings: Settings, calendar: Calendar) -> dict[str, Any]:
    counts = {str(s): row["counts"].get(s, 0) for s in MessageState}
    schedule = calendar.schedule(row, settings.time_zone, settings.sending_hours)
    may_now = schedule.allows(datetime.now(UTC))
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
        "days": days_text(schedule.days),
        "timetable": schedule.timetable.name if schedule.timetable else None,
        "time_zone": schedule.zone.key,
        "keeps_holidays": bool(row["keeps_holidays"]),
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
