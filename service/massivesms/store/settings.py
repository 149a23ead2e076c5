"""Settings of the whole product: name -> text, in one table."""

from __future__ import annotations

from collections.abc import Mapping

from .db import Transaction

ALL = "SELECT name, value FROM setting"


def load(tx: Transaction) -> dict[str, str]:
    """Every stored setting; those never set are absent."""
    return dict(tx.tuples(ALL))


SAVE = """
INSERT INTO setting (name, value, changed_at)
VALUES (%(name)s, %(value)s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE value = VALUES(value), changed_at = VALUES(changed_at)"""


def save(tx: Transaction, values: Mapping[str, str]) -> None:
    """Stores settings that domain.settings has checked."""
    for name, value in values.items():
        tx.execute(SAVE, {"name": name, "value": value})
