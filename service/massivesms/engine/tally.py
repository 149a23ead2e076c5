"""What one session counts for the monitor: kept here, written every few seconds.

A crash loses what was not written; nothing of it decides anything.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from ..errors import StoreError
from ..store import tallies
from ..store.db import Database
from ..store.tallies import BOUNDS_MS, INFINITE

log = logging.getLogger(__name__)


class Tally:
    """Counts of one trunk since they were written last. For one thread."""

    WRITE_S = 5.0

    def __init__(self, trunk_id: int) -> None:
        self._trunk_id = trunk_id
        self._amounts: Counter[tuple[str, int]] = Counter()
        self._due_s = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to write."""
        return not self._amounts

    def answered(self, waited_s: Sequence[float]) -> None:
        """So long messages waited from their claim to the operator's answer."""
        for one_s in waited_s:
            at = bisect_left(BOUNDS_MS, one_s * 1000)
            bound = BOUNDS_MS[at] if at < len(BOUNDS_MS) else INFINITE
            self._amounts["answered", bound] += 1
        self._add("waited_us", int(sum(waited_s) * 1e6))

    def came(self, receipts: int, incoming: int) -> None:
        """So many delivery receipts and messages from people came and were stored."""
        self._add("receipts", receipts)
        self._add("incoming", incoming)

    def _add(self, name: str, amount: int) -> None:
        if amount:
            self._amounts[name, 0] += amount

    def write(self, db: Database, *, at_once: bool = False) -> None:
        """Writes them when it is time; they stay while the database is away."""
        now_s = time.monotonic()
        if self.is_empty or (now_s < self._due_s and not at_once):
            return
        self._due_s = now_s + self.WRITE_S
        amounts = dict(self._amounts)
        try:
            db.atomically(lambda tx: tallies.add(tx, self._trunk_id, amounts))
        except StoreError as error:
            log.debug("tallies wait for the database: %s", error)
            return
        self._amounts.clear()
