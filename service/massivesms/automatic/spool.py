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

from ..domain import templates
from ..domain.number_sets import NumberSet
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
    problem: Problem | None
    key: bytes


class Spool:
    """For `with`: rows go in once, and can be gone through again and again."""

    def __init__(
        self, text: str, plan: NumberPlan, key_column: str, hash_of: HashOf
    ) -> None:
        self._text = text
        self._plan = plan
        self._hash_of = hash_of  # nobody finds out by trying whose keys they are
        self._key_column = key_column
        try:
            self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise _no_room(error) from error
        self._loaded = array("Q")  # places of rows that were loaded before
        self._keys = NumberSet()
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
        """Keeps rows with their texts filled. Raises what reading raises."""
        for cells in rows:
            text, problem = self._filled(cells)
            key = self._key(cells)
            if self._key_column and problem is None:
                problem = self._again(key) if cells.key else self._no_key()
            self.count += 1
            told = problem and (problem.code, problem.template, problem.details)
            line = (cells.line, cells.number, text, told, key.hex())
            self._write(json.dumps(line, default=str) + "\n")
        self._write("", is_last=True)

    def _write(self, text: str, *, is_last: bool = False) -> None:
        try:
            self._file.write(text)
            if is_last:
                self._file.flush()
        except OSError as error:
            raise _no_room(error) from error

    def _filled(self, cells: Cells) -> tuple[str | None, Problem | None]:
        if not self._text or not templates.places(self._text):
            return cells.text, None
        filled = templates.fill(self._text, {**cells.values, "number": cells.number})
        return (None, filled) if isinstance(filled, Problem) else (filled, None)

    def _key(self, cells: Cells) -> bytes:
        if self._key_column:
            own = f"source 1:{cells.key}"
        else:
            number = read_number(cells.number, self._plan)
            own = cells.number if isinstance(number, Problem) else number.e164
            own = f"source 0:{own}"
        return self._hash_of(own)[:16]

    def _again(self, key: bytes) -> Problem | None:
        number = int.from_bytes(key[:8]) or 1
        if number in self._keys:
            words = N_("An earlier row has the same key: it gets one message.")
            return Problem("duplicate", words)
        self._keys.add(number)
        return None

    def _no_key(self) -> Problem:
        words = N_("This row has nothing in %(name)s, by which rows are told apart.")
        return Problem("key_missing", words, name=self._key_column)

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
            yield Row(row.line, row.number, row.text, problem)

    def _all(self) -> Iterator[Spooled]:
        self._file.seek(0)
        for line in self._file:
            place, number, text, told, key = json.loads(line)
            problem = None
            if told:
                details = tuple((name, value) for name, value in told[2])
                problem = Problem(told[0], told[1], details)
            yield Spooled(place, number, text, problem, bytes.fromhex(key))


def _no_room(error: OSError) -> SourceFailed:
    """A full disk is no fault of the other side, and is not said to be one."""
    return failed("source_room", detail=error.strerror or error)
