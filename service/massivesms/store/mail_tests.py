"""Tests of the mail account that people ask for and the service carries out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .db import Row, Transaction

TAKEN_WITHIN_S = 60

REQUEST = """
INSERT INTO mail_test (address, requested_by, requested_at)
VALUES (%(address)s, %(requested_by)s, UTC_TIMESTAMP(3))"""


def request(tx: Transaction, address: str, requested_by: str) -> int:
    """Asks the service to try the account; the id to look for what comes of it."""
    values = {"address": address, "requested_by": requested_by[:64]}
    return tx.insert(REQUEST, values)


NEXT = f"""
SELECT id, address, requested_at FROM mail_test WHERE state = 'waiting'
  AND requested_at > UTC_TIMESTAMP(3) - INTERVAL {TAKEN_WITHIN_S} SECOND
ORDER BY id LIMIT 1"""  # noqa: S608
TAKE = "UPDATE mail_test SET state = 'running' WHERE id = %(id)s AND state = 'waiting'"


def take(tx: Transaction) -> Row | None:
    """The next test, now ours; None when none waits."""
    row = tx.row(NEXT)
    return row if row and tx.execute(TAKE, {"id": row["id"]}) else None


TELL = """
UPDATE mail_test SET steps = %(steps)s, passed = %(passed)s,
  state = IF(%(passed)s IS NULL, 'running', 'done') WHERE id = %(id)s"""


def tell(
    tx: Transaction,
    test_id: int,
    steps: Sequence[tuple[str, str]],
    passed: bool | None = None,
) -> None:
    """Writes what came so far, as (code, detail) in order; `passed` at the end."""
    written = json.dumps(steps, ensure_ascii=False)
    state = None if passed is None else int(passed)
    tx.execute(TELL, {"id": test_id, "steps": written, "passed": state})


BY_ID = """
SELECT id, address, state, passed, steps, requested_by, requested_at
FROM mail_test WHERE id = %(id)s"""


def by_id(tx: Transaction, test_id: int) -> Row | None:
    """One test with `steps` as a list of [code, detail], or None."""
    row = tx.row(BY_ID, {"id": test_id})
    if row:
        row["steps"] = json.loads(row["steps"] or "[]")
    return row


PURGE = """
DELETE FROM mail_test WHERE requested_at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY"""


def purge(tx: Transaction) -> None:
    """Forgets old tests; the table is always small."""
    tx.execute(PURGE)
