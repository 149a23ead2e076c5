"""Runs of sources: one a day by itself, others by hand; each carried out by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from ..domain import kept_problems
from ..domain.sources import MOST_TRIES
from ..domain.words import N_, Problem
from . import audit
from .audit import Actor
from .db import Row, Transaction

DEAD_S = 120
AUTOMATIC = "automatic"

INSERT = """
INSERT {ignore}INTO source_run (source_id, day, send_on, daily_on, due_at, started_by,
  created_at)
VALUES (%(source_id)s, %(day)s, %(send_on)s, %(daily_on)s, UTC_TIMESTAMP(3),
  %(started_by)s, UTC_TIMESTAMP(3))"""


HAS_DAILY = """
SELECT 1 FROM source_run WHERE source_id = %(source_id)s AND daily_on = %(today)s"""


def begin_daily(tx: Transaction, source_id: int, today: date) -> bool:
    """Has the run of today wait; False when there is one already, whoever made it."""
    # Asked first: an INSERT that is ignored uses up an id each time.
    if tx.value(HAS_DAILY, {"source_id": source_id, "today": today}):
        return False
    values = {
        "source_id": source_id,
        "day": today,
        "send_on": today,
        "daily_on": today,
        "started_by": AUTOMATIC,
    }
    return bool(tx.execute(INSERT.format(ignore="IGNORE "), values))


def begin(
    tx: Transaction,
    source: Row,
    day: date,
    send_on: date,
    actor: Actor | None,
) -> int:
    """Has a run wait that somebody wants (or the service, without an actor); its id."""
    values = {
        "source_id": source["id"],
        "day": day,
        "send_on": send_on,
        "daily_on": None,
        "started_by": actor.name[:64] if actor else AUTOMATIC,
    }
    run_id = tx.insert(INSERT.format(ignore=""), values)
    if actor is not None:
        details = {"day": str(day), "send_on": str(send_on), "run": run_id}
        audit.record(tx, actor, "source.run", source["name"], details)
    return run_id


COLUMNS = """
id, source_id, day, send_on, daily_on, state, tries, due_at, import_id, campaign_id,
rows_read, accepted, duplicates, refused, problem, started_by, created_at,
finished_at"""
NEXT = """
SELECT id FROM source_run FORCE INDEX (due)
WHERE due_at <= UTC_TIMESTAMP(3) ORDER BY due_at, id LIMIT 1 FOR UPDATE"""
TAKE = """
UPDATE source_run SET state = 'running', owner = %(owner)s, tries = tries + 1,
  alive_at = UTC_TIMESTAMP(3), due_at = NULL, problem = NULL, finished_at = NULL
WHERE id = %(id)s AND state IN ('waiting', 'failed')"""
BY_ID = f"SELECT {COLUMNS} FROM source_run WHERE id = %(id)s"  # noqa: S608


def take(tx: Transaction, owner: str, run_id: int | None = None) -> Row | None:
    """The next run that is due (or a certain one), now ours; None without one."""
    chosen = tx.value(NEXT) if run_id is None else run_id
    if chosen is None or not tx.execute(TAKE, {"id": chosen, "owner": owner}):
        return None
    return by_id(tx, chosen)


def by_id(tx: Transaction, run_id: int) -> Row | None:
    """One run or None."""
    row = tx.row(BY_ID, {"id": run_id})
    return _read(row) if row else None


BEAT = """
UPDATE source_run SET alive_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = 'running' AND owner = %(owner)s"""


def beat(tx: Transaction, run_id: int, owner: str) -> bool:
    """Says that a run goes on; False when it is not ours any more."""
    tx.execute(BEAT, {"id": run_id, "owner": owner})
    return tx.value(OURS, {"id": run_id, "owner": owner}) is not None


OURS = """
SELECT 1 FROM source_run
WHERE id = %(id)s AND state = 'running' AND owner = %(owner)s FOR UPDATE"""
FINISH = """
UPDATE source_run SET state = %(state)s, import_id = %(import_id)s,
  campaign_id = %(campaign_id)s, rows_read = %(rows_read)s, accepted = %(accepted)s,
  duplicates = %(duplicates)s, refused = %(refused)s, owner = '',
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = 'running' AND owner = %(owner)s"""


def finish(tx: Transaction, run_id: int, owner: str, state: str, **counts: int) -> bool:
    """It is done, or there was nothing; False when it is not ours any more."""
    values = {
        **dict.fromkeys(("import_id", "campaign_id")),
        **dict.fromkeys(("rows_read", "accepted", "duplicates", "refused"), 0),
        **counts,
    }
    return bool(
        tx.execute(FINISH, {**values, "id": run_id, "owner": owner, "state": state})
    )


FAIL = f"""
UPDATE source_run SET state = 'failed', problem = %(problem)s, owner = '',
  due_at = IF(%(retry_s)s IS NULL OR tries >= {MOST_TRIES}, NULL,
              UTC_TIMESTAMP(3) + INTERVAL %(seconds)s SECOND),
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = 'running' AND owner = %(owner)s"""  # noqa: S608


def fail(
    tx: Transaction, run_id: int, owner: str, problem: Problem, retry_s: int | None
) -> bool | None:
    """It failed; is it tried again in so many seconds? Not after MOST_TRIES.

    None when it is not ours any more: then nothing is changed.
    """
    values = {
        "id": run_id,
        "owner": owner,
        "problem": _written(problem),
        "retry_s": retry_s,
        "seconds": retry_s or 0,
    }
    if not tx.execute(FAIL, values):
        return None
    row = by_id(tx, run_id)
    return row is not None and row["due_at"] is not None


DEAD = f"""
SELECT id FROM source_run
WHERE state = 'running' AND alive_at < UTC_TIMESTAMP(3) - INTERVAL {DEAD_S} SECOND"""  # noqa: S608
REVIVE = f"""
UPDATE source_run SET state = 'failed', owner = '', problem = %(problem)s,
  due_at = IF(tries >= {MOST_TRIES}, NULL, UTC_TIMESTAMP(3)),
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = 'running'
  AND alive_at < UTC_TIMESTAMP(3) - INTERVAL {DEAD_S} SECOND"""  # noqa: S608


def revive(tx: Transaction) -> list[Row]:
    """Runs whose service has died are tried again: nothing of them is stored.

    All of them as they are now; those without `due_at` were tried too often.
    """
    words = N_("The service ended while it ran.")
    told = {"problem": _written(Problem("service_ended", words))}
    return _changed(tx, DEAD, REVIVE, told)


STALE = """
SELECT id FROM source_run WHERE due_at IS NOT NULL AND daily_on < %(today)s"""
END_STALE = """
UPDATE source_run SET due_at = NULL,
  problem = IF(state = 'waiting', %(problem)s, problem),
  finished_at = COALESCE(finished_at, UTC_TIMESTAMP(3)), state = 'failed'
WHERE id = %(id)s AND due_at IS NOT NULL"""


def end_stale(tx: Transaction, today: date) -> list[Row]:
    """What should have run on a day before today runs no more by itself; those."""
    words = N_("It had not begun when the day was over.")
    told = {"today": today, "problem": _written(Problem("day_over", words))}
    return _changed(tx, STALE, END_STALE, told)


def _changed(
    tx: Transaction, found: str, change: str, values: Mapping[str, object]
) -> list[Row]:
    """Changes those of some runs that nobody else has changed meanwhile."""
    ids = [run_id for (run_id,) in tx.tuples(found, values)]
    ours = [one for one in ids if tx.execute(change, {**values, "id": one})]
    return [run for one in ours if (run := by_id(tx, one))]


HISTORY = f"""
SELECT {COLUMNS} FROM source_run WHERE source_id = %(id)s AND id < %(before)s
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608


def history(
    tx: Transaction, source_id: int, *, before: int = 0, limit: int = 50
) -> list[Row]:
    """Runs of a source, the newest first; before an id for the next page."""
    values = {"id": source_id, "before": before or 2**32 - 1, "limit": limit}
    return [_read(row) for row in tx.rows(HISTORY, values)]


def _written(problem: Problem) -> str:
    return json.dumps(kept_problems.stored(problem), default=str)


def _read(row: Row) -> Row:
    """`problem` as a Problem or None."""
    kept = row["problem"] and kept_problems.read(json.loads(row["problem"]))
    return {**row, "problem": kept or None}
