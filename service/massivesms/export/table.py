"""What an export is made of: columns, rows of plain values, a file of some format.

A row's values decide how they are shown: texts stay texts (+34... too),
whole numbers are numbers, moments are dates on the reader's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

Cell = str | int | datetime | None  # a moment without a zone: the reader's clock
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, to be translated, and its width in characters."""

    heading: str
    width: int = 14


class Writer(Protocol):
    """A file that is being written, row by row; memory stays small."""

    def write(self, cells: Sequence[Cell]) -> None:
        """Adds a row. Raises ExportFailed when it cannot be written."""

    def close(self) -> None:
        """Writes what is left; the file itself stays open."""

    def discard(self) -> None:
        """Lets go of what was put aside; the last that is called, always."""
