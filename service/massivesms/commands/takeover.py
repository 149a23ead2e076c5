"""massivesms takeover: brings the data of the original module."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from ..config import DatabaseSettings
from ..takeover.report import Report
from ..takeover.run import House, Request, take_over
from ..takeover.work import Progress
from .context import (
    Context,
    Refused,
    json_option,
    pass_context,
    show_json,
    show_table,
)

THEIR_SCRIPTS = Path("/var/www/html/libs/sms/scripts")
LABELS = {
    "setting": "settings",
    "script": "scripts",
    "trunk": "trunks",
    "list": "lists",
    "number": "numbers of lists",
    "campaign": "campaigns",
    "message": "messages",
}


@click.command()
@click.option("--database", default="massive_sms", show_default=True, help="Its name.")
@click.option("--host", help="Its server; otherwise the one of our own database.")
@click.option("--port", type=click.IntRange(1, 65535), default=3306, help="Its port.")
@click.option("--socket", help="The socket of its server.")
@click.option("--user", help="Who may read it; otherwise our own database user.")
@click.option("--password-stdin", is_flag=True, help="Their password, from stdin.")
@click.option(
    "--scripts",
    type=click.Path(path_type=Path),
    default=THEIR_SCRIPTS,
    show_default=True,
    help="Where the scripts of its trunks lie.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--anyway", is_flag=True, help="Although it seems to be running.")
@json_option
@pass_context
def takeover(
    context: Context,
    /,
    database: str,
    host: str | None,
    port: int,
    socket: str | None,
    user: str | None,
    password_stdin: bool,
    scripts: Path,
    dry_run: bool,
    anyway: bool,
    as_json: bool,
) -> None:
    """Take over the original module's trunks, lists, campaigns and history.

    Safe to run again: only what is new is taken. The original is only read.
    """
    source = _source(context, database, host, port, socket, user)
    if password_stdin:
        source = replace(source, password=sys.stdin.readline().rstrip("\r\n"))
    request = Request(source, scripts, dry_run, anyway)
    config = context.config
    house = House(context.db, context.vault, config.scripts_dir, context.actor)
    try:
        report = take_over(request, house, _progress())
    except KeyboardInterrupt:
        raise Refused(
            "interrupted. What was taken until now stays; run it again to go on."
        ) from None
    if as_json:
        show_json(report.as_json())
    else:
        _show(report)


def _source(
    context: Context,
    database: str,
    host: str | None,
    port: int,
    socket: str | None,
    user: str | None,
) -> DatabaseSettings:
    ours = context.config.database
    if host or socket:
        ours = replace(ours, host=host or "", port=port, socket=socket or "")
    if user:
        ours = replace(ours, user=user, password="")
    if database == ours.name and not host and not socket:
        raise Refused(f"{database} is our own database: name the original's.")
    return replace(ours, name=database)


def _progress() -> Progress:
    if not sys.stderr.isatty():
        return lambda _name, _done, _total: None

    def show(name: str, done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        click.echo(f"\r{name[:40]:<40} {done:>10} / {total}{end}", nl=False, err=True)

    return show


def _show(report: Report) -> None:
    if report.dry_run:
        click.echo("Dry run: nothing was changed.")
    rows = [(LABELS[kind], *numbers) for kind, *numbers in report.table()]
    show_table(list(rows), (report.database, "taken", "already here", "not taken"))
    states = ", ".join(f"{n} {state}" for state, n in sorted(report.states.items()))
    if states:
        click.echo(f"Messages: {states}")
    if report.mended:
        click.echo(f"Texts whose encoding was mended: {report.mended}")
    for note in report.notes:
        click.echo(f"- {note.kind} {note.name}: {note.problem}")
    if not report.has_news:
        click.echo("There was nothing new to take over.")
