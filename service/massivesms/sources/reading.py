"""Opens a source of any kind, and finds in its rows what a message is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..domain import templates
from ..domain.contact_fields import name_of
from ..domain.words import Problem
from ..intake.files import extra_cells
from ..intake.titles import columns_named
from . import databases, files
from .found import Found, Place, SourceFailed, failed


def opened(
    place: Place, known_files: set[bytes] | None = None, *, is_trial: bool = False
) -> AbstractContextManager[Found]:
    """The rows of a source, to be gone through within the `with`."""
    if place.kind == "url":
        return files.opened_url(place)
    if place.kind == "folder":
        return files.opened_folder(place, known_files or set(), is_trial=is_trial)
    return databases.opened(place)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made of rows; columns are names of contact fields, '' = found."""

    text: str = ""
    number_column: str = ""
    key_column: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """What of one row is used; `key` is '' without a column for it.

    `problem` is what is wrong with the row as it was read.
    """

    line: int
    number: str
    text: str | None
    values: dict[str, str]
    key: str
    problem: Problem | None = None


def rows(found: Found, wanted: Wanted, most_rows: int) -> Iterator[Cells]:
    """Goes through the rows. Raises SourceFailed for columns that are not there.

    And for more rows than may be: then nothing of it is to be used.
    """
    columns = _Columns(found, wanted)
    for n, (line, cells) in enumerate(found.rows, 1):
        if n > most_rows:
            raise failed("source_rows", most=most_rows)
        yield columns.read(line, cells)


class _Columns:
    """Which column is what."""

    def __init__(self, found: Found, wanted: Wanted) -> None:
        titles = list(found.titles)
        names = [name_of(title) or title.strip().casefold() for title in titles]
        self._known = ", ".join(dict.fromkeys(filter(None, names)))
        self._at = {name: at for at, name in reversed(list(enumerate(names)))}
        self._is_nothing = not titles and found.number_at is None
        number_at, text_at = columns_named(titles)
        if not titles:
            number_at, text_at = found.number_at, found.text_at
        elif number_at is None:
            number_at = found.number_at
        if wanted.number_column:
            number_at = self._place(wanted.number_column)
        if number_at is None and len(titles) == 1:
            number_at = 0
        if number_at is None and titles:
            raise failed("source_no_number", known=self._known)
        self._number_at = number_at or 0
        self._text_at = text_at if text_at != number_at else None
        self._columns = found.columns
        self._has_text = bool(wanted.text)
        self._key_at = self._place(wanted.key_column) if wanted.key_column else None
        self._values = self._wanted_values(wanted.text)

    def _wanted_values(self, text: str) -> dict[str, int]:
        places = [name for name in templates.places(text) if name != "number"]
        if not places or self._is_nothing:
            return {}
        if not self._at:
            raise failed("source_no_header")
        problem = templates.check(text, [*self._at, "number"])
        if problem is not None:
            raise SourceFailed(problem)
        return {name: self._at[name] for name in places}

    def _place(self, title: str) -> int | None:
        name = name_of(title) or title.strip().casefold()
        if name in self._at:
            return self._at[name]
        if self._is_nothing:
            return None
        if not self._at:
            raise failed("source_no_titles", name=title)
        raise failed("source_no_column", name=title, known=self._known)

    def read(self, line: int, cells: Sequence[str]) -> Cells:
        def cell(at: int | None) -> str:
            return cells[at].strip() if at is not None and at < len(cells) else ""

        own = None if self._has_text else cell(self._text_at) or None
        values = {name: cell(at) for name, at in self._values.items()}
        number, key = cell(self._number_at), cell(self._key_at)
        return Cells(line, number, own, values, key, self._problem(cells))

    def _problem(self, cells: Sequence[str]) -> Problem | None:
        """Whether the message of the row itself is cut at a separator."""
        if self._has_text or self._text_at is None or self._columns is None:
            return None
        return extra_cells(cells, self._columns)
