"""Paces for the tests: one that is told what to grant, one that keeps a rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Granting:
    """Grants `left` segments and then says to wait; keeps what it was asked."""

    left: int
    next_s: float = 1000.0
    asked: list[int] = field(default_factory=list)

    def take(self, wanted: int, now_s: float) -> int:
        self.asked.append(wanted)
        granted = min(wanted, self.left)
        self.left -= granted
        return granted

    def wait_s(self, now_s: float) -> float:
        return 0.0 if self.left else self.next_s


class Steady:
    """One segment every so often, none saved up; the first at once."""

    def __init__(self, rate_per_s: float) -> None:
        self._gap_s = 1 / rate_per_s
        self._next_at_s = -math.inf

    def take(self, wanted: int, now_s: float) -> int:
        if wanted <= 0 or now_s < self._next_at_s:
            return 0
        late_s = now_s - self._next_at_s
        began_s = self._next_at_s if late_s < 0.05 else now_s
        due = min(wanted, 1 + int((now_s - began_s) / self._gap_s))
        self._next_at_s = began_s + due * self._gap_s
        return due

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._next_at_s - now_s)
