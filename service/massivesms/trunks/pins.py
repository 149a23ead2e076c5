"""Which PINs were tried at a SIM card: asked before one is tried.

The third wrong PIN blocks a card. One that the card refused is never tried again; one
that it did not answer may have counted, so a person may have it tried once more, and
then nobody. The engine keeps them in the database; what is here lasts as long as the
process.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class PinState(StrEnum):
    """What is known of a PIN that was tried at a card, as the database has it."""

    TRIED = "tried"  # without an answer so far
    AGAIN = "again"  # the same, and a person wants it tried once more
    SPENT = "spent"  # twice without an answer
    REFUSED = "refused"  # the card said no


class PinBook(Protocol):
    """`card` is whatever the card or else the modem is known by."""

    def state(self, card: str, pin: str) -> PinState | None:
        """What is known of it; only with None and AGAIN may it be tried."""

    def begin(self, card: str, pin: str) -> None:
        """It is about to be tried; kept for good before this returns."""

    def refuse(self, card: str, pin: str) -> None:
        """The card said no."""

    def retract(self, card: str, pin: str) -> None:
        """It did not count as a try: all is as before begin()."""

    def accept(self, card: str, pin: str) -> None:
        """The card took it."""


class PinMemory:
    """A book that lasts as long as the process."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], PinState] = {}

    def state(self, card: str, pin: str) -> PinState | None:
        """What is known of it since the process began."""
        return self._states.get((card, pin))

    def begin(self, card: str, pin: str) -> None:
        """Remembers it."""
        state = self._states.setdefault((card, pin), PinState.TRIED)
        if state is PinState.AGAIN:
            self._states[card, pin] = PinState.SPENT

    def refuse(self, card: str, pin: str) -> None:
        """Remembers the answer."""
        self._states[card, pin] = PinState.REFUSED

    def retract(self, card: str, pin: str) -> None:
        """Forgets the last try."""
        if self._states.pop((card, pin), None) is PinState.SPENT:
            self._states[card, pin] = PinState.AGAIN

    def accept(self, card: str, pin: str) -> None:
        """Forgets it."""
        self._states.pop((card, pin), None)

    def allow_again(self) -> None:
        """A person wants what was not answered tried once more."""
        for key, state in self._states.items():
            if state is PinState.TRIED:
                self._states[key] = PinState.AGAIN


OF_THIS_PROCESS = PinMemory()
