"""All rows of one reading on disk, before anything of them is stored or shown.

So the other side may be slow without holding a transaction of ours, and a reading that
fails half-way leaves nothing; memory stays flat for a million rows.
"""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Self

from ..domain import kept_problems
from ..domain.numbers import NumberPlan, read_number
from ..domain.recipients import Row
from ..domain.words import N_, Problem
from ..sources.found import SourceFailed, failed
from ..sources.reading import Cells
from ..store.db import HashOf

BATCH = 1000
Known = Callable[[Sequence[bytes]], set[bytes]]


@dataclass(frozen=True, slots=True)
class Spooled:
    """One row as it is used; `key` knows it again on another run for that day."""

    line: int
    number: str
    text: str | None
    values: dict[str, str]
    problem: Problem | None
    key: bytes


class Spool:
    """For `with`: rows go in once, and can be gone through again and again."""

    def __init__(self, plan: NumberPlan, key_column: str, hash_of: HashOf) -> None:
        self._plan = plan
        self._hash_of = hash_of  # nobody finds out by trying whose keys they are
        self._key_column = key_column
        try:
            self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise _no_room(error) from error
        self._loaded = array("Q")  # places of rows that were loaded before
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # what was not written yet needs room still
            self._file.close()

    def take(self, rows: Iterable[Cells]) -> None:
        """Keeps rows. Raises what reading raises."""
        for cells in rows:
            self.count += 1
            problem = self._problem(cells)
            told = problem and kept_problems.stored(problem)
            key = self._key(cells).hex()
            line = (cells.line, cells.number, cells.text, cells.values, told, key)
            self._write(json.dumps(line) + "\n")
        self._write("", is_last=True)

    def _write(self, text: str, *, is_last: bool = False) -> None:
        try:
            self._file.write(text)
            if is_last:
                self._file.flush()
        except OSError as error:
            raise _no_room(error) from error

    def _problem(self, cells: Cells) -> Problem | None:
        if cells.problem or cells.key or not self._key_column:
            return cells.problem
        words = N_("This row has nothing in %(name)s, by which rows are told apart.")
        return Problem("key_missing", words, name=self._key_column)

    def _key(self, cells: Cells) -> bytes:
        if self._key_column:
            own = f"source 1:{cells.key}"
        else:
            number = read_number(cells.number, self._plan)
            own = cells.number if isinstance(number, Problem) else number.e164
            own = f"source 0:{own}"
        return self._hash_of(own)[:16]

    @property
    def known(self) -> int:
        """How many of its rows were loaded before."""
        return len(self._loaded)

    def mark_known(self, known: Known) -> None:
        """Marks the rows that were loaded before."""
        for batch in self.batches():
            found = known([row.key for row in batch])
            self._loaded.extend(row.line for row in batch if row.key in found)

    def batches(self) -> Iterator[list[Spooled]]:
        """All rows, some at a time."""
        rows = self._all()
        while batch := list(islice(rows, BATCH)):
            yield batch

    def rows(self) -> Iterator[Row]:
        """The rows for a load, each with what is wrong with it already."""
        loaded = iter(self._loaded)
        following = next(loaded, 0)
        words = N_("This row was loaded for this date before: no second message.")
        for row in self._all():
            problem = row.problem
            if row.line == following:
                problem, following = Problem("duplicate", words), next(loaded, 0)
            key = int.from_bytes(row.key[:8]) or 1 if self._key_column else 0
            yield Row(row.line, row.number, row.text, problem, row.values or None, key)

    def _all(self) -> Iterator[Spooled]:
        self._file.seek(0)
        for kept in self._file:
            line, number, text, values, told, key = json.loads(kept)
            problem = kept_problems.read(told) if told else None
            yield Spooled(line, number, text, values, problem, bytes.fromhex(key))


def _no_room(error: OSError) -> SourceFailed:
    """A full disk is no fault of the other side, and is not said to be one."""
    return failed("source_room", detail=error.strerror or error)
