"""massivesms source add | list | show | test | run | enable | disable | remove"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any

import click

from ..automatic import drafts, runs
from ..automatic.heartbeat import beating
from ..automatic.runs import House, Lost
from ..domain import sources as rules
from ..domain.schedule import SendingHours, read_hours
from ..domain.sources import DAY_LABELS, KIND_LABELS, Draft
from ..domain.words import N_, Problem
from ..store import source_runs, sources, trunks
from ..store.db import Row
from .context import (
    Context,
    Refused,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("source")
def group() -> None:
    """Automatic loads from other databases, directories and addresses."""


@group.command()
@click.argument("name")
@click.option("--type", "kind", required=True, type=click.Choice(list(KIND_LABELS)))
@click.option("--place", default="", help="The file, the directory or the address.")
@click.option("--host", default="", help="The database's server.")
@click.option("--port", type=int, help="Otherwise the usual one.")
@click.option("--user", default="", help="One that may only read.")
@click.option("--database", default="", help="Its name.")
@click.option("--password-stdin", is_flag=True, help="Read the password.")
@click.option("--tls", is_flag=True, help="Only with TLS and a valid certificate.")
@click.option("--query", default="", help="SQL that reads; :date is the day.")
@click.option("--number-column", default="", help="Otherwise found by its title.")
@click.option("--key-column", default="", help="Loaded once a day; or the number.")
@click.option("--message", "text", default="", help="A text with <column> places.")
@click.option("--at", "run_at", default="08:00", metavar="HH:MM", help="Local time.")
@click.option("--days", default="1234567", help="Digits of weekdays; Monday is 1.")
@click.option(
    "--most-rows",
    default=rules.USUAL_ROWS,
    show_default=True,
    help="With more, nothing is loaded.",
)
@click.option(
    "--timeout",
    "timeout_s",
    default=rules.USUAL_TIMEOUT_S,
    show_default=True,
    help="Seconds for all of it.",
)
@click.option("--campaign", default="", help="What campaigns' names begin with.")
@click.option("--trunk", metavar="NAME", help="Only this; otherwise by priority.")
@click.option(
    *("--sender", "sender_id"),
    default="",
    metavar="ID",
    help="Otherwise the trunk's.",
)
@click.option("--hours", metavar="HH:MM-HH:MM", help="Sending hours.")
@click.option("--paused", is_flag=True, help="Campaigns wait until resumed.")
@click.option("--mail-to", default="", help="Addresses that get a summary.")
@click.option("--inactive", is_flag=True, help="Only run by hand.")
@pass_context
def add(
    context: Context,
    /,
    *,
    password_stdin: bool,
    run_at: str,
    days: str,
    trunk: str | None,
    hours: str | None,
    inactive: bool,
    **plain: Any,
) -> None:
    """Create a source."""
    with context.db.transaction() as tx:
        trunk_id = trunks.by_name(tx, trunk)["id"] if trunk else None
    draft = Draft(
        **plain,
        password=sys.stdin.readline().rstrip("\r\n") if password_stdin else None,
        run_at=_clock(run_at),
        days=[int(day) - 1 for day in days if day.isdecimal()],
        trunk_id=trunk_id,
        hours=_hours(hours),
        active=not inactive,
    )
    house = _house(context)
    made = drafts.new(draft, context.vault, house.local_now)
    if isinstance(made, dict):
        raise refuse(made)
    context.db.atomically(lambda tx: sources.create(tx, made, context.actor))
    click.echo(f"Source {draft.name} created.")


def _clock(text: str) -> Any:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 local
    except ValueError:
        raise Refused("--at: write the time as HH:MM, for example 08:00.") from None


def _hours(text: str | None) -> SendingHours | None:
    hours = read_hours(text) if text else None
    if isinstance(hours, Problem):
        raise refuse(hours)
    return hours


def _house(context: Context) -> House:
    return House(
        context.db,
        context.vault,
        context.settings,
        context.config.sources_dir,
        lambda: datetime.now(UTC),
    )


@group.command("list")
@json_option
@pass_context
def list_sources(context: Context, as_json: bool) -> None:
    """Show all sources."""
    with context.db.transaction() as tx:
        shown = [_shown(row) for row in sources.every(tx)]
    if as_json:
        show_json(shown)
        return
    heads = ("name", "type", "active", "at", "days")
    show_table([tuple(one[name] for name in heads) for one in shown], heads)


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show one source, without its secrets, and its last runs."""
    with context.db.transaction() as tx:
        row = sources.by_name(tx, name)
        last = [_run(run) for run in source_runs.history(tx, row["id"], limit=10)]
    if as_json:
        show_json({**_shown(row), "runs": last})
        return
    show_table(list(_shown(row).items()), ("setting", "value"))
    heads = ("run", "day", "state", "accepted", "duplicates", "refused", "problem")
    show_table([tuple(one[head] for head in heads) for one in last], heads)


@group.command()
@click.argument("name")
@click.option("--date", "day", type=DAY, help="The day that is asked for; or today.")
@json_option
@pass_context
def test(context: Context, name: str, day: datetime | None, as_json: bool) -> None:
    """Show the messages of a run, and store nothing."""
    house = _house(context)
    with context.db.transaction() as tx:
        row = sources.by_name(tx, name)
    trial = runs.try_out(house, row, _day(day, house))
    totals = {
        "rows": trial.rows,
        "messages": trial.accepted,
        "segments": trial.segments,
        "duplicates": trial.duplicates,
        "refused": trial.refused,
    }
    if as_json:
        first = [{"number": n, "text": t, "segments": s} for n, t, s in trial.messages]
        bad = [
            {"line": b.line, "number": b.raw_number, "reason": str(b.problem)}
            for b in trial.bad
        ]
        show_json({**totals, "first": first, "bad": bad})
        return
    show_table(list(totals.items()), ("of", "number"))
    show_table([(n, t) for n, t, _ in trial.messages], ("number", "text"))
    if trial.bad:
        table = [(b.line, b.raw_number, str(b.problem)) for b in trial.bad]
        show_table(list(table), ("line", "number", "reason"))


def _day(given: datetime | None, house: House) -> date:
    return given.date() if given else house.local_now.date()


@group.command("run")
@click.argument("name")
@click.option("--date", "day", type=DAY, help="The day that is asked for; or today.")
@click.option("--send-on", type=DAY, help="When the messages are sent; or today.")
@json_option
@pass_context
def run_now(
    context: Context,
    name: str,
    day: datetime | None,
    send_on: datetime | None,
    as_json: bool,
) -> None:
    """Load the rows of a day now, as a campaign."""
    house, owner = (
        _house(context),
        f"command:{click.get_current_context().command_path}",
    )
    dates = _day(day, house), _day(send_on, house)
    if problem := rules.check_dates(*dates, house.local_now.date()):
        raise refuse(problem)
    with context.db.transaction() as tx:
        row = sources.by_name(tx, name)
        run_id = source_runs.begin(tx, row, *dates, context.actor)
        run = source_runs.take(tx, owner, run_id)
    assert run is not None
    _carry_out(house, run, owner, name)
    with context.db.transaction() as tx:
        ended = source_runs.by_id(tx, run_id)
    assert ended is not None
    if ended["state"] == "failed":
        raise Refused(str(ended["problem"]))
    if as_json:
        show_json(_run(ended))
        return
    words = "{state}: {accepted} new, {duplicates} duplicates, {refused} refused."
    click.echo(words.format(**ended))


def _carry_out(house: House, run: Row, owner: str, name: str) -> None:
    try:
        with beating(house.db, run["id"], owner):
            runs.carry_out(house, run, owner)
    except Lost:
        words = f"Run {run['id']} was taken over by the service, or its source removed:"
        raise Refused(f"{words} see massivesms source show {name}.") from None
    except KeyboardInterrupt:
        # Or the service would take it for dead, and load what somebody has stopped.
        words = N_("It was interrupted at the command line.")
        problem = Problem("source_interrupted", words)
        house.db.close()  # a statement may have been under way
        house.db.atomically(
            lambda tx: source_runs.fail(tx, run["id"], owner, problem, None)
        )
        raise


@group.command()
@click.argument("name")
@pass_context
def enable(context: Context, name: str) -> None:
    """Have a source run by itself, from its next hour on."""
    _set_active(context, name, True)
    click.echo(f"Source {name} turned on.")


@group.command()
@click.argument("name")
@pass_context
def disable(context: Context, name: str) -> None:
    """Have a source run only by hand."""
    _set_active(context, name, False)
    click.echo(f"Source {name} turned off.")


def _set_active(context: Context, name: str, active: bool) -> None:
    now = _house(context).local_now
    with context.db.transaction() as tx:
        row = sources.by_name(tx, name)
        sources.set_active(tx, row, active, now, context.actor)


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a source with its history; its campaigns stay."""
    with context.db.transaction() as tx:
        sources.remove(tx, sources.by_name(tx, name), context.actor)
    click.echo(f"Source {name} removed.")


def _shown(row: Row) -> dict[str, Any]:
    """A source for people and programs; no secret is in it."""
    return {
        "name": row["name"],
        "type": row["kind"],
        "place": row["place"] or f"{row['host']}/{row['database_name']}",
        "query": row["query"],
        "message": row["text"],
        "key_column": row["key_column"],
        "active": row["active"],
        "at": f"{row['run_at']:%H:%M}",
        "days": " ".join(DAY_LABELS[day][:3] for day in row["days"]),
        "most_rows": row["most_rows"],
        "timeout_s": row["timeout_s"],
        "mail_to": row["mail_to"],
    }


def _run(run: Row) -> dict[str, Any]:
    names = ("state", "accepted", "duplicates", "refused", "campaign_id", "import_id")
    told = {name: run[name] for name in names}
    problem = str(run["problem"]) if run["problem"] else ""
    days = {"day": str(run["day"]), "send_on": str(run["send_on"])}
    return {"run": run["id"], **days, **told, "problem": problem}
