"""massivesms backup FILE | restore FILE"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import click

from ..backup.make import Made, make, new_file
from ..backup.restore import Request, Restored
from ..backup.restore import restore as put_back
from ..config import DEFAULT_FILE, DatabaseSettings
from ..engine import daemon
from ..errors import SetupError
from ..setup import layout as layouts
from ..setup import steps
from ..setup.database import DatabaseSteps
from ..setup.layout import Layout, Options, Root
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
@click.option("--db-user", help="A database user that may do it, instead of root.")
@click.option("--db-password-stdin", is_flag=True, help="Their password, from stdin.")
@click.option(
    "--root",
    "prefix",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("/"),
    hidden=True,  # for tests, as that of setup
)
@json_option
@pass_context
def restore(
    context: Context,
    file: Path,
    replacing: bool,
    resume: bool,
    db_user: str | None,
    db_password_stdin: bool,
    prefix: Path,
    as_json: bool,
) -> None:
    """Put the data of a backup FILE in the place of what is there; as root.

    All of it, or nothing is changed. Stop the service and the pages before.
    Campaigns come back paused and sending is off, for their messages may have
    been sent since the backup was made.
    """
    pid = daemon.running_pid(context.config)
    if pid is not None:
        raise Refused(
            f"the service is running (process {pid}): service massivesms stop"
        )
    password = None
    if db_password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    way = _way_in(context, prefix.resolve(), db_user, password)
    as_root = ["massivesms"]
    if context.config.file != DEFAULT_FILE:
        as_root += ["--config", str(context.config.file.absolute())]
    as_root += ["restore", str(file.absolute())]
    as_root += ["--replace"] * replacing + ["--resume"] * resume
    if way.is_root:
        as_root += ["--db-user", "root", "--db-password-stdin"]
    request = Request(replacing, resume, shlex.join(as_root))
    db = Database(way.settings)
    try:
        with _opened(file) as opened:
            restored = put_back(
                *(db, context.config, opened),
                *(request, context.actor, _progress()),
            )
        rights = _mend_rights(context, way)
    finally:
        db.close()
        way.close()
    _say_restored(context, restored, rights, resume=resume, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _WayIn:
    """Whom the database takes us for; `root` when we come in as somebody else."""

    settings: DatabaseSettings
    layout: Layout
    is_root: bool  # of the system
    root: Root | None = None

    def close(self) -> None:
        """Ends the database's root's connection."""
        if self.root is not None:
            self.root.db.close()


def _way_in(
    context: Context, prefix: Path, db_user: str | None, password: str | None
) -> _WayIn:
    """As was said; otherwise root finds the database's root as setup does."""
    ours = context.config.database
    options = Options(
        prefix=prefix,
        config_file=context.config.file.absolute(),
        root_user=db_user or "root",
        root_password=(password or "") if db_user else password,
    )
    layout = layouts.read_written(options)
    is_root = os.geteuid() == 0 or prefix != Path("/")
    root = None
    if db_user or is_root:
        try:
            root = layouts.root_of(layout, options)
        except SetupError:
            if db_user or password is not None:
                raise
    if root is None:
        return _WayIn(ours, layout, is_root)
    return _WayIn(replace(root.db.settings, name=ours.name), layout, is_root, root)


def _mend_rights(context: Context, way: _WayIn) -> list[str]:
    """The application's rights on the new tables, as setup gives them; what was done.

    The server keeps them by the tables' names, so mostly nothing is lacking.
    """
    if way.root is None or layouts.refused_user(way.layout):
        return []
    planned = DatabaseSteps(way.layout, way.root, context.actor).for_upgrade()
    lines = list(steps.walk(planned, is_dry=False))
    for line in lines:
        if line.has_failed:
            raise Refused(
                f"the data was restored, but {line.said}"
                " Run as root: massivesms setup --upgrade"
            )
    return [line.said for line in lines if line.state != steps.RIGHT]


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror or error}") from error


def _say_restored(
    context: Context,
    restored: Restored,
    rights: list[str],
    *,
    resume: bool,
    as_json: bool,
) -> None:
    if as_json:
        names = ("made_at", "rows", "in_doubt", "paused", "audit_kept", "upgraded")
        more = ("refusals_kept", "erased_again", "files", "other_key")
        said = {name: getattr(restored, name) for name in (*names, *more)}
        show_json({**said, "rights": rights})
        return
    click.echo(f"Restored {restored.rows} rows of the backup of {restored.made_at}.")
    for name in restored.upgraded:
        click.echo(f"applied {name}")
    for path in restored.files:
        click.echo(f"wrote {path}")
    for words in rights:
        click.echo(words)
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
    if restored.erased_again:
        click.echo(
            f"{restored.erased_again} erased numbers were still in the backup: they"
            " were erased again."
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
