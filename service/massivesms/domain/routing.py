"""Which trunk may take which messages.

Pure rules over values. A message of a campaign with no named trunk goes to the
best priority that can send now; trunks of equal priority share the load. A
message that a trunk refused for reasons of its own is routed to one named next
trunk, so that nobody scans past rows they may not take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trunk as routing sees it; `available` = it is sending or can."""

    trunk_id: int
    priority: int  # 1 is the best
    available: bool


def best_trunks(candidates: Iterable[Candidate]) -> frozenset[int]:
    """The available trunks of the best priority: they share fresh messages."""
    able = [c for c in candidates if c.available]
    if not able:
        return frozenset()
    best = min(c.priority for c in able)
    return frozenset(c.trunk_id for c in able if c.priority == best)


def next_trunk(candidates: Iterable[Candidate], tried: Collection[int]) -> int | None:
    """The trunk to try after those of `tried`, or None when none is left.

    One that can send now is preferred to a better one that cannot; among equals
    the lowest id, so that a plan is the same whoever makes it.
    """
    left = [c for c in candidates if c.trunk_id not in tried]
    if not left:
        return None
    return min(left, key=lambda c: (not c.available, c.priority, c.trunk_id)).trunk_id


def parse_tried(stored: str) -> tuple[int, ...]:
    """Ids of the trunks that refused a message, from the stored "3,7"."""
    return tuple(int(part) for part in stored.split(",") if part)


def format_tried(tried: Iterable[int]) -> str:
    """The stored form of the ids of trunks that refused a message."""
    return ",".join(str(trunk_id) for trunk_id in tried)
