"""A token bucket in segments: how fast one trunk may send.

Time is given, in seconds of a monotonic clock; nothing here waits.
"""

from __future__ import annotations

import math
from collections import deque

EASE = 0.987  # of the rate: what is lost to never being above it
SECOND_S = 1.01  # the second that is looked at; the operator sees ours with jitter
CATCH_UP_S = 0.05  # what a late wake-up may make good at once
GRAIN_S = 0.002  # grants so near each other are remembered as one


class TokenBucket:
    """Grants segments at `rate_per_s`: evenly, and exact over time.

    Never more than the rate in any second (rounded up; at least one).
    """

    def __init__(self, rate_per_s: float, now_s: float) -> None:
        self.rate_per_s = rate_per_s
        self._tokens = 1.0
        self._filled_at_s = now_s
        self._granted: deque[tuple[float, int]] = deque()  # when, how many
        self._in_second = 0

    def available(self, now_s: float) -> int:
        """Whole segments that may go out now."""
        passed_s = max(0.0, now_s - self._filled_at_s)
        self._filled_at_s = now_s
        capacity = max(1.0, self.rate_per_s * CATCH_UP_S)
        earned = passed_s * self.rate_per_s * EASE
        self._tokens = min(capacity, self._tokens + earned)
        while self._granted and now_s - self._granted[0][0] >= SECOND_S:
            self._in_second -= self._granted.popleft()[1]
        room = self._most_in_a_second() - self._in_second
        return max(0, min(int(self._tokens), room))

    def take(self, wanted: int, now_s: float) -> int:
        """Grants up to `wanted` segments; how many."""
        granted = min(wanted, self.available(now_s))
        if granted <= 0:
            return 0
        self._tokens -= granted
        self._in_second += granted
        if self._granted and now_s - self._granted[-1][0] < GRAIN_S:
            at_s, before = self._granted.pop()
            self._granted.append((at_s, before + granted))
        else:
            self._granted.append((now_s, granted))
        return granted

    def until(self, now_s: float, ahead_s: float) -> int:
        """Segments that will have been granted `ahead_s` from now, if asked for."""
        self.available(now_s)
        return int(self._tokens + ahead_s * self.rate_per_s * EASE)

    def wait_s(self, now_s: float) -> float:
        """Seconds until one segment may go out."""
        if self.available(now_s) >= 1:
            return 0.0
        wait_s = (1.0 - self._tokens) / (self.rate_per_s * EASE)
        if self._in_second >= self._most_in_a_second():
            wait_s = max(wait_s, self._granted[0][0] + SECOND_S - now_s)
        return max(0.0, wait_s)

    def _most_in_a_second(self) -> int:
        return max(1, math.ceil(self.rate_per_s))
