"""Calls for a trunk that were not the provider's: how many, and the last one.

Anybody may call, so one row for each trunk, and written at most every few seconds.
"""

from __future__ import annotations

from .db import Row, Transaction

LEAST_S = 2  # between two that are counted

NOTE = f"""
INSERT INTO provider_refusal (trunk_id, why, times, last_at)
VALUES (%(trunk_id)s, %(why)s, 1, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE
  times = times + (last_at < UTC_TIMESTAMP(3) - INTERVAL {LEAST_S} SECOND),
  why = IF(last_at < UTC_TIMESTAMP(3) - INTERVAL {LEAST_S} SECOND, VALUES(why), why),
  last_at = IF(last_at < UTC_TIMESTAMP(3) - INTERVAL {LEAST_S} SECOND,
               VALUES(last_at), last_at)"""  # noqa: S608


def note(tx: Transaction, trunk_id: int, why: str) -> None:
    """Counts a refused call: `signature`, `token` or `verify_token`."""
    tx.execute(NOTE, {"trunk_id": trunk_id, "why": why})


OF_TRUNK = """
SELECT why, times, last_at FROM provider_refusal WHERE trunk_id = %(trunk_id)s"""


def of_trunk(tx: Transaction, trunk_id: int) -> Row | None:
    """The last one of a trunk with `times`, or None."""
    return tx.row(OF_TRUNK, {"trunk_id": trunk_id})
