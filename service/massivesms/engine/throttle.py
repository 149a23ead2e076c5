"""A trunk that was asked to send more slowly: pauses, and a lower rate.

Pure; time is given in seconds of a monotonic clock. The pause grows while the
operator takes nothing at all. A trunk without a rate of its own learns one: a
little less than what the operator took in the second before it complained.
"""

from __future__ import annotations

from ..domain.pacing import TokenBucket

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
CALM_S = 5.0  # without a complaint for so long: recover one step
SLOWER, FASTER = 0.75, 1.1
LEAST_PER_S = 1.0  # a learned or lowered rate never falls below


class Throttle:
    """The pacing of one trunk: its rate, and pauses that the operator asks for."""

    def __init__(self, rate_per_s: float | None, now_s: float) -> None:
        self._full_rate_per_s = rate_per_s
        self.bucket = TokenBucket(rate_per_s, now_s)
        self._pause_s = FIRST_PAUSE_S
        self._paused_until_s = now_s
        self._changed_at_s = now_s
        self._second_s = now_s  # since when `_taken` counts
        self._taken = self._taken_before = 0

    def accepted(self, segments: int, now_s: float) -> None:
        """The operator took something."""
        self._pause_s = FIRST_PAUSE_S
        if now_s - self._second_s >= 1.0:
            is_next = now_s - self._second_s < 2.0
            self._taken_before = self._taken if is_next else 0
            self._taken, self._second_s = 0, now_s
        self._taken += segments

    def complain(self, at_least_s: float, now_s: float) -> None:
        """The operator refused for speed: pause everything, lower the rate."""
        if now_s < self._paused_until_s:
            return  # an answer to what went out before the pause
        self._paused_until_s = now_s + max(at_least_s, self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        self._changed_at_s = now_s
        rate = self.bucket.rate_per_s
        if rate is None:
            taken_per_s = float(max(self._taken, self._taken_before))
            learned_per_s = max(LEAST_PER_S, taken_per_s * SLOWER)
            self.bucket = TokenBucket(learned_per_s, now_s)
        elif rate > LEAST_PER_S:
            self.bucket.slow_down(max(SLOWER, LEAST_PER_S / rate))

    def available(self, now_s: float) -> int:
        """Segments that may go out now."""
        if now_s < self._paused_until_s:
            return 0
        if now_s - self._changed_at_s > CALM_S:
            self._recover(now_s)
        return self.bucket.available(now_s)

    def wait_s(self, now_s: float) -> float:
        """Seconds until something may go out."""
        return max(0.0, self._paused_until_s - now_s, self.bucket.wait_s(now_s))

    def _recover(self, now_s: float) -> None:
        self._changed_at_s = now_s
        rate, full = self.bucket.rate_per_s, self._full_rate_per_s
        if rate is not None and (full is None or rate < full):
            goal = rate * FASTER if full is None else min(full, rate * FASTER)
            self.bucket.slow_down(goal / rate)
