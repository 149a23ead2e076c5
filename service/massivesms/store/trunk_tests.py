"""Tests of trunks that people ask for and the service carries out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .db import Row, Transaction

REQUEST = """
INSERT INTO trunk_test (trunk_id, requested_by, requested_at)
VALUES (%(trunk_id)s, %(requested_by)s, UTC_TIMESTAMP(3))"""


def request(tx: Transaction, trunk_id: int, requested_by: str) -> int:
    """Asks the service to try a trunk; the id to look for the answer."""
    return tx.insert(REQUEST, {"trunk_id": trunk_id, "requested_by": requested_by})


NEXT = """
SELECT id, trunk_id FROM trunk_test WHERE state = 'waiting'
  AND requested_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND ORDER BY id LIMIT 1"""
TAKE = "UPDATE trunk_test SET state = 'running' WHERE id = %(id)s AND state = 'waiting'"


def take(tx: Transaction) -> Row | None:
    """The next test to carry out (`id`, `trunk_id`), now ours; None when none waits."""
    row = tx.row(NEXT)
    return row if row and tx.execute(TAKE, {"id": row["id"]}) else None


FINISH = """
UPDATE trunk_test SET state = 'done', passed = %(passed)s, steps = %(steps)s,
  finished_at = UTC_TIMESTAMP(3) WHERE id = %(id)s"""


def finish(
    tx: Transaction, test_id: int, passed: bool, steps: Sequence[tuple[str, str]]
) -> None:
    """Writes what came back, as (code, detail) pairs in order."""
    values = {"id": test_id, "passed": int(passed)}
    tx.execute(FINISH, {**values, "steps": json.dumps(steps, ensure_ascii=False)})


COLUMNS = """id, trunk_id, state, passed, steps, requested_by, requested_at,
finished_at"""

LATEST = f"""
SELECT {COLUMNS} FROM trunk_test WHERE trunk_id = %(trunk_id)s
ORDER BY id DESC LIMIT 1"""  # noqa: S608


def latest(tx: Transaction, trunk_id: int) -> Row | None:
    """The last test of a trunk with `steps` as a list of [code, detail], or None."""
    return _read(tx.row(LATEST, {"trunk_id": trunk_id}))


BY_ID = f"SELECT {COLUMNS} FROM trunk_test WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, test_id: int) -> Row | None:
    """One test with `steps` as a list of [code, detail], or None."""
    return _read(tx.row(BY_ID, {"id": test_id}))


def _read(row: Row | None) -> Row | None:
    if row:
        row["steps"] = json.loads(row["steps"] or "[]")
    return row
