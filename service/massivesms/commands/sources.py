"""Where a command's numbers come from: a file, or the PBX's call records."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from ..domain.calls import Outcome, Query, read_dids, read_seconds
from ..domain.numbers import NumberPlan
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..intake import calls, load_sources
from .context import Context

Command = TypeVar("Command", bound=Callable[..., Any])

DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"])

source_options = (
    click.option(
        "--csv", "csv", type=click.Path(path_type=Path), help="CSV, xlsx, xls, ods."
    ),
    click.option("--cdr", is_flag=True, help="The PBX's call records."),
    click.option("--from", "start", type=DATE, help="Calls from this day on."),
    click.option("--to", "end", type=DATE, help="Calls before this day."),
    click.option("--callees", is_flag=True, help="Who was called, not who called."),
    click.option("--answered", is_flag=True, help="Answered calls only."),
    click.option("--missed", is_flag=True, help="Only calls that nobody answered."),
    click.option("--did", multiple=True, help="Calls to this number of yours."),
    click.option("--min-seconds", default="", help="Calls of at least that length."),
    click.option("--count", is_flag=True, help="Say how many, and save nothing."),
)


def with_source(function: Command) -> Command:
    """Adds the options that say where numbers come from."""
    for option in reversed(source_options):
        function = option(function)
    return function


class CommandSource:
    """The source that the options name; its file is closed at the end."""

    def __init__(self, context: Context, chosen: dict[str, Any]) -> None:
        self._context = context
        self._csv: Path | None = chosen["csv"]
        if bool(self._csv) == bool(chosen["cdr"]):
            raise click.UsageError("Give --csv FILE or --cdr.")
        if chosen["answered"] and chosen["missed"]:
            raise click.UsageError("Give --answered or --missed, not both.")
        for name in ("missed", "did", "min_seconds", "count"):
            if self._csv and chosen[name]:
                option = name.replace("_", "-")
                raise click.UsageError(f"--{option} goes with --cdr only.")
        self._query = _query(chosen)
        self._file: BinaryIO | None = None
        self.notes: list[Problem] = []  # of its file, once that is read

    def __enter__(self) -> CommandSource:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def opened(self) -> load_sources.Source:
        """Its rows. Raises ImportRefused for a file that cannot be read."""
        if self._csv:
            self._file = open_csv(self._csv)
            source = load_sources.file_source(self._file, self._csv.name)
            self.notes = source.notes
            return source
        return calls.source(self._context.config.cdr, self._query, _progress())

    def count(self, plan: NumberPlan) -> None:
        """Says what the call records would give."""
        found = calls.count(self._context.config.cdr, self._query, plan, _progress())
        click.echo(
            f"It would give {found.accepted} numbers; {found.refused} others are no "
            "mobile numbers. Nothing was saved."
        )


def _query(chosen: dict[str, Any]) -> Query:
    outcome = Outcome.ALL
    if chosen["answered"] or chosen["missed"]:
        outcome = Outcome.ANSWERED if chosen["answered"] else Outcome.MISSED
    dids = read_dids(" ".join(chosen["did"]))
    seconds = read_seconds(chosen["min_seconds"])
    for read in (dids, seconds):
        if isinstance(read, Problem):
            raise click.UsageError(str(read))
    start, end = chosen["start"], chosen["end"]
    return Query(
        start if isinstance(start, datetime) else None,
        end if isinstance(end, datetime) else None,
        bool(chosen["callees"]),
        outcome,
        dids if isinstance(dids, tuple) else (),
        seconds if isinstance(seconds, int) else 0,
    )


def _progress() -> Callable[[int, int], None] | None:
    """Shows on a terminal how far the reading is; None when nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        end = "\n" if done == total else ""
        click.echo(f"\rReading the call records: {percent} %{end}", err=True, nl=False)

    return show


def open_csv(path: Path) -> BinaryIO:
    """A file opened for reading. Raises ImportRefused."""
    try:
        return path.open("rb")
    except OSError as error:
        raise ImportRefused(
            Problem(
                "file_unreadable",
                N_("%(file)s cannot be read: %(error)s"),
                file=path,
                error=error.strerror or error,
            )
        ) from error
