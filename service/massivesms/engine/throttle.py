"""A trunk that was asked to send more slowly: a pause that grows, a lower rate.

Pure; time is given in seconds of a monotonic clock.
"""

from __future__ import annotations

from ..domain.pacing import TokenBucket

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
CALM_S = 10.0  # without a complaint for so long: recover one step


class Throttle:
    """The pacing of one trunk: its rate, and pauses that the operator asks for."""

    def __init__(self, rate_per_s: float | None, now_s: float) -> None:
        self._full_rate_per_s = rate_per_s
        self.bucket = TokenBucket(rate_per_s, now_s)
        self._pause_s = FIRST_PAUSE_S
        self._paused_until_s = now_s
        self._changed_at_s = now_s

    def complain(self, at_least_s: float, now_s: float) -> None:
        """The operator refused for speed: pause everything, halve the rate."""
        if now_s < self._paused_until_s:
            return  # an answer to what went out before the pause
        pause_s = max(at_least_s, self._pause_s)
        self._paused_until_s = now_s + pause_s
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        self.bucket.slow_down(0.5)
        self._changed_at_s = now_s

    def available(self, now_s: float) -> int:
        """Segments that may go out now."""
        if now_s < self._paused_until_s:
            return 0
        if now_s - self._changed_at_s > CALM_S:
            self._recover(now_s)
        return self.bucket.available(now_s)

    def wait_s(self, now_s: float) -> float:
        """Seconds until something may go out."""
        return max(self._paused_until_s - now_s, self.bucket.wait_s(now_s))

    def _recover(self, now_s: float) -> None:
        self._changed_at_s = now_s
        self._pause_s = max(FIRST_PAUSE_S, self._pause_s / 2)
        rate, full = self.bucket.rate_per_s, self._full_rate_per_s
        if rate is not None and full is not None and rate < full:
            self.bucket.slow_down(min(full, rate * 1.25) / rate)
