"""Waits between tries to connect: 1 to 60 seconds, doubling, with jitter."""

from __future__ import annotations

import random

FIRST_S, MOST_S, JITTER = 1.0, 60.0, 0.2


class Backoff:
    """The next wait, longer each time until reset."""

    def __init__(self, randomness: random.Random) -> None:
        self._random = randomness
        self._wait_s = FIRST_S

    def next_s(self) -> float:
        """Seconds to wait now."""
        wait_s = self._wait_s
        self._wait_s = min(MOST_S, wait_s * 2)
        return wait_s * self._random.uniform(1 - JITTER, 1 + JITTER)

    def reset(self) -> None:
        """It worked: begin with the short wait next time."""
        self._wait_s = FIRST_S
