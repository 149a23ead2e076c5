"""CSV files for spreadsheets: UTF-8 with its mark, no cell of them a formula.

Which separator a spreadsheet expects depends on its language: Excel in Spanish takes
semicolons, in English commas.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from ..intake.bad_rows import inert
from .table import Cell


class CsvFile:
    """Writes rows as RFC 4180 to a binary file, which stays open."""

    def __init__(
        self, out: BinaryIO, headings: Sequence[str], separator: str = ","
    ) -> None:
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text, delimiter=separator)
        self._writer.writerow(map(_written, headings))

    def write(self, cells: Sequence[Cell]) -> None:
        """Adds a row."""
        self._writer.writerow([_written(cell) for cell in cells])

    def close(self) -> None:
        """Writes what is left."""
        self._text.flush()
        self._text.detach()

    def discard(self) -> None:
        """Nothing was put aside."""


def _written(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return inert(cell) if isinstance(cell, str) else cell
