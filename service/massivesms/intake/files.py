"""Uploaded CSV files: a stream of rows, or one clear refusal of the whole file.

This room puts decoding, records and shape together. It never cuts and never
judges a number: each row of the file that is not blank becomes a Row, and what
is wrong with a row is said in its verdict (domain.recipients).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from massivesms.domain.recipients import Row
from massivesms.domain.words import N_, Problem, problem_from
from massivesms.intake.bad_rows import without_apostrophe, write_bad_rows
from massivesms.intake.decoding import ByteSource, decode_lines, detect_encoding
from massivesms.intake.records import Record, read_records
from massivesms.intake.shape import SEPARATOR_LINE, FileShape, find_shape

__all__ = ["LIMIT_BYTES", "FileShape", "describe", "read_rows", "write_bad_rows"]

LIMIT_BYTES = 50 * 1024 * 1024
"""The largest file; a million rows of numbers with messages fit."""

PROBLEMS = {
    "extra_cells": N_(
        "This row has %(cells)s cells instead of %(columns)s: put its message in "
        "quotes."
    ),
}


def describe(
    source: str | Path | BinaryIO, limit_bytes: int = LIMIT_BYTES
) -> FileShape:
    """Return how `source` would be read, for a preview.

    A binary file that can seek is left where it was. ImportRefused as read_rows.
    """
    with _opened(source) as file:
        here = file.tell() if file.seekable() else None
        shape = _shape_of(ByteSource(file, limit_bytes))
        if here is not None:
            file.seek(here)
    return shape


def read_rows(
    source: str | Path | BinaryIO, limit_bytes: int = LIMIT_BYTES
) -> Iterator[Row]:
    """Yield the rows of a CSV file; blank ones and the header are left out.

    `source` is a path or a file opened in binary mode, read from where it stands
    and left open. Lines count from 1, as in an editor. A header that names its
    columns decides which one holds the numbers and which one, if any, messages;
    otherwise the column with the numbers and the next one that is filled.

    ImportRefused refuses the whole file, so what was taken from it must be undone;
    the first row already raises file_empty, file_workbook, file_binary,
    file_no_numbers and, where the size is known, file_too_large; later ones
    file_too_large and file_line_too_long.
    """
    for shape, record in read_cells(source, limit_bytes):
        yield _row(record, shape)


def read_cells(
    source: str | Path | BinaryIO,
    limit_bytes: int = LIMIT_BYTES,
    *,
    with_header: bool = False,
) -> Iterator[tuple[FileShape, Record]]:
    """As read_rows, for files of other columns: the shape with each row's cells."""
    with _opened(source) as file:
        bytes_ = ByteSource(file, limit_bytes)
        shape = _shape_of(bytes_)
        lines = decode_lines(bytes_.blocks(), shape.encoding)
        is_header_due = shape.has_header and not with_header
        for record in read_records(lines, shape.separator):
            if not any(map(str.strip, record.cells)):
                continue
            if record.line == 1 and _is_separator_line(record, shape):
                continue
            if is_header_due:
                is_header_due = False
                continue
            yield shape, record


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


def _is_separator_line(record: Record, shape: FileShape) -> bool:
    line = shape.separator.join(record.cells).strip()
    return SEPARATOR_LINE.fullmatch(line) is not None


def _row(record: Record, shape: FileShape) -> Row:
    cells = record.cells
    number = cells[shape.number_column] if shape.number_column < len(cells) else ""
    place = shape.text_column
    if place is None or place >= len(cells):
        return Row(record.line, number.strip())
    text, problem = cells[place], None
    if len(cells) > shape.columns and any(cells[shape.columns :]):
        if shape.joins_text:
            text = shape.separator.join(cells[place:])
        else:
            problem = _extra_cells(cells, shape)
    text = without_apostrophe(text.strip(" "))
    return Row(record.line, number.strip(), text or None, problem)


def _extra_cells(cells: list[str], shape: FileShape) -> Problem:
    return problem_from(
        PROBLEMS, "extra_cells", cells=len(cells), columns=shape.columns
    )
