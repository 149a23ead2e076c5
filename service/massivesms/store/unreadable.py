"""What trunks received and nobody understood: the last of it as it came, all counted.

Bounded in every way: in length, in number for each trunk, and in time, since numbers
and texts of people may be in it.
"""

from __future__ import annotations

from .db import Row, Transaction

KINDS = ("receipt", "message", "pdu")
MOST_OCTETS = 512
MOST_KEPT = 200  # of one trunk
KEEP_DAYS = 7

ADD = """
INSERT INTO unreadable (trunk_id, kind, octets, length, received_at)
VALUES (%(trunk_id)s, %(kind)s, %(octets)s, %(length)s, UTC_TIMESTAMP(3))"""
COUNT = """
INSERT INTO unreadable_count (trunk_id, kind, total, last_at)
VALUES (%(trunk_id)s, %(kind)s, 1, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE total = total + 1, last_at = VALUES(last_at)"""
OLDEST_THAT_STAYS = f"""
SELECT id FROM unreadable WHERE trunk_id = %(trunk_id)s
ORDER BY id DESC LIMIT {MOST_KEPT - 1}, 1"""  # noqa: S608
THIN = "DELETE FROM unreadable WHERE trunk_id = %(trunk_id)s AND id < %(oldest)s"


def add(tx: Transaction, trunk_id: int, kind: str, octets: bytes) -> None:
    """Keeps the beginning of what came, in place of the oldest one, and counts it."""
    values = {"trunk_id": trunk_id, "kind": kind, "length": len(octets)}
    tx.execute(ADD, {**values, "octets": octets[:MOST_OCTETS]})
    tx.execute(COUNT, values)
    oldest = tx.value(OLDEST_THAT_STAYS, values)
    if oldest is not None:
        tx.execute(THIN, {**values, "oldest": oldest})


TOTALS = """
SELECT kind, total, last_at FROM unreadable_count WHERE trunk_id = %(trunk_id)s
ORDER BY kind"""


def totals(tx: Transaction, trunk_id: int) -> list[Row]:
    """How many of each `kind` there ever were, and when the last one came."""
    return tx.rows(TOTALS, {"trunk_id": trunk_id})


LAST = """
SELECT id, trunk_id, kind, octets, length, received_at FROM unreadable
WHERE id < %(before)s ORDER BY id DESC LIMIT %(limit)s"""
LAST_OF = """
SELECT id, trunk_id, kind, octets, length, received_at FROM unreadable
WHERE trunk_id = %(trunk_id)s AND id < %(before)s ORDER BY id DESC LIMIT %(limit)s"""


def last(
    tx: Transaction,
    *,
    trunk_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Row]:
    """The last ones, the newest first, from before an id on; `octets` as bytes."""
    values = {"trunk_id": trunk_id, "before": before or 2**63, "limit": limit}
    return tx.rows(LAST if trunk_id is None else LAST_OF, values)


PURGE = f"""
DELETE FROM unreadable
WHERE received_at < UTC_TIMESTAMP(3) - INTERVAL {KEEP_DAYS} DAY LIMIT 1000"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets what is older than it is kept; how many."""
    return tx.execute(PURGE)
