"""The PBX's call records as a source of numbers, and what they would give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..config import DatabaseSettings
from ..domain.calls import Query
from ..domain.number_sets import NumberSet
from ..domain.numbers import NumberPlan
from ..domain.recipients import Row, Screening
from ..store import call_records
from ..store.call_records import Watch
from .load_sources import Source

KIND = "call_records"
_WORD = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class CallCount:
    """What the call records would give, before anything is saved."""

    accepted: int  # different mobile numbers that would be taken
    refused: int  # different numbers that are none


def source(
    settings: DatabaseSettings, query: Query, watch: Watch | None = None
) -> Source:
    """The numbers of the PBX's call records, each once."""
    return Source(KIND, rows(settings, query, watch), is_huge=True)


def count(
    settings: DatabaseSettings,
    query: Query,
    plan: NumberPlan,
    watch: Watch | None = None,
) -> CallCount:
    """How many numbers the call records would give."""
    screening = Screening(plan, texts_allowed=False, seen=NumberSet())
    for _ in screening.screen(rows(settings, query, watch)):
        pass
    return CallCount(screening.summary.accepted, screening.summary.refused)


def rows(
    settings: DatabaseSettings, query: Query, watch: Watch | None = None
) -> Iterator[Row]:
    """Rows of the call records, without those that hide their number.

    What was seen is known by 64 bits of its hash: among five million numbers, one is
    lost in one of a million lists.
    """
    seen = NumberSet()
    for raw in call_records.numbers(settings, query, watch):
        key = hash(raw) & _WORD or 1
        if key in seen or not any(c.isdigit() for c in raw):
            continue
        seen.add(key)
        yield Row(len(seen), raw)
