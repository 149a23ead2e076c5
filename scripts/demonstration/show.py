"""Owns what the person in front of the demo sees: progress, counts, the way in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

WIDTH = 24


class Progress:
    """A bar that moves on a terminal; elsewhere a line whenever it has grown."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._is_terminal = sys.stdout.isatty()
        self._last = ""

    def show(self, counts: Mapping[str, int], total: int) -> None:
        """Where the campaign is now."""
        left = counts["queued"] + counts["submitting"]
        words = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
        if words == self._last:
            return
        self._last = words
        line = f"{self._name}: {total - left} of {total} ({words})"
        if not self._is_terminal:
            print(line)
            return
        full = WIDTH * (total - left) // total if total else WIDTH
        drawn = f"[{'#' * full}{'-' * (WIDTH - full)}] {line}"
        columns = shutil.get_terminal_size().columns - 1
        print(f"\r\033[K{drawn[:columns]}", end="", flush=True)

    def end(self) -> None:
        """Leaves the bar where it is."""
        if self._is_terminal and self._last:
            print()


def show_way_in(url: str, user: str, password: str) -> None:
    """The address and how to sign in."""
    print(f"\nThe pages:  {url}\nSign in as: {user}\nPassword:   {password}\n")


def show_counts(name: str, counts: Mapping[str, int]) -> None:
    """One campaign's counts by state."""
    print(name)
    for state, n in counts.items():
        if n:
            print(f"  {state:<12}{n:>6}")
