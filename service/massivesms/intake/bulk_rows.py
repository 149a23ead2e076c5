"""Rows of a bulk file: which column is which, and the verdict on each row.

This room knows the campaigns that it is given, and no database. The columns are
campaign;number;message;priority in this order, or as a header names them.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ..domain.bulk import LAST, problem, read_priority
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.numbers import Number, NumberPlan, read_number
from ..domain.recipients import BadRow
from ..domain.segments import check_text
from ..domain.singles import check_places
from ..domain.templates import places
from ..domain.text_settings import signed
from ..domain.words import N_, Problem
from .bad_rows import inert, without_apostrophe
from .block_rows import Campaigns
from .columns import Mended
from .files import FileShape, read_cells
from .titles import says_campaign, says_priority

#: The file of bad rows; loaded again, its columns are found by these names.
HEADINGS = (
    *(N_("campaign"), N_("number"), N_("message"), N_("priority")),
    N_("verdict"),
)
COLUMNS = 4


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One row as it stands in the file."""

    line: int
    campaign: str = ""
    raw_number: str = ""
    text: str = ""
    priority: str = ""
    problem: Problem | None = None

    @property
    def packed(self) -> str:
        """All but the number, as it is kept with a verdict."""
        out = io.StringIO()
        csv.writer(out).writerow((self.campaign, self.text, self.priority))
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Target:
    """A campaign that a row may name; `text` is for rows that bring none."""

    campaign_id: int
    text: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict: a message for a campaign, or a problem."""

    row: BulkRow
    campaign_id: int = 0
    number: Number | None = None
    text: str | None = None  # None = the campaign's
    own: str = ""  # what is sent, whosever it is
    priority: int = LAST
    problem: Problem | None = None


def read(
    source: BinaryIO, sheet: str = "", notes: list[Problem] | None = None
) -> Iterator[BulkRow]:
    """The rows of a file. Raises ImportRefused as read_rows.

    What is to be said of the file goes to `notes`, the last of it after the last row.
    """
    said: list[Problem] = [] if notes is None else notes
    mended = Mended()
    columns: Sequence[int | None] = ()
    for shape, record in read_cells(source, notes=said, sheet=sheet):
        columns = columns or _columns(shape)  # one shape for all of the rows
        row = _row(record.line, record.cells, columns, shape)
        mended.look(row.raw_number)
        yield row
    said += mended.notes


def _columns(shape: FileShape) -> Sequence[int | None]:
    """Where campaign, number, message and priority stand."""
    if not any(map(says_campaign, shape.titles)):
        return range(COLUMNS)
    named = (says_campaign, says_priority)
    campaign, priority = (_titled(shape, says) for says in named)
    return (campaign, shape.number_column, shape.text_column, priority)


def _titled(shape: FileShape, says: Callable[[str], bool]) -> int | None:
    return next((n for n, title in enumerate(shape.titles) if says(title)), None)


def _row(
    line: int, cells: list[str], columns: Sequence[int | None], shape: FileShape
) -> BulkRow:
    found = [_cell(cells, column) for column in columns]
    campaign, number, text, priority = found
    bad = None
    width = max(COLUMNS, len(shape.titles))
    if len(cells) <= _last_needed(columns, shape):
        bad = problem("bulk_cells", cells=len(cells))
    elif any(cell.strip() for cell in cells[width:]):
        bad = problem("bulk_more_cells")
    return BulkRow(line, campaign, number, text, priority, bad)


def _last_needed(columns: Sequence[int | None], shape: FileShape) -> int:
    """The column up to which a row must go.

    A workbook leaves out the blank cells at a row's end; a line of text that ends
    early may be cut, and its message with it.
    """
    if not shape.encoding:  # a workbook's sheet
        return columns[1] or 0
    return max(n for n in columns if n is not None)


def _cell(cells: list[str], column: int | None) -> str:
    if column is None or column >= len(cells):
        return ""
    return without_apostrophe(cells[column].strip())


class Judging:
    """Gives each row of one file its verdict, one after another."""

    def __init__(
        self,
        plan: NumberPlan,
        campaigns: Campaigns,
        targets: Mapping[int, Target],
        signature: str = "",
    ) -> None:
        self._signature = signature
        self._plan = plan
        self._campaigns = campaigns
        self._targets = targets
        self._seen: set[bytes] = set()

    def judge(self, rows: Iterable[BulkRow]) -> Iterator[Judged]:
        """The verdicts, lazily and in order."""
        for row in rows:
            verdict = row.problem or self._verdict(row)
            if isinstance(verdict, Problem):
                yield Judged(row, problem=verdict)
            else:
                yield verdict

    def _verdict(self, row: BulkRow) -> Judged | Problem:
        target = self._target(row.campaign)
        if isinstance(target, Problem):
            return target
        number = read_number(row.raw_number, self._plan)
        if isinstance(number, Problem):
            return number
        priority = read_priority(row.priority)
        if isinstance(priority, Problem):
            return priority
        own = signed(row.text, self._signature) if row.text else target.text
        if not own:
            return problem("bulk_no_text")
        if bad := check_text(own) or check_places(own):
            return bad
        if self._is_again(target.campaign_id, number, own):
            return problem("bulk_twice")
        text = None if own == target.text else own
        return Judged(row, target.campaign_id, number, text, own, priority)

    def _target(self, name: str) -> Target | Problem:
        """The campaign of a row; one that names none is for the output queue."""
        found = self._campaigns.find(name) if name else OUTPUT_QUEUE_ID
        target = self._targets.get(found) if found else None
        if target is None:
            return problem("campaign_unknown", name=name[:120])
        if target.is_over:
            return problem("campaign_over", name=name[:120])
        return target

    def _is_again(self, campaign_id: int, number: Number, text: str) -> bool:
        key = f"{campaign_id} {number.e164} {text}".encode(errors="replace")
        digest = hashlib.blake2b(key, digest_size=12).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False


def own_text_of(campaign_text: str) -> str:
    """The text for rows that bring none: one with places needs columns that are not
    here, so it is none."""
    return "" if places(campaign_text) else campaign_text


def write_bad(
    bad_rows: Iterable[BadRow],
    out: BinaryIO,
    *,
    words: Callable[[Problem], str] = str,
    headings: Sequence[str] = HEADINGS,
) -> int:
    """Writes rows that were not taken as a bulk file to repair; how many.

    `out` stays open.
    """
    count = 0
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text, delimiter=";")
        writer.writerow(headings)
        for row in bad_rows:
            campaign, message, priority = _unpacked(row.row_text)
            cells = (campaign, row.raw_number, message, priority, words(row.problem))
            writer.writerow(map(inert, cells))
            count += 1
    finally:
        text.detach()  # writes what is left; else the wrapper would close `out`
    return count


def _unpacked(packed: str | None) -> list[str]:
    cells = next(csv.reader(io.StringIO(packed or "", newline="")), [])
    return [*cells, "", "", ""][:3]
