"""massivesms audit"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import click

from ..store import audit as stored
from ..store.audit import Filter
from ..store.db import Row
from .context import Context, Refused, json_option, pass_context, show_json, show_table

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("audit")
@click.option("--user", default="", help="What this user did.")
@click.option("--action", default="", help="list.add, or list. for all of lists.")
@click.option("--from", "start", type=DAY, help="From this day on.")
@click.option("--to", "end", type=DAY, help="Up to this day, with it.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@json_option
@pass_context
def audit(
    context: Context,
    user: str,
    action: str,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show who changed what, the newest first."""
    if not action.isascii():
        raise Refused(f"there is no action {action}")
    zone = context.settings.time_zone
    wanted = Filter(
        user=user,
        action=action,
        start=_midnight(start.date(), zone) if start else None,
        end=_midnight(end.date() + timedelta(days=1), zone) if end else None,
    )
    found = list(islice(stored.every(context.db, wanted), limit))
    if as_json:
        show_json([_plain(row) for row in found])
        return
    rows: list[tuple[object, ...]] = [
        (
            f"{_utc(row).astimezone(zone):%Y-%m-%d %H:%M:%S}",
            row["user_name"],
            row["address"],
            row["action"],
            row["subject"],
            _said(row["details"]),
        )
        for row in found
    ]
    show_table(rows, ("when", "who", "from", "what", "name", "details"))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _utc(row: Row) -> datetime:
    at: datetime = row["at"]
    return at.replace(tzinfo=UTC)


def _plain(row: Row) -> dict[str, object]:
    names = {"user_name": "user", "address": "from"}
    return {names.get(key, key): value for key, value in row.items()}


def _said(details: Mapping[str, object]) -> str:
    """What was so before and is now, in short."""
    return ", ".join(
        f"{name}: {value[0]} -> {value[1]}"
        if isinstance(value, list) and len(value) == 2
        else f"{name}: {value}"
        for name, value in details.items()
    )
