"""Excel workbooks, written row by row: memory stays small whatever their length.

Every text is stored as a text: Excel makes neither a formula nor a number of it, so
that +34600111222 looks as it is. A sheet that is full is followed by another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from .table import Cell, Column

SHEET_ROWS = 1_048_576  # with the heading
LONGEST_TEXT = 32_767  # UTF-16 units in a cell
DATE_FORM = "yyyy-mm-dd hh:mm:ss"


class XlsxFile:
    """Writes rows to a workbook in a binary file, which stays open."""

    def __init__(
        self,
        out: BinaryIO,
        columns: Sequence[Column],
        headings: Sequence[str],
        title: str,
        *,
        directory: Path | None = None,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "tmpdir": str(directory) if directory else None,
        }
        self._book = xlsxwriter.Workbook(out, options)
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._date = self._book.add_format({"num_format": DATE_FORM})
        self._columns, self._headings, self._title = columns, headings, title
        self._most = sheet_rows
        self._sheets = 0
        self._begin_sheet()

    def write(self, cells: Sequence[Cell]) -> None:
        """Adds a row."""
        if self._row == self._most:
            self._end_sheet()
            self._begin_sheet()
        sheet, row = self._sheet, self._row
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(row, column, _fitting(cell))
            elif isinstance(cell, datetime):
                sheet.write_datetime(row, column, cell, self._date)
            elif cell is not None:
                sheet.write_number(row, column, cell)
        self._row += 1

    def close(self) -> None:
        """Packs the sheets."""
        self._end_sheet()
        self._book.close()

    def discard(self) -> None:
        """Closes the sheets that were put aside: an open file is on the disk still."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        self._sheet: Any = self._book.add_worksheet(name[:31])
        for number, column in enumerate(self._columns):
            self._sheet.set_column(number, number, column.width)
        self._sheet.freeze_panes(1, 0)
        for number, heading in enumerate(self._headings):
            self._sheet.write_string(0, number, heading, self._bold)
        self._row = 1

    def _end_sheet(self) -> None:
        last = max(self._row - 1, 1)
        self._sheet.autofilter(0, 0, last, len(self._columns) - 1)


def _fitting(text: str) -> str:
    """A text that a cell holds; none that can be sent is longer, but one can be."""
    if len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT:
        return text
    return (
        text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore")
        + "…"
    )
