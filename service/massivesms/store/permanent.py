"""Permanent campaigns: who comes into the list later gets a message too, once.

The service looks at the contacts of the list in the order of their ids, some at a time.
The messages, to whom they go and how far it has come are one transaction, so a crash
neither leaves anybody out nor sends twice. Loads into one list take turns, so no id
below one that is seen is still to come; who puts a contact into use again calls
`look_again`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..domain import contact_fields
from ..domain.segments import split
from ..domain.templates import fill, places
from ..domain.words import Problem
from . import audit, erased, imports, messages
from .audit import Actor
from .db import Row, Transaction
from .imports import RowProblem
from .messages import NewMessage

BATCH = 2000

MAY_GROW = """c.permanent = 1 AND c.removed = 0 AND c.discard_by IS NULL
  AND (c.deadline_at IS NULL OR c.deadline_at > UTC_TIMESTAMP(3))"""
# Looks at the list's last contact alone: EXISTS with a range is read from the list's
# beginning.
DUE = f"""
SELECT c.id FROM campaign c WHERE {MAY_GROW} AND c.taken_until < (
  SELECT k.id FROM contact k FORCE INDEX (list_page)
  WHERE k.list_id = c.list_id AND k.excluded = 0 ORDER BY k.id DESC LIMIT 1)"""  # noqa: S608


def due(tx: Transaction) -> list[int]:
    """Permanent campaigns whose list has contacts that were not looked at yet."""
    return [campaign_id for (campaign_id,) in tx.tuples(DUE)]


HOLD = f"""
SELECT c.id, c.text, c.list_id, c.taken_until, c.created_at FROM campaign c
WHERE c.id = %(id)s AND {MAY_GROW} FOR UPDATE"""  # noqa: S608
CONTACTS = """
SELECT id, number, is_local, fields, created_at FROM contact FORCE INDEX (list_page)
WHERE list_id = %(list_id)s AND excluded = 0 AND id > %(after)s
ORDER BY id LIMIT %(limit)s"""
TAKEN_UNTIL = "UPDATE campaign SET taken_until = %(until)s WHERE id = %(id)s"


def take_some(tx: Transaction, campaign_id: int, limit: int = BATCH) -> tuple[int, int]:
    """Looks at the next contacts of a list: how many, and how many get a message."""
    campaign = tx.row(HOLD, {"id": campaign_id})
    if campaign is None:
        return 0, 0
    found = tx.rows(
        CONTACTS, {**campaign, "after": campaign["taken_until"], "limit": limit}
    )
    if not found:
        return 0, 0
    fresh = _fresh(tx, campaign_id, found)
    made, lacking = _made(campaign["text"], fresh)
    since = campaign["created_at"]  # earlier contacts were judged when it was made
    problems = [bad for row, bad in lacking if row["created_at"] > since]
    import_id = _import_of(tx, campaign_id, len(made), len(problems))
    if import_id and problems:
        imports.add_problems(tx, import_id, problems)
    messages.enqueue(tx, campaign_id, made, import_id)
    tx.execute(TAKEN_UNTIL, {"id": campaign_id, "until": found[-1]["id"]})
    return len(found), len(made)


KNOWN = """
SELECT number_hash FROM permanent_recipient
WHERE campaign_id = %(id)s AND number_hash IN %(hashes)s"""
WRITTEN_TO = """
SELECT DISTINCT number FROM message FORCE INDEX (campaign_number)
WHERE campaign_id = %(id)s AND number IN %(numbers)s"""
REMEMBER = "INSERT INTO permanent_recipient (campaign_id, number_hash) VALUES (%s, %s)"


def _fresh(tx: Transaction, campaign_id: int, found: Sequence[Row]) -> list[Row]:
    """Those to whom it was never sent; all of them are remembered."""
    hashes = {row["number"]: tx.hash_of(row["number"]) for row in found}
    values = {"id": campaign_id, "hashes": list(hashes.values())}
    known = {bytes(one) for (one,) in tx.tuples(KNOWN, values)}
    new = [row for row in found if hashes[row["number"]] not in known]
    if not new:
        return []
    numbers = [row["number"] for row in new]
    gone = erased.among(tx, numbers)
    written = tx.tuples(WRITTEN_TO, {"id": campaign_id, "numbers": numbers})
    have = {number for (number,) in written}
    kept = sorted(hashes[number] for number in numbers if number not in gone)
    tx.many(REMEMBER, [(campaign_id, one) for one in kept])
    return [row for row in new if row["number"] not in have | gone]


def _made(
    text: str, fresh: Sequence[Row]
) -> tuple[list[NewMessage], list[tuple[Row, RowProblem]]]:
    """Their messages, and the contacts that lack a value of the text, with why."""
    default, has_places = len(split(text).parts), bool(places(text))
    made, problems = [], []
    for row in fresh:
        own = fill(text, _values(row)) if has_places else None
        if isinstance(own, Problem):
            known = contact_fields.read(row["fields"])
            problems.append((row, RowProblem(0, row["number"], None, own, known)))
            continue
        segments = default if own is None else len(split(own).parts)
        made.append(NewMessage(row["number"], bool(row["is_local"]), segments, own))
    return made, problems


def _values(row: Row) -> Mapping[str, str]:
    return {**contact_fields.read(row["fields"]), "number": row["number"]}


IMPORT = """
SELECT id FROM import WHERE campaign_id = %(id)s ORDER BY id LIMIT 1"""
GROW = """
UPDATE import SET accepted = accepted + %(accepted)s, refused = refused + %(refused)s
WHERE id = %(import_id)s"""


def _import_of(
    tx: Transaction, campaign_id: int, accepted: int, refused: int
) -> int | None:
    """The load that the campaign began with: it grows with it."""
    found: int | None = tx.value(IMPORT, {"id": campaign_id})
    if found is not None and (accepted or refused):
        values = {"import_id": found, "accepted": accepted, "refused": refused}
        tx.execute(GROW, values)
    return found


LOOK_AGAIN = """
UPDATE campaign SET taken_until = LEAST(taken_until, %(before)s)
WHERE permanent = 1 AND list_id = %(list_id)s"""


def look_again(tx: Transaction, list_id: int, contact_id: int) -> None:
    """Has a list looked through again from a contact on that is put into use again."""
    tx.execute(LOOK_AGAIN, {"list_id": list_id, "before": contact_id - 1})


END = """
UPDATE campaign SET permanent = 0, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND permanent = 1 AND removed = 0"""


def end(tx: Transaction, campaign: Row, actor: Actor) -> bool:
    """Lets a campaign finish with what it has; False when it was not permanent."""
    if not tx.execute(END, {"id": campaign["id"]}):
        return False
    details = {"permanent": [True, False]}
    audit.record(tx, actor, "campaign.end_permanent", campaign["name"], details)
    return True


FORGET = """
DELETE FROM permanent_recipient WHERE campaign_id = %(id)s LIMIT %(limit)s"""


def forget(tx: Transaction, campaign_id: int, limit: int) -> int:
    """Forgets some of those to whom a removed campaign was sent; how many."""
    return tx.execute(FORGET, {"id": campaign_id, "limit": limit})
