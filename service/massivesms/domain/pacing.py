"""A token bucket in segments: how fast one trunk may send.

Time is given, in seconds of a monotonic clock; nothing here waits.
"""

from __future__ import annotations

BURST_S = 0.1  # the bucket holds a tenth of a second, at least one message's worth


class TokenBucket:
    """Grants segments at `rate_per_s`, never more than the burst at once.

    A message of several segments may overdraw the bucket; the debt is paid
    before anything more is granted, so the mean rate is exact.
    """

    def __init__(self, rate_per_s: float | None, now_s: float) -> None:
        self.rate_per_s = rate_per_s
        self._capacity = max(1.0, (rate_per_s or 0.0) * BURST_S)
        self._tokens = 1.0 if rate_per_s else 0.0
        self._filled_at_s = now_s

    def available(self, now_s: float) -> int:
        """Whole segments that may go out now (unlimited: a large number)."""
        if self.rate_per_s is None:
            return 1_000_000
        passed = max(0.0, now_s - self._filled_at_s)
        self._filled_at_s = now_s
        self._tokens = min(self._capacity, self._tokens + passed * self.rate_per_s)
        return max(0, int(self._tokens))

    def take(self, segments: int) -> None:
        """Book segments that were sent; gives them back when negative."""
        if self.rate_per_s is not None:
            self._tokens -= segments

    def slow_down(self, factor: float) -> None:
        """Lower the rate, e.g. to half when the operator throttles."""
        if self.rate_per_s is not None:
            self.rate_per_s = max(0.1, self.rate_per_s * factor)
            self._capacity = max(1.0, self.rate_per_s * BURST_S)

    def wait_s(self, now_s: float) -> float:
        """Seconds until one segment may go out."""
        if self.rate_per_s is None or self.available(now_s) >= 1:
            return 0.0
        return (1.0 - self._tokens) / self.rate_per_s
