"""massivesms messages: the messages of a filter, shown or written to a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from ..domain import message_filters
from ..domain.message_filters import Filter
from ..domain.states import MessageState
from ..export import jobs as exports
from ..export.files import explained
from ..export.formats import begin
from ..export.messages import COLUMNS, TITLE
from ..store import campaigns, export_jobs, messages, trunks
from .campaigns import shown_message
from .context import Context, json_option, pass_context, refuse, show_json

OPTIONS = (
    click.option("--number", help="A number or how it begins."),
    click.option(
        "--state", multiple=True, type=click.Choice([str(s) for s in MessageState])
    ),
    click.option("--campaign", help="The name of a campaign."),
    click.option("--trunk", help="The name of a trunk."),
    click.option("--import", "import_", help="The id of a load."),
    click.option("--user", help="Who wrote the message or made its campaign."),
    click.option("--from", "from_", help='"YYYY-MM-DD" or "YYYY-MM-DD HH:MM".'),
    click.option("--to", help="A day as the end is within."),
    click.option("--result", help="A result code."),
    click.option("--detail", help="The operator's error in a receipt."),
)


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command("messages")
@_filters
@click.option("--csv", "csv_file", metavar="FILE", help="Write a CSV; - is stdout.")
@click.option("--separator", type=click.Choice([",", ";"]), default=",")
@click.option("--xlsx", "xlsx_file", type=click.Path(path_type=Path), metavar="FILE")
@json_option
@pass_context
def list_messages(
    context: Context,
    /,
    csv_file: str | None,
    separator: str,
    xlsx_file: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Show messages of all campaigns, the oldest first, or write them to a file."""
    if sum((bool(csv_file), bool(xlsx_file), as_json)) > 1:
        raise click.UsageError("Give one of --csv, --xlsx and --json.")
    values = _values(context, given)
    settings = context.settings
    wanted, problems = message_filters.read(
        values, settings.number_plan, settings.time_zone, newest_first=False
    )
    if problems:
        raise refuse(problems)
    if csv_file or xlsx_file:
        format_name = "xlsx"
        if csv_file:
            format_name = "csv" if separator == "," else "csv_semicolons"
        _write(context, values, wanted, format_name, str(csv_file or xlsx_file))
        return
    with context.db.transaction() as tx:
        names = trunks.names(tx)
    for batch in messages.every(context.db, wanted):
        for row in batch.rows:
            shown = shown_message(row, names)
            if as_json:
                show_json(shown)
            else:
                line = f"{shown['number']:<16} {shown['state']:<11} {shown['result']}"
                click.echo(line.rstrip())


def _values(context: Context, given: dict[str, Any]) -> dict[str, list[str]]:
    """What was given, by the names of the filters; campaigns and trunks as ids."""
    found = {
        name.rstrip("_"): list(value) if isinstance(value, tuple) else [value]
        for name, value in given.items()
        if value
    }
    with context.db.transaction() as tx:
        if "campaign" in found:
            row = campaigns.by_name(tx, found["campaign"][0])
            found["campaign"] = [str(row["id"])]
        if "trunk" in found:
            found["trunk"] = [str(trunks.by_name(tx, found["trunk"][0])["id"])]
    return found


def _write(
    context: Context,
    values: dict[str, list[str]],
    wanted: Filter,
    format_name: str,
    target: str,
) -> None:
    count = 0
    with explained(Path(target).parent), _opened(target) as out:
        writer = begin(format_name, out, COLUMNS, TITLE, str)
        for some in exports.rows_of(context.db, wanted, context.settings, str):
            for row in some.rows:
                writer.write(row)
            count += len(some.rows)
        writer.close()
        writer.discard()
    details = exports.audited(values, format_name)
    context.db.atomically(
        lambda tx: export_jobs.record(tx, context.actor, count, details)
    )
    click.echo(f"{count} messages written to {target}.", err=target == "-")


@contextmanager
def _opened(target: str) -> Iterator[BinaryIO]:
    """A new file that only its owner reads, or stdout."""
    if target == "-":
        yield sys.stdout.buffer
        return
    way = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(way, "wb") as file:
        yield file
