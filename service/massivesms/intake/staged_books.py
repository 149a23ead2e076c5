"""Staged files as books of sheets, each a stream of records of texts.

The one door through which the import wizard opens a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from .files import read_cells
from .records import Record


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a book; `name` is '' in a file that has only one, as CSV."""

    name: str
    is_hidden: bool = False


class Book(Protocol):
    """What can be opened: its sheets, and the records of each; to be closed."""

    sheets: list[Sheet]

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def rows(self, sheet_name: str) -> Iterator[Record]:
        """The records of a sheet, its header among them; blank ones may be there."""


class _Text:
    """A text file: one sheet without a name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sheets = [Sheet("")]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Each look at its rows opens and closes the file."""

    def rows(self, _sheet_name: str) -> Iterator[Record]:
        for shape, record in read_cells(self._path, with_header=True):
            cells = record.cells
            if shape.joins_text and len(cells) > 2:  # a message cut at its commas
                cells = [cells[0], shape.separator.join(cells[1:])]
            yield Record(record.line, cells)


def open_book(path: Path) -> Book:
    """The book of a file. Raises ImportRefused, here or while it is read."""
    return _Text(path)
