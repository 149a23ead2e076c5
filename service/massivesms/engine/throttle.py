"""The speed of one trunk: its own limit, and what the operator lets through.

Shared by all sessions of the trunk, in any thread. Time is given in seconds of a
monotonic clock. When the operator says that it is too fast (0x58, 0x14) the whole
trunk pauses, longer each time while nothing at all is taken, and goes on a little
below what the operator took in its best second; then it feels its way up again.

Some operators refuse a share of everything, however slow one is. That shows in
complaints that come at once although we have slowed down, with much accepted
beside them: then slowing down again would only lose time.
"""

from __future__ import annotations

import math
import threading
from collections import deque

from ..domain.pacing import TokenBucket

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
BELOW = 0.95  # of what was taken
LEAST_PER_S = 1.0  # a learned or lowered rate never falls below
CALM_S = 5.0  # without a complaint for so long: one step faster
STEPS = (1.01, 1.02, 1.05, 1.1, 1.25, 1.5, 2.0)  # the longer it is calm
AHEAD_S = 0.2  # claimed before its time, so that the wire never waits for it
UNLIMITED = 1_000_000

SOON_S = 10.0  # a complaint so soon after a pause: did slowing down help?
USELESS_TRIES = 3  # complaints at once after slowing down
AT_ONCE = 20  # answers after a pause, or a second's worth of them
MUCH_ACCEPTED = 0.25  # share of the answers beside a useless slow-down
#: Then complaints change nothing for so long; longer each time.
INDIFFERENT_S, LONGEST_INDIFFERENT_S = 60.0, 600.0


class Throttle:
    """The pace of one trunk (see trunks.base.Pace), and what it may claim ahead."""

    def __init__(self, rate_per_s: float | None, now_s: float) -> None:
        self._lock = threading.Lock()
        self._full_rate_per_s = rate_per_s
        self._bucket = TokenBucket(rate_per_s, now_s) if rate_per_s else None
        self._pause_s = FIRST_PAUSE_S
        self._paused_until_s = -math.inf
        self._changed_at_s = now_s
        self._step = 0
        self._recent: deque[tuple[float, int, int]] = deque()  # when, taken, refused
        self._must_learn = False  # at the end of the pause
        self._resumed = 0  # answers since the last pause
        self._streak = [0, 0]  # taken, refused, while slowing down does not help
        self._useless = 0
        self._rate_before: float | None = rate_per_s  # before that
        self._indifferent_until_s = now_s
        self._indifferent_s = INDIFFERENT_S

    @property
    def rate_per_s(self) -> float | None:
        """The rate in force; None = no limit."""
        return self._bucket.rate_per_s if self._bucket else None

    # --- what goes out ---------------------------------------------------

    def take(self, wanted: int, now_s: float) -> int:
        """Grants 0 to `wanted` segments to be written now."""
        with self._lock:
            if now_s < self._paused_until_s:
                return 0
            self._learn(now_s)
            self._recover(now_s)
            return self._bucket.take(wanted, now_s) if self._bucket else wanted

    def wait_s(self, now_s: float) -> float:
        """Seconds until at least one segment may be written; 0 = now."""
        with self._lock:
            wait_s = self._bucket.wait_s(now_s) if self._bucket else 0.0
            return max(0.0, self._paused_until_s - now_s, wait_s)

    def claimable(self, now_s: float) -> int:
        """Segments that will be written within AHEAD_S, if there are as many."""
        with self._lock:
            ahead_s = AHEAD_S - max(0.0, self._paused_until_s - now_s)
            if ahead_s <= 0:
                return 0
            return self._bucket.until(now_s, ahead_s) if self._bucket else UNLIMITED

    # --- what the operator says ------------------------------------------

    def accepted(self, segments: int, now_s: float) -> None:
        """The operator took something."""
        with self._lock:
            self._pause_s = FIRST_PAUSE_S
            self._answered(segments, 0, now_s)

    def complain(self, at_least_s: float, now_s: float) -> None:
        """The operator refused for speed: pause everything, lower the rate."""
        with self._lock:
            self._answered(0, 1, now_s)
            if now_s < max(self._paused_until_s, self._indifferent_until_s):
                return  # an answer to what went out before the pause
            self._learn(now_s)
            if self._is_useless(now_s):
                self._be_indifferent(now_s)
                return
            self._paused_until_s = now_s + max(at_least_s, self._pause_s)
            self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
            self._changed_at_s = self._paused_until_s
            self._step = 0
            self._must_learn = True

    def _answered(self, taken: int, refused: int, now_s: float) -> None:
        if not self._must_learn:  # else what was before the pause is still needed
            while self._recent and now_s - self._recent[0][0] > 1.0:
                self._recent.popleft()
        self._recent.append((now_s, taken, refused))
        self._streak[0] += taken
        self._streak[1] += refused
        if now_s >= self._paused_until_s:
            self._resumed += taken + refused

    def _learn(self, now_s: float) -> None:
        """After a pause: a little below what was taken in the second before it."""
        if not self._must_learn:
            return
        self._must_learn = False
        self._resumed = 0
        taken = sum(entry[1] for entry in self._recent)
        refused = sum(entry[2] for entry in self._recent)
        self._recent.clear()
        rate = self.rate_per_s
        if rate is None:
            self._set_rate(max(LEAST_PER_S, taken * BELOW), now_s)
        elif rate > LEAST_PER_S:
            share = max(0.5, taken / (taken + refused)) if taken else 0.5
            goal = rate * share
            if taken >= max(AT_ONCE, rate * MUCH_ACCEPTED):
                goal = min(goal, taken)  # it counts by the second, it seems
            self._set_rate(max(LEAST_PER_S, goal * BELOW), now_s)

    def _is_useless(self, now_s: float) -> bool:
        """Whether complaints come whatever we do."""
        taken, refused = self._streak
        soon = now_s - self._paused_until_s < SOON_S
        if not soon or taken < MUCH_ACCEPTED * (taken + refused):
            self._useless = 0
            self._streak = [0, 1]
            self._rate_before = self.rate_per_s
            return False
        rate, before = self.rate_per_s or 0.0, self._rate_before
        self._useless += self._resumed < max(AT_ONCE, rate)
        much_slower = before is not None and rate < before / 2
        return self._useless > USELESS_TRIES or much_slower

    def _be_indifferent(self, now_s: float) -> None:
        self._indifferent_until_s = now_s + self._indifferent_s
        self._indifferent_s = min(LONGEST_INDIFFERENT_S, self._indifferent_s * 2)
        self._useless = 0
        self._set_rate(self._rate_before, now_s)

    def _recover(self, now_s: float) -> None:
        rate, full = self.rate_per_s, self._full_rate_per_s
        if rate is None or rate == full or now_s - self._changed_at_s <= CALM_S:
            return
        factor = STEPS[min(self._step, len(STEPS) - 1)]
        self._step += 1
        self._changed_at_s = now_s
        goal = rate * factor
        self._set_rate(goal if full is None else min(full, goal), now_s)

    def _set_rate(self, rate_per_s: float | None, now_s: float) -> None:
        if rate_per_s is None:
            self._bucket = None
        elif self._bucket is None:
            self._bucket = TokenBucket(rate_per_s, now_s)
        else:
            self._bucket.rate_per_s = rate_per_s
