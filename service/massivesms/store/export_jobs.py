"""Exports in the background: what they wrote, whose they are, how long they are kept.

They are jobs like loads (store/load_jobs.py), of a kind of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import audit, load_jobs
from .audit import Actor
from .db import Row, Transaction
from .load_jobs import EXPORT

KEPT_H = 24


def create(tx: Transaction, params: Mapping[str, Any], actor: Actor) -> int:
    """An export that waits to be taken up; its id."""
    return load_jobs.create(tx, EXPORT, params, actor, saving=False, audited=False)


FINISH = """
UPDATE load_job SET state = 'done', found = %(rows)s, file = %(file)s, size = %(size)s,
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""


def finish(
    tx: Transaction,
    job: Row,
    owner: str,
    *,
    file: str,
    size: int,
    rows: int,
    details: Mapping[str, object],
) -> bool:
    """Ends an export whose file is there, and says so in the audit; False: not ours."""
    values = {"id": job["id"], "owner": owner, "file": file, "size": size, "rows": rows}
    if not tx.execute(FINISH, values):
        return False
    record(tx, Actor(job["created_by"], job["params"]["address"]), rows, details)
    return True


def record(
    tx: Transaction, actor: Actor, rows: int, details: Mapping[str, object]
) -> None:
    """Says in the audit that personal data left the house: who, which, how many."""
    facts = {"messages": rows, **details}
    audit.record(tx, actor, "message.export", f"{rows}", facts)


KEPT = """
SELECT id, file FROM load_job WHERE kind = 'export' AND (
  state IN ('waiting', 'running') OR (state = 'done'
    AND finished_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR))"""


def kept(tx: Transaction) -> dict[int, str]:
    """job -> its file, '' while it is written, of those that are still needed."""
    return dict(tx.tuples(KEPT, {"kept_h": KEPT_H}))


OF_USER = f"""
SELECT {load_jobs.FIELDS} FROM load_job
WHERE state IN ('waiting', 'running', 'done', 'failed') AND kind = 'export'
  AND created_by = %(user)s
  AND created_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR
ORDER BY id DESC LIMIT 10"""  # noqa: S608


def of_user(tx: Transaction, user: str) -> list[Row]:
    """The exports of the last day that somebody asked for, the newest first."""
    found = tx.rows(OF_USER, {"user": user, "kept_h": KEPT_H})
    return [load_jobs.readable(row) for row in found]


IS_KEPT = """
SELECT 1 FROM load_job WHERE id = %(id)s AND state = 'done'
  AND finished_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR"""


def is_kept(tx: Transaction, job_id: int) -> bool:
    """Whether the file of an export may still be had."""
    return tx.value(IS_KEPT, {"id": job_id, "kept_h": KEPT_H}) is not None
