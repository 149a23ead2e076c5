"""PINs that SIM cards refused, each as a keyed hash of card and PIN."""

from __future__ import annotations

from .db import Transaction

KNOWN = "SELECT 1 FROM refused_pin WHERE digest = %(digest)s"
NOTE = """
INSERT IGNORE INTO refused_pin (digest, noted_at)
VALUES (%(digest)s, UTC_TIMESTAMP(3))"""
FORGET = "DELETE FROM refused_pin WHERE digest = %(digest)s"


def is_known(tx: Transaction, digest: bytes) -> bool:
    """Whether that PIN must not be tried at that card."""
    return tx.value(KNOWN, {"digest": digest}) is not None


def note(tx: Transaction, digest: bytes) -> None:
    """It is about to be tried: without an answer nobody knows whether it counted."""
    tx.execute(NOTE, {"digest": digest})


def forget(tx: Transaction, digest: bytes) -> None:
    """The card took it."""
    tx.execute(FORGET, {"digest": digest})
