"""Blocked numbers taken out of a list beforehand, and put back into use.

Contacts that are excluded because they are blocked say so (excluded = 2), so that they
can be told from those that a person has excluded. All goes in short steps along
the contacts of the list: nobody waits for a list of a million.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import blocked_numbers, lists, permanent
from .db import Row, Transaction
from .lists import BLOCKED, EXCLUDED_COUNT

STEP = 20_000  # contacts of which it is asked whether they are blocked
BATCH = 2000  # contacts that are changed at once


@dataclass(frozen=True, slots=True)
class Looked:
    """How many of some contacts are blocked, and the last one that was looked at."""

    blocked: int
    last_id: int
    is_end: bool


#: Driven by the contacts, each asked by the key of the blocks.
COUNT = """
SELECT COUNT(*) AS seen, COALESCE(SUM(is_blocked), 0) AS blocked,
  COALESCE(MAX(id), 0) AS last_id
FROM (SELECT c.id, EXISTS (
    SELECT 1 FROM blocked_number b
    WHERE b.number = c.number AND b.campaign_id IN (0, %(campaign_id)s)) AS is_blocked
  FROM contact c FORCE INDEX (list_page)
  WHERE c.list_id = %(list_id)s AND c.excluded = 0 AND c.id > %(after)s
  ORDER BY c.id LIMIT %(limit)s) looked"""


def count_some(
    tx: Transaction, list_id: int, campaign_id: int, after: int, limit: int = STEP
) -> Looked:
    """How many of the next contacts in use are blocked for a campaign (0: for all)."""
    if not after and not blocked_numbers.total(tx):
        return Looked(0, 0, is_end=True)
    values = {"list_id": list_id, "campaign_id": campaign_id}
    row = tx.row(COUNT, {**values, "after": after, "limit": limit}) or {}
    return Looked(int(row["blocked"]), row["last_id"], row["seen"] < limit)


FIND = """
SELECT id FROM (SELECT c.id, c.number FROM contact c FORCE INDEX (list_page)
  WHERE c.list_id = %(list_id)s AND c.excluded = 0 AND c.id > %(after)s
  ORDER BY c.id LIMIT %(limit)s) looked
WHERE EXISTS (
    SELECT 1 FROM blocked_number b
    WHERE b.number = looked.number AND b.campaign_id IN (0, %(campaign_id)s))"""
EXCLUDE = f"""
UPDATE contact SET excluded = {BLOCKED}
WHERE id IN %(ids)s AND excluded = 0"""  # noqa: S608


def exclude_some(
    tx: Transaction, list_id: int, campaign_id: int, looked: Looked, after: int
) -> int:
    """Excludes those that are blocked among the contacts that were looked at."""
    lists.lock(tx, list_id)
    values = {"list_id": list_id, "campaign_id": campaign_id, "after": after}
    found = [one for (one,) in tx.tuples(FIND, {**values, "limit": STEP})]
    ids = [one for one in found if one <= looked.last_id]
    excluded = 0
    for at in range(0, len(ids), BATCH):
        excluded += tx.execute(EXCLUDE, {"ids": ids[at : at + BATCH]})
    _move(tx, list_id, excluded)
    return excluded


EXCLUDED = f"""
SELECT id FROM contact FORCE INDEX (list_page)
WHERE list_id = %(list_id)s AND excluded = {BLOCKED}
ORDER BY id LIMIT %(limit)s"""  # noqa: S608
INCLUDE = f"""
UPDATE contact SET excluded = 0 WHERE id IN %(ids)s AND excluded = {BLOCKED}"""  # noqa: S608


def include_some(tx: Transaction, list_id: int, limit: int = BATCH) -> int:
    """Puts some of those that were excluded so into use again; how many."""
    lists.lock(tx, list_id)
    values = {"list_id": list_id, "limit": limit}
    ids = [one for (one,) in tx.tuples(EXCLUDED, values)]
    included = tx.execute(INCLUDE, {"ids": ids}) if ids else 0
    if ids:
        permanent.look_again(tx, list_id, ids[0])
    _move(tx, list_id, -included)
    return included


def has_excluded(tx: Transaction, list_row: Row) -> bool:
    """Whether some contacts are excluded because they are blocked."""
    values = {"list_id": list_row["id"], "limit": 1}
    return bool(list_row["excluded"] and tx.tuples(EXCLUDED, values))


def _move(tx: Transaction, list_id: int, count: int) -> None:
    if count:
        tx.execute(EXCLUDED_COUNT, {"list_id": list_id, "n": count})
