"""Loads that run in the background: who has them, how far they are, what they found.

A job belongs to its owner while its heartbeat, by the database's clock, is young.
Everything that an owner writes names it, so that one who was thought dead, or whose
job was cancelled, writes nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain import kept_problems
from ..domain.words import N_, Problem
from . import audit
from .audit import Actor
from .db import Row, Transaction

STALE_S = 10  # a heartbeat older than this: its owner is dead
MOST_ATTEMPTS = 3
KEPT_H = 24  # numbers that were counted and not saved
REMEMBERED_DAYS = 30
ROWS_AT_ONCE = 5000
EXPORT = "export"  # the kind that store/export_jobs.py knows more of
WIZARD_CHECK, WIZARD_LOAD = "wizard_check", "wizard_load"  # store/staged_loads.py

INSERT = """
INSERT INTO load_job (kind, params, saving, list_id, created_by, created_at)
VALUES (%(kind)s, %(params)s, %(saving)s, %(list_id)s, %(by)s, UTC_TIMESTAMP(3))"""


def create(
    tx: Transaction,
    kind: str,
    params: Mapping[str, Any],
    actor: Actor,
    *,
    saving: bool,
    list_id: int | None = None,
    audited: bool = True,
) -> int:
    """A load that waits to be taken up; its id. Without `saving` it only counts.

    Kinds that write what came of them into the audit are not `audited` here.
    """
    written = _json({**params, "address": actor.address})
    job_id = tx.insert(
        INSERT,
        {
            "kind": kind,
            "params": written,
            "saving": int(saving),
            "list_id": list_id,
            "by": actor.name,
        },
    )
    if audited:
        audit.record(tx, actor, "load.start", f"#{job_id}", params)
    return job_id


SAVE = """
UPDATE load_job SET saving = 1, params = %(params)s, state = 'waiting', attempts = 0,
  problem = NULL, finished_at = NULL
WHERE id = %(id)s AND state IN ('done', 'failed') AND import_id IS NULL
  AND accepted > 0 AND finished_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR"""


def save(tx: Transaction, job_id: int, params: Mapping[str, Any], actor: Actor) -> bool:
    """Has a counted load saved; False when its numbers are not there any more."""
    written = _json({**params, "address": actor.address})
    values = {"id": job_id, "params": written, "kept_h": KEPT_H - 1}
    return bool(tx.execute(SAVE, values))


CANCEL = """
UPDATE load_job SET state = 'cancelled', finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state IN ('waiting', 'running')"""


def drop(tx: Transaction, job_id: int) -> bool:
    """Ends what nobody waits for any more; False when it has ended already."""
    return bool(tx.execute(CANCEL, {"id": job_id}))


def cancel(
    tx: Transaction, job_id: int, actor: Actor, action: str = "load.cancel"
) -> bool:
    """Ends a load before it has saved anything; False when it has ended already."""
    is_cancelled = drop(tx, job_id)
    if is_cancelled:
        audit.record(tx, actor, action, f"#{job_id}")
    return is_cancelled


WAITING = "SELECT id FROM load_job WHERE state = 'waiting' ORDER BY id LIMIT 1"
ABANDONED = """
SELECT id FROM load_job WHERE state = 'running'
  AND heartbeat_at < UTC_TIMESTAMP(3) - INTERVAL %(stale_s)s SECOND
ORDER BY id LIMIT 1"""
TAKE = """
UPDATE load_job SET state = 'running', owner = %(owner)s, attempts = attempts + 1,
  done = 0, total = 0, found = 0, heartbeat_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND (state = 'waiting' OR (state = 'running'
  AND heartbeat_at < UTC_TIMESTAMP(3) - INTERVAL %(stale_s)s SECOND))"""


def take(tx: Transaction, owner: str) -> Row | None:
    """The next load, now ours; None when there is none or another has been quicker.

    One whose owners died again and again is not taken up for ever: it fails.
    """
    values: dict[str, object] = {"stale_s": STALE_S, "owner": owner}
    job_id = tx.value(WAITING) or tx.value(ABANDONED, values)
    if job_id is None or not tx.execute(TAKE, {**values, "id": job_id}):
        return None
    job = by_id(tx, job_id)
    if job and job["attempts"] > MOST_ATTEMPTS:
        fail(tx, job_id, owner, _interrupted(job["kind"]))
        return None
    return job


def _interrupted(kind: str) -> Problem:
    if kind == EXPORT:
        return Problem(
            "export_interrupted",
            N_(
                "It was interrupted %(times)s times. Choose fewer messages; if that "
                "does not help, the log of the web module says more."
            ),
            times=MOST_ATTEMPTS,
        )
    if kind in (WIZARD_CHECK, WIZARD_LOAD):
        return Problem(
            "wizard_interrupted",
            N_(
                "It was interrupted %(times)s times and nothing was saved. Try again, "
                "with a smaller file if need be; the log of the web module says more."
            ),
            times=MOST_ATTEMPTS,
        )
    return Problem(
        "load_interrupted",
        N_(
            "It was interrupted %(times)s times and nothing was saved. Choose fewer "
            "days; if that does not help, the log of the web module says more."
        ),
        times=MOST_ATTEMPTS,
    )


@dataclass(slots=True)
class Progress:
    """How far a load is: steps done of all, and different numbers found."""

    done: int = 0
    total: int = 0
    found: int = 0


BEAT = """
UPDATE load_job SET heartbeat_at = UTC_TIMESTAMP(3), done = %(done)s,
  total = %(total)s, found = %(found)s
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""
IS_OURS = """
SELECT 1 FROM load_job
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""


def beat(tx: Transaction, job_id: int, owner: str, progress: Progress) -> bool:
    """Keeps a load ours and shows how far it is; False when it is not ours."""
    values = {
        "id": job_id,
        "owner": owner,
        "done": progress.done,
        "total": progress.total,
        "found": progress.found,
    }
    # Twice within a millisecond would change nothing: that is no loss.
    return bool(tx.execute(BEAT, values)) or tx.value(IS_OURS, values) is not None


RELEASE = """
UPDATE load_job SET state = 'waiting', owner = '', attempts = attempts - 1
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""


def release(tx: Transaction, job_id: int, owner: str) -> None:
    """Gives a load back: whoever comes next begins it anew."""
    tx.execute(RELEASE, {"id": job_id, "owner": owner})


COUNTED = """
UPDATE load_job SET accepted = %(accepted)s, refused = %(refused)s,
  state = IF(saving AND %(accepted)s > 0, state, 'done'),
  finished_at = IF(state = 'done', UTC_TIMESTAMP(3), NULL)
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""


def counted(
    tx: Transaction, job_id: int, owner: str, accepted: int, refused: int
) -> bool:
    """All numbers are gathered; done, unless some are to be saved. False: not ours."""
    values = {"id": job_id, "owner": owner, "accepted": accepted, "refused": refused}
    return bool(tx.execute(COUNTED, values))


FINISH = """
UPDATE load_job SET state = 'done', list_id = %(list_id)s, import_id = %(import_id)s,
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""


def finish(
    tx: Transaction, job_id: int, owner: str, list_id: int, import_id: int
) -> bool:
    """Ends a load in the transaction that saves it; False when it is not ours."""
    values = {"id": job_id, "owner": owner, "list_id": list_id, "import_id": import_id}
    return bool(tx.execute(FINISH, values))


FAIL = """
UPDATE load_job SET state = 'failed', problem = %(problem)s,
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND owner = %(owner)s AND state = 'running'"""


def fail(tx: Transaction, job_id: int, owner: str, problem: Problem) -> None:
    """Ends a load that saved nothing, with the reason."""
    values = {
        "id": job_id,
        "owner": owner,
        "problem": _json(kept_problems.stored(problem)),
    }
    tx.execute(FAIL, values)


ADD_NUMBER = "\nINSERT INTO load_number (job_id, line, number)\nVALUES (%s, %s, %s)"
LONGEST = 80


def add_numbers(
    tx: Transaction, job_id: int, numbers: Sequence[tuple[int, str]]
) -> None:
    """Keeps numbers as they were written, with their lines."""
    rows = [(job_id, line, number[:LONGEST]) for line, number in numbers]
    tx.many(ADD_NUMBER, rows, ROWS_AT_ONCE)


NUMBERS = """
SELECT line, number FROM load_number
WHERE job_id = %(id)s AND line > %(after)s ORDER BY line LIMIT %(limit)s"""


def numbers(tx: Transaction, job_id: int, after: int) -> tuple[tuple[int, str], ...]:
    """Some of the numbers by line, those after a line for the next ones."""
    values = {"id": job_id, "after": after, "limit": ROWS_AT_ONCE}
    return tx.tuples(NUMBERS, values)


DROP_NUMBERS = "DELETE FROM load_number WHERE job_id = %(id)s LIMIT %(limit)s"


def drop_numbers(tx: Transaction, job_id: int) -> bool:
    """Takes away some of the numbers; False when none was left."""
    return bool(tx.execute(DROP_NUMBERS, {"id": job_id, "limit": ROWS_AT_ONCE}))


WITH_NUMBERS = "SELECT DISTINCT job_id FROM load_number"
NEEDED = """
SELECT id FROM load_job WHERE state IN ('waiting', 'running')
UNION ALL SELECT id FROM load_job WHERE state IN ('done', 'failed')
  AND import_id IS NULL
  AND finished_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR"""


def unneeded(tx: Transaction) -> list[int]:
    """Loads whose numbers nobody will save any more."""
    kept = {job_id for (job_id,) in tx.tuples(WITH_NUMBERS)}
    if not kept:
        return []
    needed = {job_id for (job_id,) in tx.tuples(NEEDED, {"kept_h": KEPT_H})}
    return sorted(kept - needed)


FORGET = """
DELETE FROM load_job WHERE state IN ('done', 'failed', 'cancelled')
  AND finished_at < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY"""


def forget(tx: Transaction) -> None:
    """Takes away loads that ended long ago; their lists stay."""
    tx.execute(FORGET, {"days": REMEMBERED_DAYS})


FIELDS = """id, kind, params, state, saving, attempts, done, total, found, accepted,
refused, list_id, import_id, file, size, problem, owner, created_by, created_at,
finished_at"""
BY_ID = f"SELECT {FIELDS} FROM load_job WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, job_id: int) -> Row | None:
    """One load with `params` as a dictionary and `problem` as a Problem, or None."""
    row = tx.row(BY_ID, {"id": job_id})
    return readable(row) if row else None


OPEN = f"""
SELECT {FIELDS} FROM load_job WHERE state IN ('waiting', 'running')
  AND kind = 'call_records'
UNION ALL SELECT {FIELDS} FROM load_job WHERE state IN ('done', 'failed')
  AND import_id IS NULL AND finished_at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR
  AND kind = 'call_records'
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608


def open_jobs(tx: Transaction, *, limit: int = 5) -> list[Row]:
    """Loads of calls that wait, run, or ended in the last hour without saving."""
    return [readable(row) for row in tx.rows(OPEN, {"limit": limit})]


def readable(row: Row) -> Row:
    """A stored job with `params` as a dictionary and `problem` as a Problem."""
    row["params"] = json.loads(row["params"])
    if row["problem"]:
        row["problem"] = kept_problems.read(json.loads(row["problem"]))
    return row


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
