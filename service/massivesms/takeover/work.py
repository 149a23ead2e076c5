"""What every part of a takeover needs: the source's snapshot, our database, the report.

Reads values of the source as text; writes only through `write`, which a dry run
leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from ..domain.numbers import Number, NumberPlan
from ..domain.original import folded, free_name, read_text
from ..domain.words import Problem
from ..store import erased, original, taken_over
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.original import Extent, Shape, SourceRow
from ..store.taken_over import Taken
from ..vault import Vault
from .report import Report

T = TypeVar("T")
BATCH = 2000
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Work:
    """One takeover under way."""

    source: Transaction
    shape: Shape
    db: Database
    vault: Vault
    scripts_dir: Path
    their_scripts: Path
    actor: Actor
    report: Report
    zone: ZoneInfo
    plan: NumberPlan
    progress: Progress
    #: id there -> id here, of trunks; those that are gone are absent.
    trunks: dict[int, int] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """The source's name: part of every key, and of names that are taken."""
        return self.report.database

    def write(self, do: Callable[[Transaction], T], otherwise: T) -> T:
        """Runs `do` in a transaction of its own; a dry run gives `otherwise`."""
        return otherwise if self.report.dry_run else self.db.atomically(do)

    def key(self, source_id: object) -> str:
        """How taken_over calls one thing of the source."""
        return f"{self.database}:{source_id}"

    def known(self, kind: str) -> dict[str, Taken]:
        """id there -> what earlier takeovers made of it."""
        with self.db.transaction() as tx:
            return taken_over.of_source(tx, kind, self.database)

    def standing(self, kind: str) -> dict[int, bool]:
        """What there is here now: id -> whether it is at rest."""
        with self.db.transaction() as tx:
            return taken_over.standing(tx, kind)

    def free_name(self, kind: str, name: str, limit: int) -> str:
        """A name that is free here; it is taken from then on."""
        if kind not in self._names:
            with self.db.transaction() as tx:
                stored = taken_over.names(tx, kind)
            self._names[kind] = {folded(one) for one in stored}
        found = free_name(name, self.database, self._names[kind], limit)
        self._names[kind].add(folded(found))
        return found

    def batches(
        self, table: str, owner: int, extent: Extent, name: str
    ) -> Iterator[tuple[list[SourceRow], int]]:
        """The numbers of a list or campaign (`owner`), each time with their last id."""
        after, done = extent.first_id - 1, 0
        bounds = {"last": extent.last_id, "limit": BATCH}
        while rows := original.page(
            self.source, table, self.shape, owner, after=after, **bounds
        ):
            after, done = number(rows[-1], "id"), done + len(rows)
            yield rows, after
            self.progress(name, done, extent.rows)

    def erased_among(self, read: Iterable[Number | Problem]) -> set[str]:
        """Those of some numbers that were erased here on request."""
        numbers = [one.e164 for one in read if isinstance(one, Number)]
        with self.db.transaction() as tx:
            return erased.among(tx, numbers)

    def text(self, table: str, row: SourceRow, column: str) -> str:
        """A column as a text; "" when it is NULL or missing."""
        raw = row[column]
        if not raw:
            return ""
        read = read_text(raw, self.shape[table].get(column, ""))
        self.report.mended += read.mended
        return read.text


def number(row: SourceRow, column: str, otherwise: int = 0) -> int:
    """A column as a whole number; `otherwise` when it is NULL, missing or none."""
    raw = row[column]
    try:
        return int(raw) if raw else otherwise
    except ValueError:
        return otherwise


def plain(row: SourceRow, column: str) -> str:
    """A column that holds digits, letters or a time; "" when there is none."""
    return (row[column] or b"").decode("ascii", "replace").strip()
