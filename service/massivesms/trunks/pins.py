"""Which PINs a SIM card has refused: asked before one is tried.

The third wrong PIN blocks a card, so each is tried once and never again. The engine
keeps them in the database; what is here lasts as long as the process.
"""

from __future__ import annotations

from typing import Protocol


class PinBook(Protocol):
    """`card` is whatever the card or else the modem is known by."""

    def is_refused(self, card: str, pin: str) -> bool:
        """Whether that PIN must not be tried at that card."""

    def refuse(self, card: str, pin: str) -> None:
        """It is about to be tried; kept for good before this returns."""

    def accept(self, card: str, pin: str) -> None:
        """The card took it."""


class PinMemory:
    """A book that lasts as long as the process."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    def is_refused(self, card: str, pin: str) -> bool:
        """Whether it was refused since the process began."""
        return (card, pin) in self._refused

    def refuse(self, card: str, pin: str) -> None:
        """Remembers it."""
        self._refused.add((card, pin))

    def accept(self, card: str, pin: str) -> None:
        """Forgets it."""
        self._refused.discard((card, pin))


OF_THIS_PROCESS = PinMemory()
