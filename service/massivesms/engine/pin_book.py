"""Refused PINs in the database: known to every service, and after every restart.

A PIN never gets there: only a keyed hash of it with its card.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..store import refused_pins
from ..store.db import Database, Transaction
from ..vault import PinHash

T = TypeVar("T")


class StoredPins:
    """What trunks ask before they try a PIN. Raises StoreError: then none is tried."""

    def __init__(self, db: Database, hash_of: PinHash) -> None:
        self._db = db
        self._hash_of = hash_of

    def is_refused(self, card: str, pin: str) -> bool:
        """Whether that PIN must not be tried at that card."""
        digest = self._hash_of(card, pin)
        return self._do(lambda tx: refused_pins.is_known(tx, digest))

    def refuse(self, card: str, pin: str) -> None:
        """It is about to be tried; committed when this returns."""
        digest = self._hash_of(card, pin)
        self._do(lambda tx: refused_pins.note(tx, digest))

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
