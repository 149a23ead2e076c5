"""Where a command's numbers come from: a file, or the PBX's call records."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from ..domain.calls import Outcome, Query, read_dids, read_seconds
from ..domain.numbers import NumberPlan
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..intake import calls, load_sources
from ..intake.same_file import loaded_today
from .context import Context, refuse

Command = TypeVar("Command", bound=Callable[..., Any])

TO_LOAD_AGAIN = N_("%(what)s To load it all the same, add --again.")
DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"])

file_options = (
    click.option(
        "--sheet",
        default="",
        metavar="NAME",
        help="This sheet of a workbook; otherwise the first with numbers.",
    ),
    click.option(
        "--again", is_flag=True, help="Also a file that was loaded today already."
    ),
)
source_options = (
    click.option(
        "--csv", "csv", type=click.Path(path_type=Path), help="CSV, xlsx, xls, ods."
    ),
    *file_options,
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
    return _with(source_options, function)


def with_file(function: Command) -> Command:
    """Adds the options of a file: which sheet of it, and whether it may come again."""
    return _with(file_options, function)


def _with(options: Sequence[Callable[[Command], Command]], to: Command) -> Command:
    for option in reversed(options):
        to = option(to)
    return to


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
        for name in ("sheet", "again"):
            if chosen["cdr"] and chosen[name]:
                raise click.UsageError(f"--{name} goes with --csv only.")
        self._sheet, self._is_again = chosen["sheet"], chosen["again"]
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
            source = load_sources.file_source(self._file, self._csv.name, self._sheet)
            refuse_again(self._context, source.digest, self._is_again)
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


def refuse_again(context: Context, digest: bytes | None, is_again: bool) -> None:
    """Refuses a file that was loaded today already, unless it is meant so."""
    if is_again:
        return
    zone = context.settings.time_zone
    found = loaded_today(context.db, digest, zone, datetime.now(UTC))
    if found:
        raise refuse(Problem(found.code, TO_LOAD_AGAIN, what=found))


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
