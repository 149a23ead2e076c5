"""The options of campaigns that say on which days and by which clock they are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from ..domain.calendars import zone_of
from ..domain.campaigns import Draft
from ..domain.schedule import read_hours, read_start, zone
from ..domain.timetables import read_days
from ..domain.words import Problem
from ..store import campaign_schedules, timetables
from ..store.campaign_schedules import Change
from .context import Context, refuse

F = TypeVar("F", bound=Callable[..., Any])


def options(function: F) -> F:
    """--days, --timetable, --time-zone and --holidays."""
    for option in (
        click.option(
            "--holidays",
            "keep_holidays",
            type=click.Choice(["keep", "ignore"]),
            help="Whether it waits on holidays.",
        ),
        click.option(
            "--time-zone",
            help='Its own clock, as Europe/Madrid; "" for the configured.',
        ),
        click.option("--timetable", help='A timetable by its name; "" for none.'),
        click.option("--days", help="As mon-fri, or mon,wed,sat; all."),
    ):
        function = option(function)
    return function


def take(context: Context, given: dict[str, str | None]) -> Change:
    """What was given of them, taken out of all that was given.

    Raises Refused, and StoreError for a timetable that there is not.
    """
    days, timetable = given.pop("days"), given.pop("timetable")
    time_zone, keep_holidays = given.pop("time_zone"), given.pop("keep_holidays")
    found = None if days is None else read_days(days)
    if isinstance(found, Problem):
        raise refuse({"days": found})
    if time_zone and isinstance(problem := zone(time_zone), Problem):
        raise refuse({"time_zone": problem})
    timetable_id = None if timetable is None else 0
    if timetable:
        with context.db.transaction() as tx:
            timetable_id = timetables.by_name(tx, timetable)["id"]
    keeps = None if keep_holidays is None else keep_holidays == "keep"
    return Change(found, timetable_id, time_zone, keeps)


def start_and_hours(
    zone: ZoneInfo, start: str | None, hours: str | None
) -> dict[str, Any]:
    """Start and hours as values of a draft. Raises Refused."""
    found: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    if start:
        found["start_at"] = read_start(start, zone)
    if hours:
        found["hours"] = read_hours(hours)
    problems = {k: v for k, v in found.items() if isinstance(v, Problem)}
    if problems:
        raise refuse(problems)
    if start and found["start_at"] < datetime.now(UTC):
        click.echo("The start is in the past: it is as if there were none.", err=True)
    return found


def drafted(change: Change) -> dict[str, Any]:
    """The same as values of a draft."""
    given: dict[str, Any] = {"timetable_id": change.timetable_id or None}
    if change.days is not None:
        given["days"] = change.days
    if change.time_zone is not None:
        given["time_zone"] = change.time_zone
    if change.keeps_holidays is not None:
        given["keeps_holidays"] = change.keeps_holidays
    return given


def zone_by(context: Context, change: Change) -> ZoneInfo:
    """The zone in which the times beside it are written."""
    row = {"time_zone": change.time_zone or ""}
    return zone_of(row, context.settings.time_zone)


def check(context: Context, draft: Draft) -> dict[str, Problem]:
    """That it could never be sent, or not before its deadline, by field."""
    with context.db.transaction() as tx:
        return campaign_schedules.check(tx, draft, context.settings, datetime.now(UTC))
