"""Files of contacts as books of sheets: workbooks (xlsx, xls, ods), csv and tsv alike.

This room owns which reader a file gets, by its content and never by its name. A text
file is a book of one sheet without a name.
"""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from massivesms.domain.words import Problem, problem_from
from massivesms.errors import ImportRefused
from massivesms.intake.book_limits import PROBLEMS
from massivesms.intake.book_process import Reader
from massivesms.intake.decoding import (
    LIMIT_BYTES,
    ByteSource,
    decode_lines,
    detect_encoding,
)
from massivesms.intake.records import Record, read_records
from massivesms.intake.shape import (
    SAMPLE_LINES,
    SEPARATOR_LINE,
    FileShape,
    find_separator,
    find_shape,
    find_sheet_shape,
)

_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_SHOWN_SHEETS = 5  # of those that were not read
_MOST_SHEETS = 50  # to choose one of them
_IN_MEMORY_BYTES = 1024 * 1024


class Sheet(NamedTuple):
    """One sheet of a book."""

    name: str
    is_hidden: bool = False


class Book(ABC):
    """An open file; to be closed.

    `notes` grow while sheets are read: what a person should know of them.
    """

    sheets: list[Sheet]

    def __init__(self) -> None:
        self.notes: list[Problem] = []

    @abstractmethod
    def rows(self, sheet: str) -> Iterator[Record]:
        """The rows of a sheet that are not blank, its header among them.

        Reading another sheet ends this one. Raises ImportRefused.
        """

    @abstractmethod
    def shape(self, sheet: str) -> FileShape:
        """How a sheet would be read. Raises ImportRefused."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of it; may be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def is_workbook(sample: bytes) -> bool:
    """Whether a file that begins so is to be read as a workbook."""
    return sample.startswith(_SIGNATURES)


def open_book(source: str | Path | BinaryIO, limit_bytes: int = LIMIT_BYTES) -> Book:
    """The book of a file: a path, or a binary file that is read from where it stands.

    Raises ImportRefused: file_empty, file_too_large, file_binary and, for workbooks,
    what book_limits says. A file that was given stays open.
    """
    if isinstance(source, str | Path):
        with open(source, "rb") as file:
            return open_book(file, limit_bytes)
    bytes_ = ByteSource(source, limit_bytes)
    if is_workbook(bytes_.sample):
        return Workbook(bytes_)
    return _TextFile(bytes_)


class Workbook(Book):
    """A spreadsheet, read in a process of its own."""

    def __init__(self, source: ByteSource) -> None:
        super().__init__()
        with _kept(source) as file:
            self._reader = Reader(file)
        self.sheets = [Sheet(*sheet) for sheet in self._reader.sheets]

    def rows(self, sheet: str) -> Iterator[Record]:
        """See Book."""
        return self._reader.rows(sheet, self.notes)

    def shape(self, sheet: str) -> FileShape:
        """See Book."""
        return find_sheet_shape(
            list(islice(self._reader.rows(sheet, []), SAMPLE_LINES))
        )

    def numbers(self, name: str = "") -> tuple[FileShape, Iterator[Record]]:
        """The first visible sheet with numbers, and its rows without titles above.

        With a `name` that sheet alone, also a hidden one. Raises ImportRefused when
        there is none.
        """
        refusal = ImportRefused(problem_from(PROBLEMS, "book_no_numbers"))
        for sheet in self._wanted(name):
            notes: list[Problem] = []
            rows = self._reader.rows(sheet.name, notes)
            first = list(islice(rows, SAMPLE_LINES))
            try:
                shape = find_sheet_shape(first)
            except ImportRefused as error:
                if name or error.problem.code != "file_no_numbers":
                    raise
                continue
            self.notes += notes + ([] if name else self._not_read(sheet))
            whole = chain(first, rows)
            return shape, (row for row in whole if row.line >= shape.first_line)
        raise refusal

    def _wanted(self, name: str) -> list[Sheet]:
        """The visible sheets, or the one that a person named as well as they could."""
        if not name:
            return [sheet for sheet in self.sheets if not sheet.is_hidden]
        for said in (name, _plain(name)):
            for sheet in self.sheets:
                if said in (sheet.name, _plain(sheet.name)):
                    return [sheet]
        names = _listed([sheet.name for sheet in self.sheets], _MOST_SHEETS)
        raise ImportRefused(
            problem_from(PROBLEMS, "book_sheet_unknown", name=name, names=names)
        )

    def _not_read(self, chosen: Sheet) -> list[Problem]:
        others = [s.name for s in self.sheets if not s.is_hidden and s != chosen]
        hidden = [s.name for s in self.sheets if s.is_hidden]
        notes = []
        if others:
            params = {"name": chosen.name, "names": _listed(others)}
            notes.append(problem_from(PROBLEMS, "book_other_sheets", **params))
        if hidden:
            names = _listed(hidden)
            notes.append(problem_from(PROBLEMS, "book_hidden_sheets", names=names))
        return notes

    def close(self) -> None:
        """See Book."""
        self._reader.close()


class _TextFile(Book):
    """A csv or tsv file: its bytes are kept, so that it can be read again."""

    def __init__(self, source: ByteSource) -> None:
        super().__init__()
        self._encoding = detect_encoding(source.sample)
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115
        self._file.writelines(source.blocks())
        self.sheets = [Sheet("")]
        self._shape: FileShape | None = None
        sample = list(decode_lines([source.sample], self._encoding))
        if not source.is_whole and len(sample) > 1:
            sample.pop()  # the block ends within it
        self._sample = sample

    def rows(self, sheet: str) -> Iterator[Record]:
        """See Book."""
        separator = find_separator(self._sample)
        self._file.seek(0)
        blocks = iter(lambda: self._file.read(64 * 1024), b"")
        for record in read_records(decode_lines(blocks, self._encoding), separator):
            if record.line == 1 and is_separator_line(record, separator):
                continue
            if any(map(str.strip, record.cells)):
                yield record

    def shape(self, sheet: str) -> FileShape:
        """See Book."""
        if self._shape is None:
            self._shape = find_shape(self._sample, self._encoding)
        return self._shape

    def close(self) -> None:
        """See Book."""
        self._file.close()


def is_separator_line(record: Record, separator: str) -> bool:
    """Whether a record is the line that tells Excel the separator."""
    line = separator.join(record.cells).strip()
    return SEPARATOR_LINE.fullmatch(line) is not None


@contextmanager
def _kept(source: ByteSource) -> Iterator[BinaryIO]:
    """The bytes in a real file without a name, which another process may read."""
    with tempfile.TemporaryFile() as file:
        file.writelines(source.blocks())
        file.flush()
        yield file


def _plain(name: str) -> str:
    return name.strip().casefold()


def _listed(names: list[str], most: int = _SHOWN_SHEETS) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} …" if len(names) > most else shown
