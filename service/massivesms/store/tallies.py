"""Tallies: what the engine counts for the monitor, by trunk. They only ever grow."""

from __future__ import annotations

from collections.abc import Mapping

from .db import Row, Transaction

#: The histogram of what messages waited for their answer, by the most milliseconds.
BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000)
INFINITE = 2**32 - 1

ADD = """
INSERT INTO trunk_tally (trunk_id, name, bound, amount)
VALUES (%s, %s, %s, %s)
ON DUPLICATE KEY UPDATE amount = amount + VALUES(amount)"""


def add(tx: Transaction, trunk_id: int, amounts: Mapping[tuple[str, int], int]) -> None:
    """Adds amounts by (name, bound), in the order of their keys."""
    tx.many(ADD, [(trunk_id, *key, n) for key, n in sorted(amounts.items())])


ALL = "SELECT trunk_id, name, bound, amount FROM trunk_tally"


def by_trunk(tx: Transaction) -> dict[int, dict[tuple[str, int], int]]:
    """trunk -> (name, bound) -> amount."""
    found: dict[int, dict[tuple[str, int], int]] = {}
    for trunk_id, name, bound, amount in tx.tuples(ALL):
        found.setdefault(trunk_id, {})[name, bound] = int(amount)
    return found


def histogram(amounts: Mapping[tuple[str, int], int]) -> tuple[list[Row], float]:
    """Cumulative buckets of a trunk (`le` in seconds, `count`), and their sum in s."""
    total, buckets = 0, []
    for bound in (*BOUNDS_MS, INFINITE):
        total += amounts.get(("answered", bound), 0)
        le = "+Inf" if bound == INFINITE else f"{bound / 1000:g}"
        buckets.append({"le": le, "count": total})
    return buckets, amounts.get(("waited_us", 0), 0) / 1e6
