"""Waiting for file descriptors: precisely, and with an eye on sleep of our own."""

from __future__ import annotations

import math
import select
import time

STOOD_STILL_S = 1.5


def stood_still(until_s: float) -> bool:
    """Whether a wait ended so late that this process has slept meanwhile.

    Then nothing is written in this round: the lease is asked for first (engine.drive).
    """
    return time.monotonic() - until_s > STOOD_STILL_S


def poll_precisely(poller: select.poll, timeout_s: float) -> list[tuple[int, int]]:
    """A poll() that ends within 0.1 ms of its time: poll itself rounds up to 1 ms.

    At 500 segments a second that rounding would be half of the time between two.
    """
    timeout_s = max(0.0, timeout_s)
    whole_ms = math.floor(timeout_s * 1000)
    found = poller.poll(whole_ms)
    rest_s = timeout_s - whole_ms / 1000
    if found or rest_s <= 0:
        return found
    time.sleep(rest_s)
    return poller.poll(0)
