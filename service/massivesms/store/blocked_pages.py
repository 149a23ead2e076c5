"""Blocked numbers as people look at them: by number, filtered, a page at a time.

Only blocked_numbers.py writes the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import like
from .blocked_numbers import COLUMNS
from .db import Row, Transaction

Place = tuple[str, int]  # a number, and for which campaign: the key of a row
BEGINNING: Place = ("", -1)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which blocks: for one campaign (0 = those for all of them; None = any), from
    one source, and to numbers with any of some beginnings in E.164."""

    campaign_id: int | None = None
    source: str = ""
    number_starts: Sequence[str] = ()

    @property
    def index(self) -> str:
        """The index that has them in the order of their numbers."""
        if self.campaign_id is None:
            return "source" if self.source else "PRIMARY"
        return "campaign_source" if self.source else "page"


SELECT = f"SELECT {COLUMNS}"
OF_FILTER = """
FROM blocked_number FORCE INDEX ({index})
WHERE number >= %(number)s
  AND (number > %(number)s OR campaign_id > %(after_campaign)s) {also}
ORDER BY number, campaign_id LIMIT %(limit)s"""


def page(
    tx: Transaction,
    wanted: Filter = Filter(),  # noqa: B008 - frozen
    *,
    after: Place = BEGINNING,
    limit: int = 50,
) -> list[Row]:
    """Blocks by number, those after a place for what follows."""
    found: dict[Place, Row] = {}
    for start in wanted.number_starts or ("",):
        sql, values = _query(wanted, start, after, limit)
        for row in tx.rows(f"{SELECT} {sql}", values):
            found[place(row)] = row
    return [found[key] for key in sorted(found)][:limit]


def place(row: Row) -> Place:
    """Where a block stands."""
    return row["number"], row["campaign_id"]


def every(
    tx: Transaction,
    wanted: Filter = Filter(),  # noqa: B008 - frozen
    rows_at_once: int = 2000,
) -> Iterator[Row]:
    """All blocks of a filter, a batch at a time."""
    after = BEGINNING
    while rows := page(tx, wanted, after=after, limit=rows_at_once):
        yield from rows
        after = place(rows[-1])


def count(tx: Transaction, wanted: Filter, most: int) -> int:
    """How many blocks there are, at most `most`: no page reads a million of them."""
    total = 0
    for start in wanted.number_starts or ("",):
        sql, values = _query(wanted, start, BEGINNING, most)
        counted = f"SELECT COUNT(*) FROM (SELECT 1 {sql}) found"  # noqa: S608
        total += int(tx.value(counted, values))
    return min(total, most)


def _query(
    wanted: Filter, start: str, after: Place, limit: int
) -> tuple[str, dict[str, object]]:
    also = ""
    if start:
        also += " AND number LIKE %(start)s"
    if wanted.campaign_id is not None:
        also += " AND campaign_id = %(campaign_id)s"
    if wanted.source:
        also += " AND source = %(source)s"
    values = {
        "number": after[0],
        "after_campaign": after[1],
        "campaign_id": wanted.campaign_id,
        "source": wanted.source,
        "start": like.number_begins(start),
        "limit": limit,
    }
    return OF_FILTER.format(index=wanted.index, also=also), values
