"""How much has come in lately, counted as far as a page needs to know it."""

from __future__ import annotations

from datetime import UTC, datetime

from .db import Transaction

SINCE = """
SELECT COUNT(*) FROM (
  SELECT 1 FROM inbound_message FORCE INDEX (received)
  WHERE received_at >= %(begin)s LIMIT %(most)s) counted"""


def since(tx: Transaction, begin: datetime, most: int) -> int:
    """Incoming messages since a moment, at most `most` of them."""
    at = begin.astimezone(UTC).replace(tzinfo=None)
    return int(tx.value(SINCE, {"begin": at, "most": most}))
