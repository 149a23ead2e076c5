"""The record of every change: who, when, from where, what. Only ever added to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from .db import Row, Transaction


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user of the pages or the command line, and from where."""

    name: str
    address: str = ""


RECORD = """
INSERT INTO audit (at, user_name, address, action, subject, details)
VALUES (UTC_TIMESTAMP(3), %(user)s, %(address)s, %(action)s, %(subject)s, %(details)s)
"""


def record(
    tx: Transaction,
    actor: Actor,
    action: str,
    subject: str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Adds one change, in the same transaction as the change itself."""
    tx.execute(
        RECORD,
        {
            "user": actor.name[:64],
            "address": actor.address[:45],
            "action": action,
            "subject": subject[:160],
            "details": json.dumps(details or {}, ensure_ascii=False, default=str),
        },
    )


LATEST = """
SELECT id, at, user_name, address, action, subject, details FROM audit
WHERE id < %(before)s ORDER BY id DESC LIMIT %(limit)s"""


def latest(tx: Transaction, *, before: int | None = None, limit: int = 50) -> list[Row]:
    """The newest changes first, those before an id for the next page."""
    found = tx.rows(LATEST, {"before": before or 2**63, "limit": limit})
    for row in found:
        row["details"] = json.loads(row["details"])
    return found
