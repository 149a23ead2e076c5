"""Tried PINs in the database: known to every service, and after every restart.

A PIN never gets there: only a keyed hash of it with its card.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..store import refused_pins
from ..store.db import Database, Transaction
from ..trunks.pins import PinState
from ..vault import PinHash

T = TypeVar("T")


class StoredPins:
    """What trunks ask before they try a PIN. Raises StoreError: then none is tried."""

    def __init__(self, db: Database, hash_of: PinHash) -> None:
        self._db = db
        self._hash_of = hash_of

    def state(self, card: str, pin: str) -> PinState | None:
        """What is known of that PIN at that card."""
        digest = self._hash_of(card, pin)
        found = self._do(lambda tx: refused_pins.state(tx, digest))
        return None if found is None else PinState(found)

    def begin(self, card: str, pin: str) -> None:
        """It is about to be tried; committed when this returns."""
        digest = self._hash_of(card, pin)
        self._do(lambda tx: refused_pins.begin(tx, digest))

    def refuse(self, card: str, pin: str) -> None:
        """The card said no."""
        digest = self._hash_of(card, pin)
        self._do(lambda tx: refused_pins.refuse(tx, digest))

    def retract(self, card: str, pin: str) -> None:
        """It did not count as a try."""
        digest = self._hash_of(card, pin)
        self._do(lambda tx: refused_pins.retract(tx, digest))

    def accept(self, card: str, pin: str) -> None:
        """The card took it."""
        digest = self._hash_of(card, pin)
        self._do(lambda tx: refused_pins.forget(tx, digest))

    def _do(self, work: Callable[[Transaction], T]) -> T:
        """Any thread may ask, once in a while: none keeps its connection for that."""
        try:
            return self._db.atomically(work)
        finally:
            self._db.close()
