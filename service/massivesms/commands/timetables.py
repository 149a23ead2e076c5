"""massivesms timetable add | set | list | show | remove, holiday add | list | remove"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..domain import holidays as dates
from ..domain.campaigns import check_name
from ..domain.timetables import Slot, Timetable, make, read_line
from ..domain.words import Problem
from ..store import holidays, timetables
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

slot_option = click.option(
    "--slot",
    "lines",
    multiple=True,
    required=True,
    metavar="LINE",
    help='Days and times: "mon-fri 09:00-14:00,16:00-20:00", "fri 22:00-02:00".',
)


@click.group("timetable")
def group() -> None:
    """Timetables: named times of the days of a week."""


@group.command()
@click.argument("name")
@slot_option
@pass_context
def add(context: Context, name: str, lines: tuple[str, ...]) -> None:
    """Create a timetable."""
    made = _read(name, lines)
    with context.db.transaction() as tx:
        timetables.create(tx, made, context.actor)
    click.echo(f"Timetable {made.name} created.")


@group.command("set")
@click.argument("name")
@slot_option
@pass_context
def change(context: Context, name: str, lines: tuple[str, ...]) -> None:
    """Give a timetable other times; its campaigns follow at once."""
    made = _read(name, lines)
    with context.db.transaction() as tx:
        timetables.update(tx, timetables.by_name(tx, name), made, context.actor)
    click.echo(f"Timetable {made.name} changed.")


@group.command("list")
@json_option
@pass_context
def list_timetables(context: Context, as_json: bool) -> None:
    """Show all timetables."""
    with context.db.transaction() as tx:
        shown = [_shown(row) for row in timetables.all_timetables(tx)]
    if as_json:
        show_json(shown)
        return
    show_table(
        [(t["name"], t["campaigns"], "; ".join(t["slots"])) for t in shown],
        ("name", "campaigns", "times"),
    )


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show one timetable and the campaigns that are sent by it."""
    with context.db.transaction() as tx:
        row = timetables.by_name(tx, name)
        using = [c["name"] for c in timetables.used_by(tx, row["id"])]
    if as_json:
        show_json({**_shown(row), "used_by": using})
        return
    for line in row["table"].lines():
        click.echo(line)
    for campaign in using:
        click.echo(f"used by {campaign}")


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a timetable that no open campaign needs."""
    with context.db.transaction() as tx:
        timetables.remove(tx, timetables.by_name(tx, name), context.actor)
    click.echo(f"Timetable {name} removed.")


def _read(name: str, lines: tuple[str, ...]) -> Timetable:
    """The timetable that was given. Raises Refused."""
    if problem := check_name(name):
        raise refuse({"name": problem})
    slots: list[Slot] = []
    for line in lines:
        found = read_line(line)
        if isinstance(found, Problem):
            raise refuse({"slot": found})
        slots += found
    made = make(name.strip(), slots)
    if isinstance(made, Problem):
        raise refuse({"slot": made})
    return made


def _shown(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "slots": row["table"].lines(),
        "campaigns": row["campaigns"],
    }


@click.group("holiday")
def holiday_group() -> None:
    """Holidays: days on which campaigns that keep them wait."""


@holiday_group.command("add")
@click.argument("date", required=False)
@click.argument("name", required=False)
@click.option("--yearly", is_flag=True, help="Of every year.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Lines "DATE NAME" instead.',
)
@pass_context
def add_holiday(
    context: Context,
    date: str | None,
    name: str | None,
    yearly: bool,
    file: Path | None,
) -> None:
    """Add a holiday: 2026-12-25, or 25/12 for every year; or those of a file."""
    if (file is None) == (date is None or name is None):
        raise click.UsageError("Give DATE and NAME, or --file FILE.")
    text = f"{date} {name}"
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Refused(f"{file} is not a text in UTF-8.") from None
    found = dates.read_lines(text, yearly=yearly)
    problems = [one for one in found if isinstance(one, Problem)]
    if problems:
        raise Refused(" ".join(str(problem) for problem in problems))
    new = [one for one in found if isinstance(one, dates.Holiday)]
    with context.db.transaction() as tx:
        added = holidays.put(tx, new, context.actor)
    click.echo(f"Holidays added or changed: {added}.")


@holiday_group.command("list")
@json_option
@pass_context
def list_holidays(context: Context, as_json: bool) -> None:
    """Show all holidays."""
    with context.db.transaction() as tx:
        found = [row["holiday"] for row in holidays.all_holidays(tx)]
    if as_json:
        show_json(
            [{"date": str(h), "yearly": h.is_yearly, "name": h.name} for h in found]
        )
        return
    show_table([(h, h.name) for h in found], ("date", "name"))


@holiday_group.command("remove")
@click.argument("date")
@pass_context
def remove_holiday(context: Context, date: str) -> None:
    """Take the holiday of a date away: 2026-12-25, or 25/12 for that of every year."""
    found = dates.read(date, "-")
    if isinstance(found, Problem):
        raise refuse(found)
    with context.db.transaction() as tx:
        if not holidays.remove(tx, found, context.actor):
            raise Refused(f"There is no holiday of {date}.")
    click.echo(f"Holiday {date} removed.")
