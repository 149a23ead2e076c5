"""What came in the last minutes: an operator that did not hear our answer repeats.

A message is known again by its octets, by whatever trunk it comes. Whoever really
writes the same twice within these minutes is heard once.
"""

from __future__ import annotations

from collections.abc import Sequence

from .db import Transaction

KNOWN_MINUTES = 5

NEW_MARK = "SELECT UUID_SHORT()"
# One row for each, held until the commit: of two that take the same at once the
# second waits, and then finds the first one's mark.
REMEMBER = f"""
INSERT INTO inbound_seen (digest, mark, seen_at)
VALUES (%s, %s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE
  mark = IF(seen_at > VALUES(seen_at) - INTERVAL {KNOWN_MINUTES} MINUTE,
             mark, VALUES(mark)),
  seen_at = VALUES(seen_at)"""  # noqa: S608
FRESH = """
SELECT digest FROM inbound_seen
WHERE digest IN %(digests)s AND mark = %(mark)s"""


def fresh(tx: Transaction, digests: Sequence[bytes]) -> set[bytes]:
    """Those of some digests that did not come before; they are known from now on."""
    wanted = sorted(set(digests))
    if not wanted:
        return set()
    mark = tx.value(NEW_MARK)
    tx.many(REMEMBER, [(digest, mark) for digest in wanted])
    values = {"digests": wanted, "mark": mark}
    return {bytes(digest) for (digest,) in tx.tuples(FRESH, values)}


PURGE = f"""
DELETE FROM inbound_seen
WHERE seen_at < UTC_TIMESTAMP(3) - INTERVAL {KNOWN_MINUTES} MINUTE
LIMIT 2000"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets what came earlier; how many, at most 2000."""
    return tx.execute(PURGE)
