"""Exports in the background: from a filter to a file that waits to be fetched.

Each kind of rows registers under a name in SOURCES: its columns, and its rows by the
filter that the job was given. A file is there only when all of it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ..background import Job, Stopped
from ..config import Config
from ..domain import message_filters
from ..domain import settings as product_settings
from ..domain.settings import Settings
from ..errors import ExportFailed
from ..languages import catalogue
from ..store import export_jobs, messages, settings, trunks
from ..store.db import Database
from ..store.messages import Filter
from . import files
from . import messages as message_cells
from .formats import FORMATS, begin
from .table import Cell, Column, Translate

PARTS = 10_000  # of progress
Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Some:
    """Some rows, and how far that is of all of them (0 to 1)."""

    rows: list[list[Cell]]
    share: float


Rows = Callable[[Database, Values, Settings, Translate], Iterator[Some]]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of rows that can be exported."""

    title: str
    columns: Sequence[Column]
    rows: Rows


def message_rows(
    db: Database, values: Values, product: Settings, translate: Translate
) -> Iterator[Some]:
    """The messages of a filter by the names of its address."""
    plan, zone = product.number_plan, product.time_zone
    wanted, problems = message_filters.read(values, plan, zone)
    for problem in problems.values():
        raise ExportFailed(problem)
    yield from rows_of(db, wanted, product, translate)


def rows_of(
    db: Database, wanted: Filter, product: Settings, translate: Translate
) -> Iterator[Some]:
    """The messages of a filter."""
    with db.transaction() as tx:
        names = trunks.names(tx)
    cells = message_cells.Cells(names, product.time_zone, translate)
    for batch in messages.every(db, wanted):
        yield Some([cells(row) for row in batch.rows], batch.share)


#: What can be exported, by the name that a job has for it.
SOURCES: Mapping[str, Source] = {
    "messages": Source(message_cells.TITLE, message_cells.COLUMNS, message_rows),
}


def carry_out(job: Job, config: Config) -> None:
    """Writes the file of a job. Raises Stopped, and ExportFailed with the reason."""
    params = job.params
    source, format_name = SOURCES[params["source"]], params["format"]
    translate = catalogue(params["language"]).gettext
    exports = config.exports_dir
    with job.db.transaction() as tx:
        product = product_settings.read(settings.load(tx))
    with files.draft(exports, job.id) as draft, ExitStack() as stack:
        writer = begin(
            format_name,
            draft.file,
            source.columns,
            source.title,
            translate,
            draft.directory,
        )
        stack.callback(writer.discard)
        for some in source.rows(job.db, params["filter"], product, translate):
            for row in some.rows:
                writer.write(row)
            job.progress.found += len(some.rows)
            job.watch(int(PARTS * some.share), PARTS)
        writer.close()
        job.check()
        name, size = draft.keep(exports, job.id, FORMATS[format_name].ending)
        if not _finish(job, name, size):
            draft.drop()
            raise Stopped


def _finish(job: Job, name: str, size: int) -> bool:
    with job.db.transaction() as tx:
        return export_jobs.finish(
            tx,
            job.row,
            job.owner,
            file=name,
            size=size,
            rows=job.progress.found,
            details=audited(job.params["filter"], job.params["format"]),
        )


def audited(values: Values, format_name: str) -> dict[str, Any]:
    """What the audit is told of an export's filter; numbers are masked there."""
    shown: dict[str, Any] = {"format": format_name}
    for name, given in values.items():
        text = ", ".join(given)
        shown[f"only_{name}"] = _masked(text) if name == "number" else text
    return shown


def _masked(number: str) -> str:
    return number if len(number) < 7 else f"{number[:-6]}•••{number[-3:]}"


def tidy(db: Database, config: Config) -> None:
    """Takes away the files that are a day old, or of jobs that came to nothing."""
    kept = db.atomically(export_jobs.kept)
    files.tidy(config.exports_dir, kept)
