"""What a file looks like: its separator, its header, which column is which.

This room owns the guesses, made on the first lines and shown to the person before
anything is loaded. It reads no files and judges no single row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from massivesms.domain.number_text import spell
from massivesms.domain.words import N_, problem_from
from massivesms.errors import ImportRefused
from massivesms.intake.number_cells import (
    LEAST_DIGITS,
    LIKELY_DIGITS,
    digits_of,
    has_digit,
    looks_like_number,
)
from massivesms.intake.records import Record, read_records
from massivesms.intake.titles import columns_named, says_other, until_blank

PROBLEMS = {
    "file_no_numbers": N_(
        "No row of the file has a phone number: put the numbers in one column, "
        "each in a row of its own."
    ),
    "file_too_wide": N_(
        "Row %(line)s has more than %(most)s columns: delete those that are not needed."
    ),
}

MAX_COLUMNS = 1000
"""More are no table of contacts; a sheet may have 16,384."""

TITLE_LINES = 10
"""How far down a sheet its header may begin."""

SAMPLE_LINES = 200
"""Lines that are looked at; guesses do not get better with more."""

SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The first line that tells Excel the separator; it is no row."""


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a file is read. Columns count from 0; `separator` "" is one column.

    `text_column` is None when no column holds messages; `columns` is how many
    there are meant to be, 2 for a number and a message with commas in it; `titles`
    is the header, as it stands.
    """

    encoding: str
    separator: str
    has_header: bool
    number_column: int
    text_column: int | None
    columns: int
    titles: tuple[str, ...] = field(default=(), compare=False)
    first_line: int = 1  # what stands above is a title of the sheet

    @property
    def joins_text(self) -> bool:
        """True when cells beyond the second are one message cut at its commas."""
        places = (self.number_column, self.text_column)
        return self.separator == "," and self.columns == 2 and places == (0, 1)

    def whole(self, cells: list[str]) -> list[str]:
        """The cells of a row, a message that was cut at its commas put together."""
        if self.joins_text and len(cells) > 2:
            return [cells[0], self.separator.join(cells[1:])]
        return cells


def find_shape(lines: Sequence[str], encoding: str) -> FileShape:
    """Guess the shape of a file that begins with `lines`.

    ImportRefused: file_no_numbers.
    """
    separator = find_separator(lines)
    lines = lines[:SAMPLE_LINES]
    if lines and SEPARATOR_LINE.fullmatch(lines[0].strip()):
        lines = lines[1:]
    return shape_of(_filled(lines, separator), encoding, separator)


def find_separator(lines: Sequence[str]) -> str:
    """The separator of a file that begins with `lines`, told by it or guessed."""
    lines = lines[:SAMPLE_LINES]
    told = SEPARATOR_LINE.fullmatch(lines[0].strip()) if lines else None
    return told[1] if told else _find_separator(lines)


def find_sheet_shape(records: Sequence[Record]) -> FileShape:
    """Guess the shape of a sheet of a workbook that begins with `records`.

    Lines above the header, as a title is, are none of its rows. Blank records are
    left out already. ImportRefused: file_no_numbers.
    """
    records = records[:SAMPLE_LINES]
    for at, record in enumerate(records[:TITLE_LINES]):
        if any(map(looks_like_number, record.cells)):
            break
        if len(record.cells) > 1 and columns_named(record.cells)[0] is not None:
            records = records[at:]
            break
    shape = shape_of(records, "", "\t")
    width = max(len(record.cells) for record in records)
    first = records[0].line
    return replace(shape, columns=max(width, shape.columns), first_line=first)


def shape_of(records: Sequence[Record], encoding: str, separator: str) -> FileShape:
    """Guess which column is which from the first records that are not blank.

    ImportRefused: file_no_numbers, file_too_wide.
    """
    if not records:
        raise ImportRefused(problem_from(PROBLEMS, "file_no_numbers"))
    _refuse_width(records)
    header = records[0].cells
    named_number, named_text = columns_named(header)
    is_named = named_number is not None or named_text is not None
    body = [record.cells for record in (records[1:] if is_named else records)]
    number = named_number
    if number is None or not _has_digits(body, number):
        number = _number_column(body)
    if number is None or not _has_digits(body, number):
        raise ImportRefused(problem_from(PROBLEMS, "file_no_numbers"))
    has_header = is_named or _is_title(_cell(header, number))
    columns = _count_columns(header if has_header else None, body, separator)
    text = named_text
    if not is_named:
        text = _text_column(body, number, header if has_header else [])
    titles = tuple(header) if has_header else ()
    return FileShape(encoding, separator, has_header, number, text, columns, titles)


def _refuse_width(records: Sequence[Record]) -> None:
    for record in records:
        if len(record.cells) > MAX_COLUMNS and any(record.cells[MAX_COLUMNS:]):
            raise ImportRefused(
                problem_from(
                    PROBLEMS,
                    "file_too_wide",
                    line=record.line,
                    most=MAX_COLUMNS,
                )
            )


def _has_digits(rows: list[list[str]], column: int) -> bool:
    return any(has_digit(_cell(row, column)) for row in rows)


def _cell(row: list[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _filled(lines: Sequence[str], separator: str) -> list[Record]:
    records = read_records(lines, separator)
    return [record for record in records if any(map(str.strip, record.cells))]


def _find_separator(lines: Sequence[str]) -> str:
    """The separator that leaves most rows with a number alone in a cell.

    On a tie none at all, so that 600,111,222 stays one number; then the one that
    cuts most rows into equally many cells.
    """
    best, best_score = "", (_lone_numbers(lines), 1, 0.0)
    for separator in ",;\t|":
        records = _filled(lines, separator)
        hits = sum(any(map(looks_like_number, cells)) for _, cells in records)
        counts = Counter(len(cells) for _, cells in records if len(cells) > 1)
        if not counts:
            continue
        score = (hits, 0, counts.most_common(1)[0][1] / len(records))
        if score > best_score or (best_score[0] == 0 and not best):
            best, best_score = separator, score
    return best


def _lone_numbers(lines: Sequence[str]) -> int:
    """Lines that are one number as a whole; two numbers in a line are columns."""
    return sum(
        "\t" not in line
        and looks_like_number(line)
        and getattr(spell(line), "code", "") != "several_numbers"
        for line in lines
    )


def _is_title(cell: str) -> bool:
    return bool(cell.strip()) and not has_digit(cell)


def _number_column(rows: list[list[str]]) -> int | None:
    """The column with most full numbers, else the first one with any digit."""
    width = max(map(len, rows), default=0)
    sizes = [[digits_of(_cell(row, column)) for row in rows] for column in range(width)]
    for least in (LIKELY_DIGITS, LEAST_DIGITS):
        hits = [sum(size >= least for size in column) for column in sizes]
        if any(hits):
            return hits.index(max(hits))
    for column in range(width):
        if _has_digits(rows, column):
            return column
    return None


def _text_column(rows: list[list[str]], number: int, titles: list[str]) -> int | None:
    """The next column with anything in it, no second phone number, no name."""
    for column in range(number + 1, max(map(len, rows))):
        filled = [_cell(row, column) for row in rows if _cell(row, column).strip()]
        is_other = says_other(_cell(titles, column))
        if not filled or is_other:
            continue
        if sum(map(looks_like_number, filled)) * 2 <= len(filled):
            return column
    return None


def _count_columns(
    header: list[str] | None, rows: list[list[str]], separator: str
) -> int:
    """How many columns there are meant to be.

    A header says so. Without one, rows of number and message whose commas come
    with a space after them, as in a sentence, are two columns.
    """
    if header is not None:
        return len(until_blank(header))
    several = [row for row in rows if len(row) > 1]
    if separator == "," and sum(map(_is_sentence, several)) * 2 > len(several):
        return 2
    return Counter(map(len, rows)).most_common(1)[0][0]


def _is_sentence(row: list[str]) -> bool:
    return all(not cell or cell.startswith(" ") for cell in row[2:])
