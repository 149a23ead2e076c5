"""Uploaded files, CSV or workbooks: a stream of rows, or one refusal of the whole.

This room puts decoding, records and shape together. It never cuts and never
judges a number: each row of the file that is not blank becomes a Row, and what
is wrong with a row is said in its verdict (domain.recipients).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from massivesms.domain.recipients import Row
from massivesms.domain.words import N_, Problem, problem_from
from massivesms.errors import ImportRefused
from massivesms.intake.bad_rows import without_apostrophe, write_bad_rows
from massivesms.intake.book_limits import PROBLEMS as BOOK_PROBLEMS
from massivesms.intake.books import Workbook, is_separator_line, is_workbook
from massivesms.intake.columns import Fields, Mended
from massivesms.intake.decoding import (
    LIMIT_BYTES,
    ByteSource,
    decode_lines,
    detect_encoding,
)
from massivesms.intake.records import Record, read_records
from massivesms.intake.shape import FileShape, find_shape

__all__ = [
    "LIMIT_BYTES",
    "FileShape",
    "describe",
    "extra_cells",
    "read_rows",
    "write_bad_rows",
]

PROBLEMS = {
    "extra_cells": N_(
        "This row has %(cells)s cells instead of %(columns)s: put its message in "
        "quotes."
    ),
}


def describe(
    source: str | Path | BinaryIO, limit_bytes: int = LIMIT_BYTES, sheet: str = ""
) -> FileShape:
    """Return how `source` would be read, for a preview; of a workbook a `sheet`.

    A binary file that can seek is left where it was. ImportRefused as read_rows.
    """
    with _opened(source) as file:
        here = file.tell() if file.seekable() else None
        bytes_ = ByteSource(file, limit_bytes)
        if is_workbook(bytes_.sample):
            with Workbook(bytes_) as book:
                shape, _ = book.numbers(sheet)
        else:
            _refuse_sheet(sheet)
            shape = _shape_of(bytes_)
        if here is not None:
            file.seek(here)
    return shape


def read_rows(
    source: str | Path | BinaryIO,
    limit_bytes: int = LIMIT_BYTES,
    notes: list[Problem] | None = None,
    sheet: str = "",
) -> Iterator[Row]:
    """Yield the rows of a file; blank ones and the header are left out.

    `source` is a path or a file opened in binary mode, read from where it stands
    and left open. Lines count from 1, as in an editor. A header that names its
    columns decides which one holds the numbers and which one, if any, messages;
    otherwise the column with the numbers and the next one that is filled. The other
    columns that have a title are the fields of a row. Of a workbook the named
    `sheet` is read, otherwise the first visible one with numbers. What a person should
    know of the whole file is added to `notes`, the last of it after the last row.

    ImportRefused refuses the whole file, so what was taken from it must be undone;
    the first row already raises file_empty, file_binary, file_no_numbers, the codes
    of book_limits and, where the size is known, file_too_large; later ones
    file_too_large and file_line_too_long.
    """
    said: list[Problem] = [] if notes is None else notes
    fields: Fields | None = None
    mended = Mended()
    for shape, record in read_cells(source, limit_bytes, said, sheet):
        if fields is None:
            fields = Fields(shape)
            said += fields.notes
        row = _row(record, shape, fields)
        mended.look(row.raw_number)
        yield row
    said += mended.notes


def read_cells(
    source: str | Path | BinaryIO,
    limit_bytes: int = LIMIT_BYTES,
    notes: list[Problem] | None = None,
    sheet: str = "",
) -> Iterator[tuple[FileShape, Record]]:
    """As read_rows, for files of other columns: the shape with each row's cells."""
    with _opened(source) as file:
        bytes_ = ByteSource(file, limit_bytes)
        if is_workbook(bytes_.sample):
            yield from _sheet_cells(bytes_, notes, sheet)
            return
        _refuse_sheet(sheet)
        shape = _shape_of(bytes_)
        lines = decode_lines(bytes_.blocks(), shape.encoding)
        is_header_due = shape.has_header
        for record in read_records(lines, shape.separator):
            if not any(map(str.strip, record.cells)):
                continue
            if record.line == 1 and is_separator_line(record, shape.separator):
                continue
            if is_header_due:
                is_header_due = False
                continue
            yield shape, record


def _sheet_cells(
    source: ByteSource, notes: list[Problem] | None, sheet: str
) -> Iterator[tuple[FileShape, Record]]:
    with Workbook(source) as book:
        shape, records = book.numbers(sheet)
        if notes is not None:
            notes += book.notes
        if shape.has_header:
            next(records, None)
        for record in records:
            yield shape, record


def _refuse_sheet(sheet: str) -> None:
    """A text file has none."""
    if sheet:
        raise ImportRefused(problem_from(BOOK_PROBLEMS, "file_no_sheets"))


@contextmanager
def _opened(source: str | Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, str | Path):
        with open(source, "rb") as file:
            yield file
    else:
        yield source


def _shape_of(source: ByteSource) -> FileShape:
    encoding = detect_encoding(source.sample)
    lines = list(decode_lines([source.sample], encoding))
    if not source.is_whole and len(lines) > 1:
        lines.pop()  # the block ends within it
    return find_shape(lines, encoding)


def _row(record: Record, shape: FileShape, fields: Fields) -> Row:
    cells = record.cells
    of_row, wrong = fields.of(cells) if fields.places else (None, None)
    number = cells[shape.number_column] if shape.number_column < len(cells) else ""
    place = shape.text_column
    if place is None or place >= len(cells):
        return Row(record.line, number.strip(), None, wrong, of_row)
    text, problem = cells[place], wrong
    if len(cells) > shape.columns and any(cells[shape.columns :]):
        if shape.joins_text:
            text = shape.separator.join(cells[place:])
        else:
            problem = extra_cells(cells, shape.columns) or wrong
    text = without_apostrophe(text.strip(" "))
    return Row(record.line, number.strip(), text or None, problem, of_row)


def extra_cells(cells: Sequence[str], columns: int) -> Problem | None:
    """That a row has more cells than there are columns, so that its message is cut.

    None where those are blank, as after a separator at the end.
    """
    if len(cells) <= columns or not any(map(str.strip, cells[columns:])):
        return None
    return problem_from(PROBLEMS, "extra_cells", cells=len(cells), columns=columns)
