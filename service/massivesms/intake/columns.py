"""What the columns beside number and message give, and damage that is repaired.

This room owns which columns are fields of a contact and what is said of numbers that a
spreadsheet has changed. Whether they can be repaired is domain.number_text's to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from massivesms.domain import contact_fields, contact_use
from massivesms.domain.number_text import spell
from massivesms.domain.words import N_, Problem, problem_from
from massivesms.intake.bad_rows import without_apostrophe
from massivesms.intake.shape import FileShape
from massivesms.intake.titles import is_of_bad_rows

PROBLEMS = {
    "columns_left_out": N_(
        "A contact has at most %(most)s fields: the columns from %(title)s on were "
        "left out."
    ),
    "numbers_mended": N_(
        "Numbers that a spreadsheet had stored as %(example)s or the like were read "
        "whole, as %(mended)s: %(n)s."
    ),
}

_CHANGED = re.compile(r"['‘’`´]?\+?\d+(?:[.,]\d+)?(?:\s*[eE]\s*\+?\d+|[.,]0{1,2})")


def said_columns(titles: Sequence[str]) -> tuple[int, ...]:
    """The columns of our own file of bad rows that are none of its rows' own."""
    if not is_of_bad_rows(titles):
        return ()
    return 0, max(at for at, title in enumerate(titles) if title.strip())


class Fields:
    """The columns of a file that are fields; none in a file without a header."""

    def __init__(self, shape: FileShape) -> None:
        taken = {shape.number_column, shape.text_column, *said_columns(shape.titles)}
        titles = ["" if at in taken else title for at, title in enumerate(shape.titles)]
        names = contact_fields.names_of(titles)
        found = [(at, name) for at, name in enumerate(names) if name]
        most = contact_fields.MOST_FIELDS
        counted = [at for at, name in found if name not in contact_use.NAMES]
        left_out = counted[most:]
        self.places = [(at, name) for at, name in found if at not in left_out]
        self.notes: list[Problem] = []
        if left_out:
            title = shape.titles[left_out[0]]
            params = {"most": most, "title": title}
            self.notes.append(problem_from(PROBLEMS, "columns_left_out", **params))

    def of(self, cells: Sequence[str]) -> tuple[dict[str, str] | None, Problem | None]:
        """The fields of a row, None without any, and what is wrong with them."""
        found: dict[str, str] = {}
        width = len(cells)
        for at, name in self.places:
            if at < width and (value := cells[at].strip()):
                found[name] = without_apostrophe(value) if value[0] == "'" else value
        if not found:
            return None, None
        return found, contact_use.check(found)


class Mended:
    """Counts the numbers that were changed by a spreadsheet and read whole."""

    def __init__(self) -> None:
        self._count = 0
        self._example = ("", "")

    def look(self, raw: str) -> None:
        """Looks at one number as it was written."""
        if raw.isdecimal() or not _CHANGED.fullmatch(raw):
            return
        mended = spell(raw)
        if isinstance(mended, str):
            self._count += 1
            self._example = self._example if self._example[0] else (raw, mended)

    @property
    def notes(self) -> list[Problem]:
        """What is to be said of them: nothing, or one sentence."""
        if not self._count:
            return []
        raw, mended = self._example
        params = {"example": raw, "mended": mended, "n": self._count}
        return [problem_from(PROBLEMS, "numbers_mended", **params)]
