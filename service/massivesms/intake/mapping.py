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

from ..domain import contact_fields
from ..domain.recipients import Row
from ..domain.words import N_, Problem, problem_from
from ..errors import ImportRefused
from .bad_rows import without_apostrophe
from .files import PROBLEMS as FILE_PROBLEMS
from .records import Record
from .shape import SAMPLE_LINES, shape_of_rows
from .staged_books import open_book

NUMBER, MESSAGE = contact_fields.NUMBER, "message"
SHOWN_ROWS = 10
MOST_COLUMNS = 100
Mapped = Mapping[int, str]

_EMAIL = re.compile(r"\s*[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}\s*")


@dataclass(frozen=True, slots=True)
class Look:
    """How a table begins: its titles ('' where there are none), and some rows."""

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
    records = list(islice(_filled(path, sheet), SAMPLE_LINES))
    if not records:
        raise ImportRefused(
            Problem("sheet_empty", N_("There is nothing in it: choose another one."))
        )
    cells = [record.cells for record in records]
    try:
        shape = shape_of_rows(cells)
    except ImportRefused:  # the person may know better
        has_header, number, text = len(cells) > 1, None, None
    else:
        has_header = shape.has_header
        number, text = shape.number_column, shape.text_column
    body = records[1:] if has_header else records
    width = min(max(map(len, cells)), MOST_COLUMNS)
    named = [cell.strip() for cell in cells[0]] if has_header else []
    titles = tuple((named + [""] * width)[:width])
    guess = _guess(titles, [r.cells for r in body], number, text)
    return Look(has_header, titles, tuple(body[:SHOWN_ROWS]), guess)


def _guess(
    titles: tuple[str, ...],
    body: list[list[str]],
    number: int | None,
    text: int | None,
) -> dict[int, str]:
    """By the header in either language; the rest by what stands in it."""
    names = contact_fields.names_of(titles)
    found: dict[int, str] = {}
    for column, name in enumerate(names):
        if column == number:
            found[column] = NUMBER
        elif column == text:
            found[column] = MESSAGE
        elif name == "" and "email" not in names and _is_email(body, column):
            found[column] = "email"
        elif name and name != MESSAGE and len(found) < contact_fields.MOST_FIELDS:
            found[column] = name
    return found


def _is_email(body: list[list[str]], column: int) -> bool:
    filled = [row[column] for row in body if len(row) > column and row[column].strip()]
    hits = sum(_EMAIL.fullmatch(cell) is not None for cell in filled)
    return bool(filled) and hits * 2 > len(filled)


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
    if len(seen - {NUMBER, MESSAGE}) > contact_fields.MOST_FIELDS:
        problems[None] = Problem(
            "too_many_columns",
            N_("A contact has at most %(most)s fields: leave some columns out."),
            most=contact_fields.MOST_FIELDS,
        )
    return problems


def rows(path: Path, sheet: str, mapping: Mapped) -> Iterator[Row]:
    """The rows of a sheet by a mapping; the header and blank rows are left out.

    Raises ImportRefused when it cannot be read (any more).
    """
    begun = look(path, sheet)
    records = _filled(path, sheet)
    if begun.has_header:
        next(records, None)
    places = {name: column for column, name in mapping.items()}
    fields = {n: c for n, c in places.items() if n not in (NUMBER, MESSAGE)}
    number, text = places[NUMBER], places.get(MESSAGE)
    width = len(begun.titles)
    if begun.has_header:
        width = max((c for c, t in enumerate(begun.titles) if t), default=width) + 1
    for record in records:
        yield _row(record, number, text, fields, width)


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
        if len(cells) > width and any(cells[width:]):
            said = {"cells": len(cells), "columns": width}
            problem = problem_from(FILE_PROBLEMS, "extra_cells", **said)
    values = {
        name: value
        for name, column in fields.items()
        if (value := without_apostrophe(_cell(cells, column).strip()))
    }
    problem = problem or contact_fields.check(values)
    return Row(record.line, raw, message, problem, values or None)


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _filled(path: Path, sheet: str) -> Iterator[Record]:
    with open_book(path) as book:
        for record in book.rows(sheet):
            if any(map(str.strip, record.cells)):
                yield record
