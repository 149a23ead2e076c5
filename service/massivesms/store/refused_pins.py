"""PINs that were tried at SIM cards, each as a keyed hash of card and PIN.

The states are those of trunks.pins.
"""

from __future__ import annotations

from .db import Transaction

STATE = "SELECT state FROM refused_pin WHERE digest = %(digest)s"
BEGIN = """
INSERT INTO refused_pin (digest, state, noted_at)
VALUES (%(digest)s, 'tried', UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE state = IF(state = 'again', 'spent', state)"""
REFUSE = "UPDATE refused_pin SET state = 'refused' WHERE digest = %(digest)s"
FORGET_TRY = "DELETE FROM refused_pin WHERE digest = %(digest)s AND state = 'tried'"
TAKE_BACK = """
UPDATE refused_pin SET state = 'again' WHERE digest = %(digest)s AND state = 'spent'"""
FORGET = "DELETE FROM refused_pin WHERE digest = %(digest)s"
ALLOW_AGAIN = "UPDATE refused_pin SET state = 'again' WHERE state = 'tried'"


def state(tx: Transaction, digest: bytes) -> str | None:
    """What is known of that PIN at that card."""
    found = tx.value(STATE, {"digest": digest})
    return None if found is None else str(found)


def begin(tx: Transaction, digest: bytes) -> None:
    """It is about to be tried: without an answer nobody knows whether it counted."""
    tx.execute(BEGIN, {"digest": digest})


def refuse(tx: Transaction, digest: bytes) -> None:
    """The card said no."""
    tx.execute(REFUSE, {"digest": digest})


def retract(tx: Transaction, digest: bytes) -> None:
    """It did not count as a try."""
    tx.execute(FORGET_TRY, {"digest": digest})
    tx.execute(TAKE_BACK, {"digest": digest})


def forget(tx: Transaction, digest: bytes) -> None:
    """The card took it."""
    tx.execute(FORGET, {"digest": digest})


def allow_again(tx: Transaction) -> None:
    """A person starts a modem's trunk: what was not answered is tried once more.

    Of every card, for a book of hashes knows no trunks: the other trunks wait for a
    person too, and twice is the most for each.
    """
    tx.execute(ALLOW_AGAIN)
