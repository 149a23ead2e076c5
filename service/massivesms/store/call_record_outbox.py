"""Sent messages on their way into the PBX's call records.

A message comes in by the transaction that settles it, and goes when its record is
there. Whoever writes takes some for itself first, and after a crash another one may
take them: the records themselves are looked at before anything is written.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.pbx_groups import full_name
from .db import Row, Transaction

TAKEN_S = 300  # longer than any statement on the call records is waited for
SHOWN_MOST = 100_000

ADD = """
INSERT INTO call_record_outbox (message_id)
VALUES (%s)
ON DUPLICATE KEY UPDATE message_id = VALUES(message_id)"""


def add(tx: Transaction, ids: Sequence[int]) -> None:
    """Messages that were sent, while the setting is on."""
    tx.many(ADD, [(message_id,) for message_id in ids])


ADD_IF_ON = """
INSERT IGNORE INTO call_record_outbox (message_id)
SELECT m.id FROM message m JOIN setting s
  ON s.name = 'write_call_records' AND s.value = 'yes'
WHERE m.id IN %(ids)s"""


def add_if_on(tx: Transaction, ids: Sequence[int]) -> None:
    """Messages whose doubt is over: they were sent. Asks for the setting itself."""
    if ids:
        tx.execute(ADD_IF_ON, {"ids": list(ids)})


FREE = f"""
SELECT message_id FROM call_record_outbox
WHERE taken_by IN ('', %(owner)s)
   OR taken_at < UTC_TIMESTAMP(3) - INTERVAL {TAKEN_S} SECOND
ORDER BY message_id LIMIT %(limit)s"""  # noqa: S608
TAKE = f"""
UPDATE call_record_outbox SET taken_by = %(owner)s, taken_at = UTC_TIMESTAMP(3)
WHERE message_id IN %(ids)s AND (taken_by IN ('', %(owner)s)
   OR taken_at < UTC_TIMESTAMP(3) - INTERVAL {TAKEN_S} SECOND)"""  # noqa: S608
TAKEN = """
SELECT o.message_id, m.state, m.number, COALESCE(m.submitted_at, m.settled_at) AS at,
  COALESCE(m.created_by, c.created_by) AS created_by, t.name AS trunk,
  COALESCE(NULLIF(m.sender_id, ''), NULLIF(c.sender_id, ''), t.sender_id, '')
    AS sender_id
FROM call_record_outbox o LEFT JOIN message m ON m.id = o.message_id
LEFT JOIN campaign c ON c.id = m.campaign_id LEFT JOIN trunk t ON t.id = m.trunk_id
WHERE o.message_id IN %(ids)s AND o.taken_by = %(owner)s"""


def take(tx: Transaction, owner: str, limit: int) -> list[Row]:
    """Some messages that nobody else is writing; `state` is None when it is gone."""
    found = tx.tuples(FREE, {"owner": owner, "limit": limit})
    values = {"owner": owner, "ids": [message_id for (message_id,) in found]}
    if not found:
        return []
    tx.execute(TAKE, values)
    return tx.rows(TAKEN, values)


DONE = """
DELETE FROM call_record_outbox WHERE message_id IN %(ids)s AND taken_by = %(owner)s"""


def done(tx: Transaction, owner: str, ids: Sequence[int]) -> None:
    """These have their record, or get none."""
    if ids:
        tx.execute(DONE, {"ids": list(ids), "owner": owner})


EXTENSIONS = "SELECT name, source, extension FROM user WHERE extension <> ''"


def extensions(tx: Transaction) -> dict[str, str]:
    """user, as in created_by -> extension, of those that have one."""
    found = tx.tuples(EXTENSIONS)
    return {full_name(name, source): extension for name, source, extension in found}


WAITING = f"""
SELECT COUNT(*) FROM (
  SELECT 1 FROM call_record_outbox LIMIT {SHOWN_MOST}) waiting"""  # noqa: S608


def waiting(tx: Transaction) -> int:
    """How many wait for their record, up to SHOWN_MOST."""
    return int(tx.value(WAITING))
