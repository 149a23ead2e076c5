"""massivesms setup: the database, the PBX's menu, Apache and the service."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..domain.words import Problem
from ..errors import SetupError
from ..setup import layout as layouts
from ..setup import pbx as pbxs
from ..setup import plan, steps
from ..setup.layout import Layout, Options
from ..setup.steps import Line, Step
from .context import Context, json_option, pass_context, show_json

#: After an upgrade sending goes on, though the PBX's menu could not be brought up.
MAY_WAIT = ("menu files", "menu", "Apache")
_OPTIONS = (
    click.option("--dry-run", is_flag=True, help="Say what would be done, do nothing."),
    click.option(
        "--upgrade",
        is_flag=True,
        help="After an upgrade: tables, rights, menu.",
    ),
    click.option(
        "--uninstall", is_flag=True, help="Take menu and service away; data is kept."
    ),
    click.option(
        "--pbx",
        type=click.Choice(pbxs.KINDS),
        help="Which PBX it is.",
    ),
    click.option(
        "--db-root-user", "root_user", metavar="NAME", default="root", show_default=True
    ),
    click.option(
        "--db-root-password-stdin",
        "password_stdin",
        is_flag=True,
        help="Read the password of the database's root from standard input.",
    ),
    click.option(
        "--db-host",
        "database_host",
        metavar="HOST[:PORT]",
        default="",
        help="Where the database is, when it is not on this machine.",
    ),
    click.option(
        "--db-socket", "database_socket", metavar="FILE", default="", help="Its socket."
    ),
    click.option(
        "--share",
        type=click.Path(path_type=Path),
        help="The files for menu and Apache; packaging/ of a checkout."
        f" Otherwise {layouts.SHARE}.",
    ),
    click.option(
        "--user",
        "service_user",
        metavar="NAME",
        default="",
        help="Whom the service runs as (asterisk).",
    ),
    click.option(
        "--root",
        "prefix",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        default=Path("/"),
        hidden=True,  # for tests, and for images of machines
    ),
)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@_options
@json_option
@pass_context
def setup(
    context: Context,
    /,
    dry_run: bool,
    upgrade: bool,
    uninstall: bool,
    password_stdin: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Set everything up on this machine: safe to run again.

    Finds the PBX, makes database, configuration, keys, menu, Apache's file and the
    service, and says each thing it does.
    """
    words: Callable[[Layout], list[str]]
    options = _read(context, password_stdin, **said)
    if uninstall and upgrade:
        raise click.UsageError("--uninstall and --upgrade do not go together")
    if options.prefix == Path("/") and os.geteuid() != 0:
        raise SetupError(
            Problem("setup_not_root", "Only root can set massivesms up: use sudo.")
        )
    if uninstall:
        layout = _read_anyway(options)
        planned, words = plan.taking_away(layout), plan.what_is_kept
    else:
        layout = _read_anyway(options) if upgrade else layouts.read(options)
        if upgrade and not layout.is_there:
            click.echo("massivesms is not set up here yet. Run: massivesms setup")
            return
        layout, planned = _planned(context, layout, options, upgrade)
        words = plan.nothing_more if upgrade else plan.what_next
    lines = _carry_out(layout, planned, dry_run, as_json)
    _refuse_failed(lines, MAY_WAIT if upgrade else ())
    if not dry_run and not as_json:
        for word in words(layout):
            click.echo(word)


def _read_anyway(options: Options) -> Layout:
    """A PBX that cannot be read hinders neither an upgrade nor taking away."""
    try:
        return layouts.read(options)
    except SetupError as error:
        layout = layouts.read_written(options)  # when this is what is wrong, it says so
        click.echo(f"{'note':<16} {error}", err=True)
        return layout


def _read(context: Context, password_stdin: bool, **said: Any) -> Options:
    values = {**said, "pbx": said["pbx"] or "", "prefix": said["prefix"].resolve()}
    options = Options(**values)
    file = context.file or os.environ.get("MASSIVESMS_CONFIG")
    if file:
        options = replace(options, config_file=Path(file).absolute())
    if password_stdin:
        given = sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")
        options = replace(options, root_password=given)
    return options


def _planned(
    context: Context, layout: Layout, options: Options, is_upgrade: bool
) -> tuple[Layout, list[Step]]:
    """The plan with the database's root; refused before anything is done."""
    if refused := layouts.refused_user(layout):
        raise refused
    root = layouts.root_of(layout, options)
    layout = layouts.with_call_records(layout, root)
    if is_upgrade:
        return layout, plan.keeping_up(layout, root, context.actor)
    planned = plan.setting_up(layout, root, context.actor)
    steps.survey(planned)
    return layout, planned


def _carry_out(
    layout: Layout,
    planned: Sequence[Step],
    is_dry: bool,
    as_json: bool,
) -> list[Line]:
    lines = []
    if not as_json:
        found = f"{layout.pbx.name} ({layout.pbx.file})" if layout.pbx.file else ""
        click.echo(f"{'PBX':<16} {found or layout.pbx.name}")
    for line in steps.walk(planned, is_dry=is_dry):
        lines.append(line)
        if not as_json:
            click.echo(f"{line.state:<16} {line.said}")
    if as_json:
        keys = ("step", "state", "said")
        show_json([{key: getattr(line, key) for key in keys} for line in lines])
    return lines


def _refuse_failed(lines: Sequence[Line], may_wait: Sequence[str]) -> None:
    failed = [
        line
        for line in lines
        if line.state in (steps.FAILED, steps.NOT_DONE) and line.step not in may_wait
    ]
    if failed:
        raise SetupError(
            Problem(
                "setup_unfinished",
                "%(count)s of %(all)s steps are not done: %(first)s Put it right and"
                " run the command again: what is done stays done.",
                count=len({line.step for line in failed}),
                all=len({line.step for line in lines}),
                first=next(x.said for x in failed if x.has_failed).rstrip(".") + ".",
            )
        )
