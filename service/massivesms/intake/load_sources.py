"""Where the rows of a load come from, and what is known before they are read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import BinaryIO

from ..domain.number_sets import NumberSet
from ..domain.recipients import Row, Seen
from ..domain.words import Problem
from .columns import Fields
from .files import describe, read_rows

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: `kind` is file, call_records or automatic."""

    kind: str
    rows: Iterable[Row]
    name: str = ""
    digest: bytes | None = None  # of a file: the same again is known by it
    is_huge: bool = False  # as call records may be: less memory rather than speed
    notes: list[Problem] = field(default_factory=list)  # whole once rows are read
    known: Callable[[], Collection[str]] | None = None  # its fields, before it is read

    @property
    def seen(self) -> Seen:
        """What keeps its numbers while it is loaded."""
        return NumberSet() if self.is_huge else set()


def file_source(file: BinaryIO, name: str, sheet: str = "") -> Source:
    """The rows of an uploaded file, CSV or (a sheet of) a workbook."""
    notes: list[Problem] = []
    rows = read_rows(file, notes=notes, sheet=sheet)
    if not file.seekable():
        return Source("file", rows, name, notes=notes)
    return Source(
        "file",
        rows,
        name,
        digest=digest_of(file),
        notes=notes,
        known=lambda: fields_of(file, sheet),
    )


def fields_of(file: BinaryIO, sheet: str = "") -> list[str]:
    """The names of an uploaded file's fields; it is left where it was."""
    return [name for _, name in Fields(describe(file, sheet=sheet)).places]


def digest_of(file: BinaryIO) -> bytes | None:
    """What a file is known by if it comes again; None when it can be read only once."""
    if not file.seekable():
        return None
    here, digest = file.tell(), blake2b(digest_size=16)
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
    file.seek(here)
    return digest.digest()
