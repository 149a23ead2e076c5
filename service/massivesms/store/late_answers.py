"""Automatic answers that could not leave in time: hours later they help nobody.

"We are closed now" must not arrive when the door is open. Confirmations of opt-outs
are no such answers: they go out whenever they can.
"""

from __future__ import annotations

from ..domain.campaigns import OUTPUT_QUEUE_ID
from . import counts, trunks
from .db import Transaction
from .messages import ANSWER

LATE_H = 4
BATCH = 500
CODE = "answer_late"

# Answers are in the express lane: few rows of the index, however much waits.
LATE = f"""
SELECT id FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'queued'
  AND route_trunk_id IN %(routes)s AND lane < 2 AND answer = {ANSWER}
  AND created_at < UTC_TIMESTAMP(3) - INTERVAL {LATE_H} HOUR LIMIT {BATCH}"""  # noqa: S608
HELD = """
SELECT id, segments FROM message
WHERE id IN %(ids)s AND state = 'queued' ORDER BY id FOR UPDATE"""
SKIP_LATE = """
UPDATE message SET state = 'skipped', settled_at = UTC_TIMESTAMP(3),
  result_code = %(code)s, result_detail = NULL
WHERE id IN %(ids)s AND state = 'queued'"""


def skip(tx: Transaction) -> int:
    """Ends answers that waited too long; how many."""
    routes = [0, *trunks.names(tx)]
    values = {"campaign_id": OUTPUT_QUEUE_ID, "routes": routes, "code": CODE}
    found = [message_id for (message_id,) in tx.tuples(LATE, values)]
    held = tx.tuples(HELD, {"ids": found}) if found else ()
    if not held:
        return 0
    ids = [message_id for message_id, _ in held]
    tx.execute(SKIP_LATE, {"ids": ids, "code": CODE})
    changes = counts.Changes()
    for message_id, segments in held:
        moved = (OUTPUT_QUEUE_ID, 0, "queued", "skipped", 1, segments)
        changes.move(*moved, ids=[message_id], code=CODE)
    changes.write(tx)
    return len(ids)
