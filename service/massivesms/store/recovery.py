"""Recovery: what a dead session held, and what waits for trunks that cannot send.

recover   submitting of a dead token -> in_doubt
reroute   queued for a trunk that is down -> queued for another one
fail      queued for a trunk that is gone, with none left -> failed
"""

from __future__ import annotations

from collections.abc import Sequence

from . import counts, receipts
from .db import Transaction

SUBMITTING_CAMPAIGNS = """
SELECT campaign_id FROM campaign_count WHERE trunk_id = %(trunk_id)s
  AND state = 'submitting' AND messages > 0"""
HELD_BY = """
SELECT id, segments FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'submitting'
  AND trunk_id = %(trunk_id)s AND claim_token = %(token)s FOR UPDATE"""
DOUBT = """
UPDATE message SET state = 'in_doubt', result_code = %(code)s,
  submitted_at = claimed_at, settled_at = UTC_TIMESTAMP(3)
WHERE id IN %(ids)s AND state = 'submitting' AND claim_token = %(token)s"""


def recover(tx: Transaction, trunk_id: int, token: int, code: str) -> int:
    """Puts in doubt what a dead session still held; how many messages.

    They may have been on the wire, so they are never simply sent again. What their
    receipts said already settles them at once.
    """
    changes = counts.Changes()
    found: list[int] = []
    for (campaign_id,) in tx.tuples(SUBMITTING_CAMPAIGNS, {"trunk_id": trunk_id}):
        values = {"campaign_id": campaign_id, "trunk_id": trunk_id, "token": token}
        rows = tx.tuples(HELD_BY, values)
        if rows:
            ids = [message_id for message_id, _ in rows]
            tx.execute(DOUBT, {"ids": ids, "token": token, "code": code})
            segments = sum(n for _, n in rows)
            moved = (campaign_id, trunk_id, "submitting", "in_doubt")
            changes.move(*moved, len(rows), segments, ids=ids, code=code)
            found += ids
    receipts.match_doubts(tx, trunk_id, found, changes)
    changes.write(tx)
    return len(found)


WAITING_ON = """
SELECT id, tried_trunks, number FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'queued'
  AND route_trunk_id = %(route)s AND pinned = %(pinned)s LIMIT %(limit)s"""
REROUTE = """
UPDATE message SET route_trunk_id = %(new_route)s
WHERE id IN %(ids)s AND state = 'queued' AND route_trunk_id = %(route)s"""


def waiting_on(
    tx: Transaction, campaign_id: int, route: int, limit: int, *, pinned: bool = False
) -> list[tuple[int, str, str]]:
    """(id, tried_trunks, number) of messages that wait for a trunk.

    Those routed by the engine, or those that may go nowhere else (`pinned`).
    """
    values = {
        "campaign_id": campaign_id,
        "route": route,
        "pinned": int(pinned),
        "limit": limit,
    }
    return [(row[0], row[1], row[2]) for row in tx.tuples(WAITING_ON, values)]


def reroute(tx: Transaction, ids: Sequence[int], route: int, new_route: int) -> int:
    """Gives waiting messages another trunk; how many."""
    if not ids:
        return 0
    values = {"ids": list(ids), "route": route, "new_route": new_route}
    return tx.execute(REROUTE, values)


FAIL_WAITING = """
UPDATE message SET state = 'failed', settled_at = UTC_TIMESTAMP(3),
  result_code = %(code)s
WHERE id = %(id)s AND state = 'queued'"""
SEGMENTS_OF = "SELECT segments FROM message WHERE id = %(id)s"


def fail_waiting(tx: Transaction, campaign_id: int, message_id: int, code: str) -> bool:
    """Ends a waiting message that no trunk is left for."""
    values = {"id": message_id, "code": code}
    if not tx.execute(FAIL_WAITING, values):
        return False
    changes = counts.Changes()
    segments = int(tx.value(SEGMENTS_OF, values))
    moved = (campaign_id, 0, "queued", "failed", 1, segments)
    changes.move(*moved, ids=[message_id], code=code)
    changes.write(tx)
    return True
