"""What a campaign never sends: its --deadline, and massivesms campaign discard."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from ..domain.schedule import read_deadline
from ..domain.words import Problem
from ..store import campaigns, services, unsent
from .context import Context, json_option, pass_context, refuse, show_json

deadline_option = click.option(
    "--deadline",
    help='"YYYY-MM-DD HH:MM", by its time zone: what is not sent by then'
    ' is skipped; "" for none.',
)


def read(
    zone: ZoneInfo, deadline: str | None, start_at: datetime | None
) -> datetime | None:
    """The deadline as UTC, None for none. Raises Refused."""
    if not deadline:
        return None
    moment = read_deadline(deadline, zone, start_at, datetime.now(UTC))
    if isinstance(moment, Problem):
        raise refuse({"deadline": moment})
    return moment


@click.command("discard")
@click.argument("name")
@json_option
@pass_context
def discard(context: Context, name: str, as_json: bool) -> None:
    """Discard what a campaign has not sent yet; what is on the wire is finished."""
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
        is_new = unsent.discard(tx, row, context.actor)
        is_running = bool(services.running(tx))
    queued = row["counts"].get("queued", 0)
    if as_json:
        show_json({"name": name, "queued": queued, "service_running": is_running})
        return
    if is_new:
        click.echo(f"Campaign {name}: {queued} messages are being discarded.")
    else:
        click.echo(f"Campaign {name} is being discarded already, {queued} are left.")
    if not is_running:
        click.echo(
            "Nothing more of it is sent; the service ends them once it runs:"
            " massivesms service start",
            err=True,
        )
