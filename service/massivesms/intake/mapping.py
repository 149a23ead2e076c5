"""From the columns of a table to the rows of a load: which column is what.

Owns the guess, what may be chosen instead, and how chosen columns become Rows. A
mapping is column (from 0) -> "number", "message" or a field of domain.contact_fields;
a column that is not in it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..domain import contact_fields, contact_use
from ..domain.recipients import Row
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from .bad_rows import without_apostrophe
from .books import Book, open_book
from .columns import Mended, said_columns
from .files import extra_cells
from .records import Record
from .shape import SAMPLE_LINES, FileShape

NUMBER, MESSAGE = contact_fields.NUMBER, "message"
MOST_FIELDS = contact_fields.MOST_FIELDS
SHOWN_ROWS = 10
MOST_COLUMNS = 100
Mapped = Mapping[int, str]

_EMAIL = re.compile(r"\s*[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}\s*")


@dataclass(frozen=True, slots=True)
class Look:
    """How a table begins: its titles ('' where there are none), and some rows.

    `shape` is None where no column seems to hold numbers.
    """

    shape: FileShape | None
    has_header: bool
    titles: tuple[str, ...]
    first: tuple[Record, ...]
    guess: Mapped

    @property
    def names(self) -> list[str]:
        """The field that each column's title names; '' for none."""
        return contact_fields.names_of(self.titles)


def look(path: Path, sheet: str) -> Look:
    """The first rows of a sheet, and what its columns seem to be.

    Raises ImportRefused when it cannot be read, or has no row at all.
    """
    with open_book(path) as book:
        shape = _shape(book, sheet)
        records = list(islice(_records(book, sheet, shape), SAMPLE_LINES))
    if not any(map(_says_something, records)):
        raise ImportRefused(
            Problem("sheet_empty", N_("There is nothing in it: choose another one."))
        )
    cells = [record.cells for record in records]
    has_header = shape.has_header if shape else len(cells) > 1
    body = records[1:] if has_header else records
    width = min(max(map(len, cells)), MOST_COLUMNS)
    named = [cell.strip() for cell in cells[0]] if has_header else []
    titles = tuple((named + [""] * width)[:width])
    guess = _guess(titles, [r.cells for r in body], shape)
    return Look(shape, has_header, titles, tuple(body[:SHOWN_ROWS]), guess)


def _says_something(record: Record) -> bool:
    return any(letter.isalnum() for cell in record.cells for letter in cell)


def _shape(book: Book, sheet: str) -> FileShape | None:
    """How a sheet seems to be meant; None without numbers: the person may know."""
    try:
        return book.shape(sheet)
    except ImportRefused as error:
        if error.problem.code != "file_no_numbers":
            raise
        return None


def _records(book: Book, sheet: str, shape: FileShape | None) -> Iterator[Record]:
    """A sheet's rows without titles above; a message cut at its commas is whole."""
    for record in book.rows(sheet):
        if shape and record.line < shape.first_line:
            continue
        yield Record(record.line, shape.whole(record.cells)) if shape else record


def _guess(
    titles: tuple[str, ...],
    body: list[list[str]],
    shape: FileShape | None,
) -> dict[int, str]:
    """By the header in either language; the rest by what stands in it."""
    number = shape.number_column if shape else None
    text = shape.text_column if shape else None
    names = contact_fields.names_of(titles)
    found: dict[int, str] = {}
    left_out = said_columns(titles)
    for column, name in enumerate(names):
        if column in left_out:
            continue
        if column == number:
            found[column] = NUMBER
        elif column == text:
            found[column] = MESSAGE
        elif name == "" and "email" not in names and _is_email(body, column):
            found[column] = "email"
        elif name in contact_use.NAMES or (
            name and name != MESSAGE and len(_counted(found)) < MOST_FIELDS
        ):
            found[column] = name
    return found


def _counted(mapping: Mapped) -> set[str]:
    """Those of the chosen columns of which a contact has only so many."""
    return {*mapping.values()} - {NUMBER, MESSAGE, *contact_use.NAMES}


def _is_email(body: list[list[str]], column: int) -> bool:
    filled = [row[column] for row in body if len(row) > column and row[column].strip()]
    hits = sum(_EMAIL.fullmatch(cell) is not None for cell in filled)
    return bool(filled) and hits * 2 > len(filled)


def fields_of(mapping: Mapped) -> list[str]:
    """What a text may have places for: the fields, and the number."""
    return [name for name in mapping.values() if name != MESSAGE]


def check(mapping: Mapped) -> dict[int | None, Problem]:
    """What is wrong with a choice, by column; None for what is of no column."""
    problems: dict[int | None, Problem] = {}
    seen: set[str] = set()
    for column, name in sorted(mapping.items()):
        if name in seen:
            problems[column] = Problem(
                "column_twice",
                N_("Another column is that already: leave one of them out."),
            )
        seen.add(name)
    if NUMBER not in seen:
        problems[None] = Problem(
            "number_column_missing", N_("Choose the column that holds the numbers.")
        )
    if len(_counted(mapping)) > MOST_FIELDS:
        problems[None] = Problem(
            "too_many_columns",
            N_("A contact has at most %(most)s fields: leave some columns out."),
            most=MOST_FIELDS,
        )
    return problems


def rows(
    path: Path, sheet: str, mapping: Mapped, notes: list[Problem]
) -> Iterator[Row]:
    """The rows of a sheet by a mapping; the header and blank rows are left out.

    What a person should know of the whole is added to `notes` after the last row.
    Raises ImportRefused when it cannot be read (any more).
    """
    begun = look(path, sheet)
    places = {name: column for column, name in mapping.items()}
    fields = {n: c for n, c in places.items() if n not in (NUMBER, MESSAGE)}
    number, text = places[NUMBER], places.get(MESSAGE)
    width = len(begun.titles)
    if begun.has_header:
        width = max((c for c, t in enumerate(begun.titles) if t), default=width) + 1
    mended = Mended()
    with open_book(path) as book:
        records = _records(book, sheet, begun.shape)
        if begun.has_header:
            next(records, None)
        for record in records:
            row = _row(record, number, text, fields, width)
            mended.look(row.raw_number)
            yield row
        notes += book.notes + mended.notes


def _row(
    record: Record,
    number: int,
    text: int | None,
    fields: Mapping[str, int],
    width: int,
) -> Row:
    cells = record.cells
    raw = _cell(cells, number).strip()
    message = None
    problem = None
    if text is not None:
        message = without_apostrophe(_cell(cells, text).strip(" ")) or None
        problem = extra_cells(cells, width)
    values = {
        name: value
        for name, column in fields.items()
        if (value := without_apostrophe(_cell(cells, column).strip()))
    }
    problem = problem or contact_use.check(values)
    return Row(record.line, raw, message, problem, values or None)


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""
