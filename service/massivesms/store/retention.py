"""Retention: numbers and texts of messages that are kept no longer are purged.

Those that were sent and those that came in. Walks through them by their id in short
steps and remembers the place. What is open or in doubt stays; counts, results and
times always do.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import permanent, trunk_probes
from .db import Row, Transaction

BATCH = 1000
TEXTS_AT_ONCE = 100
PASS_EVERY_H = 24

BEGIN = """
INSERT INTO purge_progress (name, keep_days) VALUES ('message', %(days)s)
ON DUPLICATE KEY UPDATE name = name"""
PROGRESS = f"""
SELECT place, stayed, keep_days, finished_at IS NOT NULL AS is_finished,
  COALESCE(finished_at < UTC_TIMESTAMP(3) - INTERVAL {PASS_EVERY_H} HOUR, 0) AS is_due
FROM purge_progress WHERE name = 'message' FOR UPDATE"""  # noqa: S608
REMEMBER = """
UPDATE purge_progress SET place = %(place)s, stayed = %(stayed)s,
  keep_days = %(days)s, finished_at = IF(%(is_finished)s, UTC_TIMESTAMP(3), NULL)
WHERE name = 'message'"""
LOOK = """
SELECT id, number <> '' AS is_whole,
  created_at < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY AS is_old,
  state NOT IN ('queued', 'submitting', 'in_doubt')
    AND COALESCE(settled_at, submitted_at, created_at)
      < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY AS is_done
FROM message WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"""
PURGE = """
UPDATE message SET number = '', text = IF(text IS NULL, NULL, ''),
  result_detail =
    IF(result_code IN ('cancelled', 'assumed_sent'), result_detail, NULL)
WHERE id IN %(ids)s AND state NOT IN ('queued', 'submitting', 'in_doubt')"""
NOT_TOLD = "DELETE FROM call_record_outbox WHERE message_id IN %(ids)s"


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did; `is_finished` when there is nothing more to do today."""

    purged: int
    is_finished: bool


def purge_messages(tx: Transaction, days: int) -> Step:
    """One step through the messages; those older than `days` lose number and text."""
    tx.execute(BEGIN, {"days": days})
    progress = tx.row(PROGRESS) or {}
    place, stayed = progress["place"], progress["stayed"]
    if progress["is_finished"]:
        if progress["keep_days"] == days and not progress["is_due"]:
            return Step(0, True)
        place, stayed = (place if stayed is None else stayed - 1), None
    rows = tx.rows(LOOK, {"days": days, "after": place, "limit": BATCH})
    old = _until_young(rows)
    ids = [row["id"] for row in old if row["is_whole"] and row["is_done"]]
    staying = [row["id"] for row in old if row["is_whole"] and not row["is_done"]]
    if ids:
        permanent.keep(tx, ids)
        tx.execute(PURGE, {"ids": ids})
        tx.execute(NOT_TOLD, {"ids": ids})
        trunk_probes.purge(tx, ids)
    is_finished = len(old) < BATCH
    values = {
        "place": old[-1]["id"] if old else place,
        "stayed": min(staying) if staying and stayed is None else stayed,
        "days": days,
        "is_finished": int(is_finished),
    }
    tx.execute(REMEMBER, values)
    return Step(len(ids), is_finished)


def _until_young(rows: list[Row]) -> list[Row]:
    """The rows before the first that is not old enough: later ones are younger."""
    for n, row in enumerate(rows):
        if not row["is_old"]:
            return rows[:n]
    return rows


# Both looks read one entry of an index.
WITHOUT_NUMBERS = f"""
SELECT c.id FROM campaign c WHERE c.text <> '' AND c.open = 0 AND c.removed = 0
  AND c.created_at < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY
  AND EXISTS (SELECT 1 FROM message m FORCE INDEX (campaign_number)
              WHERE m.campaign_id = c.id AND m.number = '')
  AND NOT EXISTS (SELECT 1 FROM message m FORCE INDEX (campaign_number)
                  WHERE m.campaign_id = c.id AND m.number > '')
LIMIT {TEXTS_AT_ONCE}"""  # noqa: S608
PURGE_TEXTS = """
UPDATE campaign SET text = '', purged_at = UTC_TIMESTAMP(3) WHERE id IN %(ids)s"""


def purge_texts(tx: Transaction, days: int) -> int:
    """Purges texts of campaigns whose messages all are; how many."""
    ids = [one for (one,) in tx.tuples(WITHOUT_NUMBERS, {"days": days})]
    return tx.execute(PURGE_TEXTS, {"ids": ids}) if ids else 0


LAST_OLD_IMPORT = """
SELECT COALESCE(MAX(id), 0) FROM import
WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY"""
PURGE_PROBLEMS = f"""
DELETE FROM import_problem WHERE import_id <= %(last)s LIMIT {BATCH}"""  # noqa: S608


def purge_problems(tx: Transaction, days: int) -> int:
    """Deletes rows that old loads did not take; how many, at most BATCH."""
    last = tx.value(LAST_OLD_IMPORT, {"days": days})
    return tx.execute(PURGE_PROBLEMS, {"last": last}) if last else 0


BEGIN_INBOUND = """
INSERT INTO purge_progress (name, keep_days) VALUES ('inbound', %(days)s)
ON DUPLICATE KEY UPDATE name = name"""
PLACE_INBOUND = "SELECT place FROM purge_progress WHERE name = 'inbound' FOR UPDATE"
LOOK_INBOUND = """
SELECT id, received_at < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY AS is_old
FROM inbound_message WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"""
PURGE_INBOUND = """
UPDATE inbound_message SET number = '', sender = '', text = '' WHERE id IN %(ids)s"""
REMEMBER_INBOUND = """
UPDATE purge_progress SET place = %(place)s, keep_days = %(days)s
WHERE name = 'inbound'"""


def purge_inbound(tx: Transaction, days: int) -> int:
    """One step through incoming messages; how many old ones lost number and text."""
    tx.execute(BEGIN_INBOUND, {"days": days})
    after = tx.value(PLACE_INBOUND)
    values = {"days": days, "after": after, "limit": BATCH}
    ids = [row["id"] for row in _until_young(tx.rows(LOOK_INBOUND, values))]
    if ids:
        tx.execute(PURGE_INBOUND, {"ids": ids})
        tx.execute(REMEMBER_INBOUND, {"place": ids[-1], "days": days})
    return len(ids)
