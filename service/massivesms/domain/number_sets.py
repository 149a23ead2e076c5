"""A set of whole numbers that costs eight octets a place, for millions of them.

Python's own set needs nine times that: five million callers would not fit into the
memory of a small PBX.
"""

from __future__ import annotations

from array import array

_WORD = (1 << 64) - 1
_FEWEST_PLACES = 1 << 10
_SPREAD = 0x9E3779B97F4A7C15  # 2**64 / golden ratio: neighbours land far apart


class NumberSet:
    """Whole numbers above 0 and below 2**64; nothing can be taken out."""

    def __init__(self) -> None:
        self._make(_FEWEST_PLACES)
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def __contains__(self, number: int) -> bool:
        return self._places[self._place(number)] == number

    def add(self, number: int) -> None:
        """Puts a number in; nothing happens when it is there."""
        place = self._place(number)
        if self._places[place] == number:
            return
        self._places[place] = number
        self._held += 1
        if self._held * 3 > len(self._places) * 2:
            self._grow()

    def _place(self, number: int) -> int:
        """Where the number is, or where it would be: the next free place."""
        places, mask = self._places, self._mask
        at = ((number * _SPREAD) & _WORD) >> self._shift
        while (found := places[at]) and found != number:
            at = (at + 1) & mask
        return at

    def _make(self, size: int) -> None:
        self._places = array("Q", bytes(8 * size))
        self._mask = size - 1
        self._shift = 64 - self._mask.bit_length()

    def _grow(self) -> None:
        old = self._places
        self._make(2 * len(old))
        places = self._places
        for number in old:
            if number:
                places[self._place(number)] = number
