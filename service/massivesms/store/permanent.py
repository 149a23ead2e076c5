"""Permanent campaigns: who comes into the list later gets a message too, once.

Those who are there at its beginning are judged when it is made (`begin`). After that
the service looks at the contacts of the list in the order of their ids, some at a time.
The messages, to whom they go and how far it has come are one transaction, so a crash
neither leaves anybody out nor sends twice. Loads into one list take turns, so no id
below one that is seen is still to come; who puts a contact into use again calls
`look_again`, who gives it other values `take_again`. Who was refused is tried again
then, and on record until a message is made. A message is what says that it was sent to
somebody; before its number is purged, `keep` has a hash of it remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domain import contact_fields
from ..domain.filled_texts import text_of
from ..domain.segments import split
from ..domain.smart_text import Choice, Improver
from ..domain.templates import places
from ..domain.words import Problem
from . import audit, erased, imports, messages
from .audit import Actor
from .db import Row, Transaction
from .imports import RowProblem
from .messages import NewMessage

BATCH = 2000

MAY_GROW = """c.permanent = 1 AND c.removed = 0 AND c.discard_by IS NULL
  AND c.purged_at IS NULL
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
SELECT c.id, c.text, c.list_id, c.characters, c.taken_until, c.created_at
FROM campaign c
WHERE c.id = %(id)s AND {MAY_GROW} FOR UPDATE"""  # noqa: S608
CONTACTS = """
SELECT id, number, is_local, fields, created_at FROM contact FORCE INDEX (list_page)
WHERE list_id = %(list_id)s AND excluded = 0 AND id > %(after)s
ORDER BY id LIMIT %(limit)s"""
TAKEN_UNTIL = "UPDATE campaign SET taken_until = %(until)s WHERE id = %(id)s"


def take_some(
    tx: Transaction, campaign_id: int, limit: int | None = None
) -> tuple[int, int]:
    """Looks at the next contacts of a list: how many, and how many get a message."""
    campaign = tx.row(HOLD, {"id": campaign_id})
    if campaign is None:
        return 0, 0
    values = {"after": campaign["taken_until"], "limit": limit or BATCH}
    found = tx.rows(CONTACTS, {**campaign, **values})
    if not found:
        return 0, 0
    made = _take(tx, campaign, found)
    tx.execute(TAKEN_UNTIL, {"id": campaign_id, "until": found[-1]["id"]})
    return len(found), made


OF_LIST = f"""
SELECT c.id FROM campaign c WHERE {MAY_GROW} AND c.list_id = %(list_id)s
ORDER BY c.id"""  # noqa: S608
CONTACT = """
SELECT id, number, is_local, fields, created_at FROM contact
WHERE id = %(contact_id)s AND list_id = %(list_id)s AND excluded = 0"""


def take_again(tx: Transaction, list_id: int, contact_id: int) -> None:
    """Looks at one contact again that is given other values, and at no other.

    Where its turn is still to come it waits for that. The list is held (lists.lock).
    """
    values = {"list_id": list_id, "contact_id": contact_id}
    found = tx.rows(CONTACT, values)
    for (campaign_id,) in tx.tuples(OF_LIST, values) if found else ():
        campaign = tx.row(HOLD, {"id": campaign_id})
        if campaign is not None and campaign["taken_until"] >= contact_id:
            _take(tx, campaign, found)


def _take(tx: Transaction, campaign: Row, found: Sequence[Row]) -> int:
    """Messages to those of some contacts who have none; how many."""
    campaign_id = campaign["id"]
    fresh, written = _fresh(tx, campaign_id, found)
    improver = Improver(Choice(campaign["characters"]))
    made, refused = _made(campaign["text"], fresh, improver)
    _remember(tx, campaign_id, [*written, *(one.number for one in made)])
    since = campaign["created_at"]  # earlier contacts were judged when it was made
    problems = [bad for row, bad in refused if row["created_at"] > since]
    import_id = _on_record(tx, campaign_id, made, problems)
    messages.enqueue(tx, campaign_id, made, import_id)
    return len(made)


KNOWN = """
SELECT number_hash FROM permanent_recipient
WHERE campaign_id = %(id)s AND number_hash IN %(hashes)s"""
WRITTEN_TO = """
SELECT DISTINCT number FROM message FORCE INDEX (campaign_number)
WHERE campaign_id = %(id)s AND number IN %(numbers)s"""
REMEMBER = "INSERT INTO permanent_recipient (campaign_id, number_hash) VALUES (%s, %s)"


def _fresh(
    tx: Transaction, campaign_id: int, found: Sequence[Row]
) -> tuple[list[Row], list[str]]:
    """Those to whom it was never sent; numbers that have it and are not remembered."""
    hashes = {tx.hash_of(row["number"]): row for row in found}
    values = {"id": campaign_id, "hashes": list(hashes)}
    known = {bytes(one) for (one,) in tx.tuples(KNOWN, values)}
    new = [row for one, row in hashes.items() if one not in known]
    if not new:
        return [], []
    numbers = [row["number"] for row in new]
    gone = erased.among(tx, numbers)
    written = tx.tuples(WRITTEN_TO, {"id": campaign_id, "numbers": numbers})
    have = {number for (number,) in written}
    return [r for r in new if r["number"] not in have | gone], sorted(have - gone)


def _remember(tx: Transaction, campaign_id: int, numbers: Sequence[str]) -> None:
    tx.many(REMEMBER, [(campaign_id, one) for one in sorted(map(tx.hash_of, numbers))])


def _made(
    text: str, fresh: Sequence[Row], improver: Improver
) -> tuple[list[NewMessage], list[tuple[Row, RowProblem]]]:
    """Their messages, and the contacts that cannot have one, with why."""
    default, has_places = len(split(text).parts), bool(places(text))
    made, problems = [], []
    for row in fresh:
        number, own, segments = row["number"], None, default
        if has_places:
            fields = contact_fields.read(row["fields"])
            filled = text_of(text, number, fields, improver)
            if isinstance(filled, Problem):
                problems.append((row, RowProblem(0, number, None, filled, fields)))
                continue
            own, segments = filled, len(split(filled).parts)
        made.append(NewMessage(number, bool(row["is_local"]), segments, own))
    return made, problems


IMPORT = """
SELECT id, refused FROM import WHERE campaign_id = %(id)s ORDER BY id LIMIT 1"""
REFUSED = """
SELECT id, number FROM import_problem FORCE INDEX (import_number)
WHERE import_id = %(import_id)s AND number IN %(numbers)s"""
TAKE_BACK = "DELETE FROM import_problem WHERE id IN %(ids)s"
GROW = """
UPDATE import SET accepted = accepted + %(accepted)s,
  refused = GREATEST(0, CAST(refused AS SIGNED) + %(refused)s)
WHERE id = %(import_id)s"""


def _on_record(
    tx: Transaction,
    campaign_id: int,
    made: Sequence[NewMessage],
    problems: Sequence[RowProblem],
) -> int | None:
    """The load that the campaign began with: it grows with it.

    Who is refused again stays on its record once, and who has a message now leaves it.
    """
    load = tx.row(IMPORT, {"id": campaign_id})
    if load is None or not (made or problems):
        return load["id"] if load else None
    values = {"import_id": load["id"], "accepted": len(made)}
    again = {number for _, number in _refused(tx, load, [b.number for b in problems])}
    new = [bad for bad in problems if bad.number not in again]
    imports.add_problems(tx, load["id"], new)
    gone = [one for one, _ in _refused(tx, load, [one.number for one in made])]
    back = tx.execute(TAKE_BACK, {"ids": gone}) if gone else 0
    tx.execute(GROW, {**values, "refused": len(new) - back})
    return int(load["id"])


def _refused(
    tx: Transaction, load: Row, numbers: Sequence[str]
) -> tuple[tuple[int, str], ...]:
    """Which of some numbers are on the record of a load, with the row's id."""
    if not (numbers and load["refused"]):
        return ()
    return tx.tuples(REFUSED, {"import_id": load["id"], "numbers": numbers})


BEGIN = """
UPDATE campaign SET taken_until = COALESCE((
  SELECT k.id FROM contact k FORCE INDEX (list_page)
  WHERE k.list_id = %(list_id)s AND k.excluded = 0 ORDER BY k.id DESC LIMIT 1), 0)
WHERE id = %(id)s"""


def begin(tx: Transaction, campaign_id: int, list_id: int) -> None:
    """Takes those who are in the list as looked at: a new campaign is made of them.

    The list is held from before the transaction began to read (lists.lock).
    """
    tx.execute(BEGIN, {"id": campaign_id, "list_id": list_id})


ANY = "SELECT 1 FROM campaign WHERE permanent = 1 LIMIT 1"
LEAVING = """
SELECT m.campaign_id, m.number FROM message m FORCE INDEX (PRIMARY)
STRAIGHT_JOIN campaign c ON c.id = m.campaign_id AND c.permanent = 1 AND c.removed = 0
WHERE m.id IN %(ids)s AND m.number <> ''"""
KEEP = """
INSERT INTO permanent_recipient (campaign_id, number_hash) VALUES (%s, %s)
ON DUPLICATE KEY UPDATE number_hash = VALUES(number_hash)"""


def keep(tx: Transaction, ids: Sequence[int]) -> None:
    """Remembers to whom messages were sent that are about to lose their numbers."""
    if not ids or tx.value(ANY) is None:
        return
    leaving = tx.tuples(LEAVING, {"ids": ids})
    tx.many(KEEP, sorted((one, tx.hash_of(number)) for one, number in leaving))


LOOK_AGAIN = """
UPDATE campaign SET taken_until = LEAST(taken_until, %(before)s)
WHERE permanent = 1 AND list_id = %(list_id)s"""


def look_again(tx: Transaction, list_id: int, contact_id: int) -> None:
    """Has a list looked through again from a contact on that is put into use again."""
    tx.execute(LOOK_AGAIN, {"list_id": list_id, "before": contact_id - 1})


REOPEN = """
UPDATE campaign SET open = 1
WHERE id = %(id)s AND permanent = 1 AND open = 0 AND purged_at IS NULL
  AND (deadline_at IS NULL OR deadline_at > UTC_TIMESTAMP(3))"""


def reopen(tx: Transaction, campaign_id: int) -> None:
    """Opens one that its deadline had closed, once that is moved: it goes on."""
    tx.execute(REOPEN, {"id": campaign_id})


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
