"""Rows of a file of blocked numbers: number;campaign; and perhaps a reason.

This room owns which column is which and the verdict on each row. It knows the names
of the campaigns that it is given, and no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ..domain.blocked_numbers import check_reason
from ..domain.number_sets import NumberSet
from ..domain.numbers import Number, NumberPlan, read_number
from ..domain.words import N_, Problem
from .bad_rows import without_apostrophe
from .files import FileShape, read_cells
from .titles import says_campaign, says_other, says_reason

ALL_CAMPAIGNS = 0


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One row as it stands in the file."""

    line: int
    raw_number: str
    campaign: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict: a number to block for a campaign, or a problem."""

    row: BlockRow
    number: str = ""
    campaign_id: int = ALL_CAMPAIGNS
    problem: Problem | None = None


def read(
    source: BinaryIO,
    *,
    with_campaigns: bool = True,
    notes: list[Problem] | None = None,
) -> Iterator[BlockRow]:
    """The rows of a file; without campaigns, further columns are left out.

    What is to be said of the file goes to `notes`. Raises ImportRefused as read_rows.
    """
    for shape, record in read_cells(source, notes=notes):
        cells = record.cells
        place = campaign_column(shape) if with_campaigns else None
        yield BlockRow(
            record.line,
            _cell(cells, shape.number_column),
            _cell(cells, place),
            _cell(cells, _titled_reason(shape)),
        )


def campaign_column(shape: FileShape) -> int | None:
    """Where the campaign stands: where the header says so, else after the number.

    A header that calls that column a name or a city has no campaigns.
    """
    after = shape.number_column + 1
    if not shape.has_header:
        return after
    for column, title in enumerate(shape.titles):
        if says_campaign(title):
            return column
    title = shape.titles[after] if after < len(shape.titles) else ""
    return after if title.strip() and not _is_no_campaign(title) else None


def _is_no_campaign(title: str) -> bool:
    return says_other(title) or says_reason(title)


def _titled_reason(shape: FileShape) -> int | None:
    for column, title in enumerate(shape.titles):
        if says_reason(title):
            return column
    return None


def _cell(cells: list[str], column: int | None) -> str:
    if column is None or column >= len(cells):
        return ""
    return without_apostrophe(cells[column].strip())


class Campaigns:
    """Campaigns by their names, in any case and with any blanks."""

    def __init__(self, named: Iterable[tuple[int, str]], aliases: Mapping[str, int]):
        self._exact: dict[str, int] = {}
        self._ids = {_plain(name): one for name, one in aliases.items()}
        for campaign_id, name in named:
            self._exact[name] = campaign_id
            self._ids[_plain(name)] = campaign_id

    def find(self, name: str) -> int | None:
        """The id of the campaign of that name, or None."""
        return self._exact.get(name, self._ids.get(_plain(name)))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


class Judging:
    """Gives each row of one file its verdict, one after another.

    Rows that name no campaign are for `default`.
    """

    def __init__(self, plan: NumberPlan, campaigns: Campaigns, default: int) -> None:
        self._plan = plan
        self._campaigns = campaigns
        self._default = default
        self._seen: dict[int, NumberSet] = {}

    def judge(self, rows: Iterable[BlockRow]) -> Iterator[Judged]:
        """The verdicts, lazily and in order."""
        for row in rows:
            yield self._verdict(row)

    def _verdict(self, row: BlockRow) -> Judged:
        number = read_number(row.raw_number, self._plan)
        if isinstance(number, Problem):
            return Judged(row, problem=number)
        campaign_id: int | None = self._default
        if row.campaign and row.campaign != "*":
            campaign_id = self._campaigns.find(row.campaign)
        elif row.campaign == "*":
            campaign_id = ALL_CAMPAIGNS
        if campaign_id is None:
            return Judged(row, problem=unknown(row.campaign))
        if problem := check_reason(row.reason):
            return Judged(row, problem=problem)
        if self._is_again(number, campaign_id):
            return Judged(row, problem=_twice())
        return Judged(row, number.e164, campaign_id)

    def _is_again(self, number: Number, campaign_id: int) -> bool:
        seen = self._seen.setdefault(campaign_id, NumberSet())
        digits = int(number.digits)
        if digits in seen:
            return True
        seen.add(digits)
        return False


def unknown(name: str) -> Problem:
    """The verdict on a row whose campaign there is not."""
    return Problem(
        "campaign_unknown", N_("There is no campaign called %(name)s."), name=name
    )


def already() -> Problem:
    """The verdict on a row whose number was blocked before."""
    return Problem("already_blocked", N_("This number was blocked already."))


def _twice() -> Problem:
    return Problem("duplicate", N_("An earlier row of the file blocks it already."))
