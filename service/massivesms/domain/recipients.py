"""Rows of a load become recipients: one verdict each, the first of equals wins.

This room owns the verdict on a row: its number, its own text, whether the number
was there before. It reads no files, knows no database and never holds all rows;
blocked and opted-out numbers are the store's to leave out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from massivesms.domain import contact_fields, contact_use
from massivesms.domain.contact_fields import NUMBER
from massivesms.domain.numbers import Number, NumberPlan, read_number
from massivesms.domain.segments import check_text
from massivesms.domain.smart_text import Improver
from massivesms.domain.templates import fill, places
from massivesms.domain.text_settings import signed
from massivesms.domain.words import N_, Problem, problem_from

PROBLEMS = {
    "duplicate": N_("This number is already in an earlier row: it gets one message."),
    "text_missing": N_(
        "This row has no message of its own, and neither has the campaign: write one."
    ),
    "excluded_in_file": N_("The file says that this number is excluded from use."),
}
SAME_KEY = N_("An earlier row has the same key: it gets one message.")

SHOWN_LINES = 5
"""First lines kept for each kind of problem, to say where to look."""


class Verdict(StrEnum):
    """What became of a row; the value is what the database holds."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was loaded; `line` counts from 1, as an editor shows it.

    `text` is the row's own message, None when it has none. `problem` is what the
    reader found wrong with the row itself. `fields` are its other columns, by the
    names of domain.contact_fields. `key` tells it from the other rows of its load, as
    its number does otherwise (0): a whole number that fits into Seen.
    """

    line: int
    raw_number: str
    text: str | None = None
    problem: Problem | None = None
    fields: Mapping[str, str] | None = None
    key: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """An accepted row; `text` None means the campaign's own message.

    `use` is of domain.contact_use, for a list: a file may say who is excluded.
    """

    number: Number
    text: str | None
    line: int
    fields: Mapping[str, str] | None = None
    use: int = contact_use.IN_USE

    @property
    def verdict(self) -> Verdict:
        """Always accepted."""
        return Verdict.ACCEPTED


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that gets no message, whole, so that it can be repaired and loaded."""

    line: int
    raw_number: str
    problem: Problem
    row_text: str | None = None
    fields: Mapping[str, str] | None = None

    @property
    def verdict(self) -> Verdict:
        """Duplicate or problem."""
        is_duplicate = self.problem.code == "duplicate"
        return Verdict.DUPLICATE if is_duplicate else Verdict.PROBLEM


@dataclass(slots=True)
class Tally:
    """How often one problem was found; `example` and `lines` are the first ones."""

    example: Problem
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count one more row."""
        self.count += 1
        if len(self.lines) < SHOWN_LINES:
            self.lines.append(line)


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one load; `problems` by code, in the order they turned up.

    Duplicates are counted in `duplicates` and are not in `problems`.
    """

    accepted: int
    with_text: int
    duplicates: int
    problems: Mapping[str, Tally]

    @property
    def refused(self) -> int:
        """Rows with a problem, duplicates not counted."""
        return sum(tally.count for tally in self.problems.values())

    @property
    def rows(self) -> int:
        """All rows seen."""
        return self.accepted + self.duplicates + self.refused


class Seen(Protocol):
    """Numbers (or keys) that were accepted; a set of int is one."""

    def __contains__(self, number: int, /) -> bool: ...
    def __len__(self) -> int: ...
    def add(self, number: int, /) -> None:
        """Puts a number in."""


class Screening:
    """Gives each row of one load its verdict, one after another.

    `texts_allowed` says whether the second column holds messages (a campaign's
    file); otherwise texts are left out. `texts_required` refuses rows without one,
    for a campaign that has none. `template` is the campaign's text: where it has
    places each row without a text of its own gets it filled. Own texts get the
    `signature`; the template has it already. Texts that are not the template as it
    stands go through the `improver`. Memory is one int per accepted number, in `seen`.
    """

    def __init__(
        self,
        plan: NumberPlan,
        *,
        texts_allowed: bool = True,
        texts_required: bool = False,
        template: str = "",
        signature: str = "",
        improver: Improver | None = None,
        seen: Seen | None = None,
    ) -> None:
        self._plan = plan
        self._texts_allowed = texts_allowed
        self._texts_required = texts_required
        self._template = template if places(template) else ""
        self._signature = signature
        self._improver = improver or Improver()
        self._seen: Seen = set() if seen is None else seen
        self._with_text = 0
        self._duplicates = 0
        self._taken_back = 0
        self._excluded = 0
        self._problems: dict[str, Tally] = {}

    @property
    def summary(self) -> Summary:
        """The counts up to the row yielded last; a view that goes on counting."""
        return Summary(
            accepted=len(self._seen) - self._taken_back,
            with_text=self._with_text,
            duplicates=self._duplicates,
            problems=MappingProxyType(self._problems),
        )

    @property
    def notes(self) -> list[Problem]:
        """What is to be said of the load: nothing, or who stays excluded."""
        if not self._excluded:
            return []
        words = N_("Numbers that are excluded, as the file says: %(n)s.")
        return [Problem("excluded_kept", words, n=self._excluded)]

    def screen(self, rows: Iterable[Row]) -> Iterator[Recipient | BadRow]:
        """Yield the verdict on each row, lazily and in order.

        May be called again: numbers of earlier calls count as seen. A row whose
        text is refused does not claim its number, so a later good row is taken.
        """
        for row in rows:
            verdict = self._judge(row)
            if isinstance(verdict, Problem):
                self._count(verdict, row.line)
                yield BadRow(row.line, row.raw_number, verdict, row.text, row.fields)
            else:
                yield verdict

    def take_back(self, recipient: Recipient, problem: Problem) -> None:
        """Refuses a row after all, for what only the store knows of its number."""
        self._taken_back += 1
        self._with_text -= recipient.text is not None
        self._excluded -= bool(recipient.use)
        self._count(problem, recipient.line)

    def _judge(self, row: Row) -> Recipient | Problem:
        if row.problem is not None:
            return row.problem
        number = read_number(row.raw_number, self._plan)
        if isinstance(number, Problem):
            return number
        key = row.key or int(number.digits)
        if key in self._seen:
            words = SAME_KEY if row.key else PROBLEMS["duplicate"]
            return Problem("duplicate", words)
        use, fields = contact_use.told(row.fields) if row.fields else (None, None)
        if use and self._texts_allowed:  # it would be written to
            return problem_from(PROBLEMS, "excluded_in_file")
        text = self._text(row, number)
        if isinstance(text, Problem):
            return text
        if text is not None and (problem := check_text(text)) is not None:
            return problem
        if fields and not self._texts_allowed:  # a list keeps them
            problem = contact_fields.check(fields)
            if problem is not None:
                return problem
        self._seen.add(key)
        self._with_text += text is not None
        self._excluded += bool(use)
        return Recipient(number, text, row.line, fields, use or contact_use.IN_USE)

    def _text(self, row: Row, number: Number) -> str | Problem | None:
        """The text of this row alone; None where it is the campaign's as it stands."""
        own = self._own_text(row)
        if own is not None:
            return self._improver.of(signed(own, self._signature))
        if self._template:
            values = {**(row.fields or {}), NUMBER: number.e164}
            filled = fill(self._template, values)
            return self._improver.of(filled) if isinstance(filled, str) else filled
        return problem_from(PROBLEMS, "text_missing") if self._texts_required else None

    def _own_text(self, row: Row) -> str | None:
        if not self._texts_allowed or row.text is None or not row.text.strip():
            return None
        return row.text

    def _count(self, problem: Problem, line: int) -> None:
        if problem.code == "duplicate":
            self._duplicates += 1
            return
        self._problems.setdefault(problem.code, Tally(problem)).add(line)
