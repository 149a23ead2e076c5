"""massivesms backup FILE | restore FILE"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from ..backup.make import Made, make, new_file
from ..backup.restore import Request, Restored
from ..backup.restore import restore as put_back
from ..engine import daemon
from ..store.db import Database
from .context import Context, Refused, json_option, pass_context, show_json

KEYS_WARNING = (
    "This backup holds the key files: whoever has it can read every stored"
    " password. Keep it as safe as the PBX itself."
)
OTHER_KEY = (
    "The trunks' passwords were encrypted with another key file: put that one back"
    " at {file}, or enter the passwords again."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--with-keys", is_flag=True, help="The key files too: keep it safe.")
@json_option
@pass_context
def backup(context: Context, file: Path, with_keys: bool, as_json: bool) -> None:
    """Write all data into one FILE (- is the standard output).

    Passwords stay encrypted in it; sign-ins and what runs now are left out.
    """
    to_stdout = str(file) == "-"
    if to_stdout and (as_json or sys.stdout.isatty()):
        raise click.UsageError("The backup goes to the standard output: redirect it.")
    say = _progress()
    ours = (context.db, context.config)
    if to_stdout:
        made = make(*ours, sys.stdout.buffer, context.actor, say, with_keys=with_keys)
    else:
        with new_file(file) as opened:
            made = make(*ours, opened, context.actor, say, with_keys=with_keys)
    _say_made(file, made, as_json=as_json, silent=to_stdout)


def _say_made(file: Path, made: Made, *, as_json: bool, silent: bool) -> None:
    if as_json:
        show_json(
            {
                "file": str(file),
                "rows": made.rows,
                "scripts": made.scripts,
                "with_keys": made.with_keys,
            }
        )
    elif not silent:
        click.echo(f"{file}: {made.rows} rows, {made.scripts} scripts.")
    if made.with_keys:
        click.echo(KEYS_WARNING, err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", "replacing", is_flag=True, help="What is there goes.")
@click.option(
    "--resume",
    is_flag=True,
    help="Leave campaigns and sending as they were: nothing was sent since.",
)
@click.option("--db-user", help="A database user that may create databases: root.")
@click.option("--db-password-stdin", is_flag=True, help="Their password, from stdin.")
@json_option
@pass_context
def restore(
    context: Context,
    file: Path,
    replacing: bool,
    resume: bool,
    db_user: str | None,
    db_password_stdin: bool,
    as_json: bool,
) -> None:
    """Put the data of a backup FILE in the place of what is there.

    All of it, or nothing is changed. Stop the service and the pages before.
    Campaigns come back paused and sending is off, for their messages may have
    been sent since the backup was made.
    """
    pid = daemon.running_pid(context.config)
    if pid is not None:
        raise Refused(
            f"the service is running (process {pid}): service massivesms stop"
        )
    settings = context.config.database
    if db_user:
        settings = replace(settings, user=db_user, password="")
    if db_password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        settings = replace(settings, password=password)
    db = Database(settings)
    try:
        with _opened(file) as opened:
            restored = put_back(
                *(db, context.config, opened),
                *(Request(replacing, resume), context.actor, _progress()),
            )
    finally:
        db.close()
    _say_restored(context, restored, resume=resume, as_json=as_json)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror or error}") from error


def _say_restored(
    context: Context, restored: Restored, *, resume: bool, as_json: bool
) -> None:
    if as_json:
        names = ("made_at", "rows", "in_doubt", "paused", "audit_kept", "upgraded")
        more = ("refusals_kept", "files", "other_key")
        show_json({name: getattr(restored, name) for name in (*names, *more)})
        return
    click.echo(f"Restored {restored.rows} rows of the backup of {restored.made_at}.")
    for name in restored.upgraded:
        click.echo(f"applied {name}")
    for path in restored.files:
        click.echo(f"wrote {path}")
    if restored.in_doubt:
        click.echo(
            f"{restored.in_doubt} messages were on their way when it was made: they"
            " are in doubt."
        )
    if restored.refusals_kept:
        click.echo(
            f"{restored.refusals_kept} numbers that were blocked or erased here since"
            " stay so."
        )
    if not resume:
        click.echo(
            f"{restored.paused} campaigns are paused and sending is off: what waits"
            " may have been sent since. Look at them, resume those to be sent, then"
            " run: massivesms config set sending yes"
        )
    if restored.other_key:
        click.echo(OTHER_KEY.format(file=context.config.secret_key_file), err=True)


def _progress() -> Callable[[str, int], None]:
    if not sys.stderr.isatty():
        return lambda _name, _rows: None

    def show(name: str, rows: int) -> None:
        click.echo(f"\r\033[K{name}: {rows} rows", nl=False, err=True)

    return show
