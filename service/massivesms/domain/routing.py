"""Which trunk may take which messages.

Pure rules over values. A message of a campaign with no named trunk goes to the
best priority that serves its number and can send now; among equals the cheapest,
and equals in that too share the load. A message that a trunk refused for reasons
of its own is routed to one named next trunk, so that nobody scans past rows they
may not take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .number_prefixes import serves


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trunk as routing sees it; `available` = it is sending or can.

    `prefixes` says which numbers it serves (domain.number_prefixes); `cost` is of
    one segment, 0 when nobody said it.
    """

    trunk_id: int
    priority: int  # 1 is the best
    available: bool
    prefixes: str = ""
    cost: Decimal = Decimal(0)


def best_trunks(candidates: Iterable[Candidate]) -> frozenset[int]:
    """The available trunks of the best priority and cost: they share what is fresh."""
    able = [c for c in candidates if c.available]
    if not able:
        return frozenset()
    best = min((c.priority, c.cost) for c in able)
    return frozenset(c.trunk_id for c in able if (c.priority, c.cost) == best)


def serving(candidates: Iterable[Candidate], number: str) -> list[Candidate]:
    """The trunks that serve a number ("+34...")."""
    return [c for c in candidates if serves(c.prefixes, number)]


def is_by_number(candidates: Iterable[Candidate]) -> bool:
    """Whether any trunk serves some numbers only."""
    return any(c.prefixes for c in candidates)


def next_trunk(candidates: Iterable[Candidate], tried: Collection[int]) -> int | None:
    """The trunk to try after those of `tried`, or None when none is left.

    One that can send now is preferred to a better one that cannot; among equals
    the cheapest and then the lowest id, so that a plan is the same whoever makes it.
    """
    left = [c for c in candidates if c.trunk_id not in tried]
    if not left:
        return None
    key = min((not c.available, c.priority, c.cost, c.trunk_id) for c in left)
    return key[-1]


def choose_trunk(
    candidates: Sequence[Candidate], number: str, trunk_id: int
) -> int | None:
    """The trunk of a fresh message: `trunk_id` when it is among the best.

    Another one that serves the number (one that can send, if there is any), or
    None when no trunk serves it at all.
    """
    able = serving(candidates, number)
    if trunk_id in best_trunks(able):
        return trunk_id
    return next_trunk(able, ())


def parse_tried(stored: str) -> tuple[int, ...]:
    """Ids of the trunks that refused a message, from the stored "3,7"."""
    return tuple(int(part) for part in stored.split(",") if part)


def format_tried(tried: Iterable[int]) -> str:
    """The stored form of the ids of trunks that refused a message."""
    return ",".join(str(trunk_id) for trunk_id in tried)
