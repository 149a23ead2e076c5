"""Who calls a modem: one call out of many rings. Pure.

A call rings every few seconds, each time with a line RING and, where the network tells
it, one with the caller's number. A call is told once, with its number if that comes.
"""

from __future__ import annotations

import math

GAP_S = 12.0  # after so long without a ring the next one is another call
UNTOLD_S = 5.0  # the number comes with the first ring or the second one


class Calls:
    """The call that rings now; each method says who is to be noted, '' = not known."""

    def __init__(self) -> None:
        self._number = ""
        self._began_at_s = -math.inf
        self._rang_at_s = -math.inf
        self._is_noted = True

    @property
    def due_s(self) -> float | None:
        """When check() has something to do."""
        return None if self._is_noted else self._began_at_s + UNTOLD_S

    def ring(self, number: str | None, now_s: float) -> list[str]:
        """It rings; `number` is who the network says it is, None when that is open."""
        noted: list[str] = []
        is_other = bool(number and self._number and number != self._number)
        if is_other or now_s - self._rang_at_s > GAP_S:
            noted = self.over()
            self._number, self._began_at_s, self._is_noted = "", now_s, False
        self._rang_at_s = now_s
        if number is None or self._is_noted:
            return noted
        self._number, self._is_noted = number, True
        return [*noted, number]

    def check(self, now_s: float) -> list[str]:
        """Notes a call whose number does not come."""
        due_s = self.due_s
        return self.over() if due_s is not None and now_s >= due_s else []

    def over(self) -> list[str]:
        """The caller has hung up."""
        if self._is_noted:
            return []
        self._is_noted = True
        return [self._number]
