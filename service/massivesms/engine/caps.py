"""A trunk's caps in the transactions that claim and settle (see domain.caps)."""

from __future__ import annotations

import time
from datetime import datetime

from ..domain import caps
from ..domain.settings import Settings
from ..store import trunk_usage
from ..store.db import Transaction
from .post import Post

FULL_WAIT_S = 1.0  # a used-up cap is not asked for again before


class CapBooks:
    """How much a capped trunk may still send, and what it has claimed."""

    def __init__(self, post: Post) -> None:
        self._caps = caps.caps_of(post.trunk)
        #: A SIM card's use is counted always, that of others when it has a limit.
        is_sim = post.trunk["kind"] == "modem"
        self._counted = caps.PERIODS if is_sim else self._caps.set_periods
        self._trunk_id = post.lease.trunk_id
        self._now = post.now
        self._full_until_s = 0.0  # monotonic
        #: Segments that may not be overdrawn; None = a message may be the first.
        self.strict_left: int | None = None

    @property
    def is_full(self) -> bool:
        """Whether a cap was used up when last asked, a moment ago."""
        return time.monotonic() < self._full_until_s

    def left(self, tx: Transaction, settings: Settings, wanted: int) -> int:
        """Segments of `wanted` that the caps leave; held until the commit."""
        self.strict_left = None
        if not self._caps.set_periods:
            return wanted
        begins = self._periods(settings)
        used = trunk_usage.locked(tx, self._trunk_id, begins)
        left = caps.left(self._caps, used) or 0
        if any(used.values()):  # else a long message could never go out
            self.strict_left = left
        if left <= 0:
            self.note_full()
        return min(wanted, left)

    def note_full(self) -> None:
        """The next message does not fit: no need to ask again at once."""
        self._full_until_s = time.monotonic() + FULL_WAIT_S

    def add(self, tx: Transaction, settings: Settings, segments: int) -> None:
        """Books claimed segments."""
        begins = self._periods(settings)
        if begins and segments:
            trunk_usage.add(tx, self._trunk_id, begins, segments)

    def give_back(self, tx: Transaction, settings: Settings, segments: int) -> None:
        """Books segments that were claimed and did not go out."""
        self.add(tx, settings, -segments)

    def _periods(self, settings: Settings) -> dict[str, datetime]:
        """period -> when its present one began, of the periods that are counted."""
        if not self._counted:
            return {}
        begins = caps.all_begin_at(self._now(), settings.time_zone)
        return {period: begins[period] for period in self._counted}
