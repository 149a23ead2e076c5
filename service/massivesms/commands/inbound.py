"""massivesms inbound"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click

from ..domain.inert_text import inert
from ..store import inbound_pages, trunks
from ..store.db import Row
from ..store.inbound_pages import Filter
from .context import Context, Refused, json_option, pass_context, show_json

SHOWN, BATCH = 50, 1000
SINCE_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


@click.command("inbound")
@click.option("--number", help="Only from this number.")
@click.option("--trunk", "trunk_name", help="Only through this trunk.")
@click.option(
    "--since",
    metavar='"YYYY-MM-DD HH:MM"',
    help="Only what came since then, in the configured time zone.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"So many at most; otherwise {SHOWN}, or all with --since.",
)
@json_option
@pass_context
def inbound(
    context: Context,
    number: str | None,
    trunk_name: str | None,
    since: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show what people wrote, the newest first; one JSON object a line with --json."""
    with context.db.transaction() as tx:
        trunk_id = trunks.by_name(tx, trunk_name)["id"] if trunk_name else None
        names = trunks.names(tx)
    wanted = Filter(
        number_starts=(context.number(number).e164,) if number else (),
        trunk_id=trunk_id,
        start=_moment(context, since) if since else None,
    )
    most = limit or (None if since else SHOWN)
    rows = inbound_pages.every(context.db, wanted, batch=min(most or BATCH, BATCH))
    _show(context, islice(rows, most), names, as_json)


def _show(
    context: Context, rows: Iterator[Row], names: dict[int, str], as_json: bool
) -> None:
    for row in rows:
        one = _shown(row, names)
        if as_json:
            show_json(one)
        else:
            what = "called" if row["kind"] == "call" else inert(row["text"])
            click.echo(f"{_local(context, row)}  {_sender(row)}: {what}")


def _moment(context: Context, text: str) -> datetime:
    for form in SINCE_FORMS:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        return found.replace(tzinfo=context.settings.time_zone)
    raise Refused(f"{text}: write a time as YYYY-MM-DD HH:MM")


def _local(context: Context, row: Row) -> str:
    zone = context.settings.time_zone
    at = row["received_at"].replace(tzinfo=UTC).astimezone(zone)
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _sender(row: Row) -> str:
    return inert(row["number"] or row["sender"]) or "unknown sender"


def _shown(row: Row, names: dict[int, str]) -> dict[str, Any]:
    """One message as JSON; texts and senders as they came."""
    last = None
    if row["sent_state"]:
        last = {
            "id": row["message_id"],
            "text": row["sent_text"],
            "campaign": row["sent_campaign"],
            "state": row["sent_state"],
            "sent_at": row["sent_at"],
        }
    return {
        "id": row["id"],
        "kind": row["kind"],
        "number": row["number"] or None,
        "sender": row["sender"],
        "to": row["recipient"],
        "trunk": names.get(row["trunk_id"]),
        "text": row["text"],
        "parts": row["parts"],
        "incomplete": bool(row["incomplete"]),
        "unreadable": bool(row["unreadable"]),
        "handled": row["handled"] or None,
        "received_at": row["received_at"],
        "last_sent": last,
    }
