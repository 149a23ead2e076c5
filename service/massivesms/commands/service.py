"""massivesms run, massivesms service start | stop | restart | reload | status"""

from __future__ import annotations

import sys

import click

from ..engine import daemon
from ..errors import StoreError
from ..store import services
from .context import Context, Refused, json_option, pass_context, show_json

STOPPED = 3  # LSB: the program is not running


@click.command()
@pass_context
def run(context: Context) -> None:
    """Run the service in the foreground (for systemd)."""
    daemon.run(context.config)


@click.group("service")
def group() -> None:
    """The sending service as a daemon."""


@group.command()
@pass_context
def start(context: Context) -> None:
    """Start it; nothing happens when it is running."""
    pid = daemon.running_pid(context.config)
    if pid is not None:
        click.echo(f"massivesms is running already (process {pid}).")
        return
    pid = daemon.start(context.config)
    click.echo(f"massivesms started (process {pid}).")


@group.command()
@pass_context
def stop(context: Context) -> None:
    """Let it finish what is on the wire, then stop it."""
    if daemon.stop(context.config):
        click.echo("massivesms stopped.")
    else:
        click.echo("massivesms was not running.")


@group.command()
@pass_context
def restart(context: Context) -> None:
    """Stop and start it."""
    daemon.stop(context.config)
    pid = daemon.start(context.config)
    click.echo(f"massivesms started (process {pid}).")


@group.command()
@pass_context
def reload(context: Context) -> None:
    """Read the configuration again; sending goes on."""
    if not daemon.reload(context.config):
        raise Refused("the service is not running")
    click.echo("massivesms reads its configuration again.")


@group.command()
@json_option
@pass_context
def status(context: Context, as_json: bool) -> None:
    """Whether it is running: exit status 0, or 3 when it is not."""
    pid = daemon.running_pid(context.config)
    beating = _beating(context)
    if as_json:
        show_json({"running": pid is not None, "pid": pid, "services": beating})
    elif pid is not None:
        click.echo(f"massivesms is running (process {pid}).")
    else:
        click.echo("massivesms is not running.")
    if pid is None:
        sys.exit(STOPPED)


def _beating(context: Context) -> list[dict[str, object]] | None:
    """Services that the database hears of; None when it is away."""
    try:
        return context.db.atomically(services.running)
    except StoreError:
        return None
