"""Searches for modems that people ask for and the service carries out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .db import Row, Transaction

WAITS_S = 60

REQUEST = """
INSERT INTO modem_search (requested_by, requested_at)
VALUES (%(requested_by)s, UTC_TIMESTAMP(3))"""


def request(tx: Transaction, requested_by: str) -> int:
    """Asks the service to look at its ports; the id to look for the answer."""
    return tx.insert(REQUEST, {"requested_by": requested_by})


NEXT = f"""
SELECT id FROM modem_search WHERE state = 'waiting'
  AND requested_at > UTC_TIMESTAMP(3) - INTERVAL {WAITS_S} SECOND
ORDER BY id LIMIT 1"""  # noqa: S608
TAKE = """
UPDATE modem_search SET state = 'running' WHERE id = %(id)s AND state = 'waiting'"""


def take(tx: Transaction) -> int | None:
    """The next search to carry out, now ours; None when none waits."""
    search_id: int | None = tx.value(NEXT)
    return search_id if search_id and tx.execute(TAKE, {"id": search_id}) else None


FINISH = """
UPDATE modem_search SET state = 'done', found = %(found)s,
  finished_at = UTC_TIMESTAMP(3) WHERE id = %(id)s"""


def finish(tx: Transaction, search_id: int, found: Sequence[Mapping[str, Any]]) -> None:
    """Writes what was found."""
    values = {"id": search_id, "found": json.dumps(list(found), ensure_ascii=False)}
    tx.execute(FINISH, values)


COLUMNS = "id, state, found, requested_by, requested_at, finished_at"
BY_ID = f"SELECT {COLUMNS} FROM modem_search WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, search_id: int) -> Row | None:
    """One search with `found` as a list, or None."""
    row = tx.row(BY_ID, {"id": search_id})
    if row:
        row["found"] = json.loads(row["found"] or "[]")
    return row


PURGE = """
DELETE FROM modem_search WHERE requested_at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY"""


def purge(tx: Transaction) -> int:
    """Forgets those of yesterday; how many."""
    return tx.execute(PURGE)
