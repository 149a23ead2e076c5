"""massivesms web; massivesms web start | stop | restart | status"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from ..config import Config
from ..engine import pages_daemon
from .context import Context, pass_context
from .service import STOPPED


@click.group(invoke_without_command=True)
@click.pass_context
def web(click_context: click.Context) -> None:
    """Serve the web module on [web] listen, in the foreground.

    With one of these words it is a daemon, for init scripts:
    """
    if click_context.invoked_subcommand is None:
        _serve(click_context.obj.config)


@web.command()
@pass_context
def start(context: Context) -> None:
    """Start the pages; nothing happens when they are there."""
    pid = pages_daemon.running_pid(context.config)
    if pid is not None:
        click.echo(f"The pages of massivesms are there already (process {pid}).")
    else:
        _start(context.config)


@web.command()
@pass_context
def stop(context: Context) -> None:
    """Stop the pages; the service goes on."""
    if pages_daemon.stop(context.config):
        click.echo("The pages of massivesms stopped.")
    else:
        click.echo("The pages of massivesms were not running.")


@web.command()
@pass_context
def restart(context: Context) -> None:
    """Stop and start them."""
    pages_daemon.stop(context.config)
    _start(context.config)


@web.command()
@pass_context
def status(context: Context) -> None:
    """Whether they are there as a daemon: exit status 0, or 3 when not."""
    pid = pages_daemon.running_pid(context.config)
    if pid is None:
        click.echo("The pages of massivesms are not running.")
        sys.exit(STOPPED)
    click.echo(f"The pages of massivesms run (process {pid}).")


def _start(config: Config) -> None:
    pid = pages_daemon.start(config, _serve)
    click.echo(f"The pages of massivesms started on {config.listen} (process {pid}).")


def _serve(config: Config) -> None:
    # By name: the service never imports the web module, it only starts it.
    import_module("massivesms_web.serve").serve(config)
