"""What one load brought and is not sent, taken away again some at a time.

Contacts of a list are deleted; messages of a campaign that wait are cancelled. What
has left stays, and so does the record of the load.
"""

from __future__ import annotations

from . import approvals, audit, counts, lists
from .audit import Actor
from .db import Row, Transaction

CONTACT_IDS = 5_000  # of a step
MESSAGE_IDS = 20_000

CONTACTS_LEFT = """
SELECT COUNT(*) FROM contact
WHERE id >= %(first)s AND id <= %(last)s
  AND list_id = %(list_id)s AND import_id = %(import_id)s"""
MESSAGES_LEFT = """
SELECT COUNT(*) FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'queued'
  AND import_id = %(import_id)s"""


def left(tx: Transaction, load: Row) -> int | None:
    """How many contacts or waiting messages of it are there; None: not known.

    None is for loads of other things, and of lists before their contacts were kept
    with their load.
    """
    if load["campaign_id"] is not None:
        return int(tx.value(MESSAGES_LEFT, _values(load)))
    if load["list_id"] is None or load["first_contact_id"] is None:
        return None
    return int(tx.value(CONTACTS_LEFT, {**_values(load), **_reach(load)}))


def _values(load: Row) -> dict[str, object]:
    return {
        "import_id": load["id"],
        "list_id": load["list_id"],
        "campaign_id": load["campaign_id"],
    }


def _reach(load: Row) -> dict[str, int]:
    return {"first": load["first_contact_id"], "last": load["last_contact_id"]}


SPAN = """
SELECT MIN(id), MAX(id) FROM message FORCE INDEX (campaign_page)
WHERE campaign_id = %(campaign_id)s"""


def steps(tx: Transaction, load: Row) -> list[tuple[int, int]]:
    """The first and the last id of each step in which it is undone."""
    if load["campaign_id"] is None:
        first, last = _reach(load).values()
        size = CONTACT_IDS
    else:
        first, last = tx.tuples(SPAN, _values(load))[0]
        size = MESSAGE_IDS
    if first is None:
        return []
    return [(at, min(at + size - 1, last)) for at in range(first, last + 1, size)]


SOME_CONTACTS = """
SELECT id, excluded FROM contact
WHERE id >= %(first)s AND id <= %(last)s
  AND list_id = %(list_id)s AND import_id = %(import_id)s FOR UPDATE"""
DELETE_CONTACTS = "DELETE FROM contact WHERE id IN %(ids)s"
COUNT_OUT = """
UPDATE list SET included = included - %(included)s, excluded = excluded - %(excluded)s
WHERE id = %(list_id)s"""


def delete_contacts(tx: Transaction, load: Row, first: int, last: int) -> int:
    """Deletes the contacts of a step; how many. StoreError: the list is gone."""
    lists.lock(tx, load["list_id"])
    values = {**_values(load), "first": first, "last": last}
    found = tx.tuples(SOME_CONTACTS, values)
    if found:
        tx.execute(DELETE_CONTACTS, {"ids": [one for one, _ in found]})
        excluded = sum(1 for _, use in found if use != lists.IN_USE)
        values |= {"included": len(found) - excluded, "excluded": excluded}
        tx.execute(COUNT_OUT, values)
    return len(found)


HOLD_CAMPAIGN = "SELECT id FROM campaign WHERE id = %(campaign_id)s FOR UPDATE"
WAITING = """
SELECT id FROM message FORCE INDEX (campaign_page)
WHERE campaign_id = %(campaign_id)s AND id >= %(first)s AND id <= %(last)s
  AND state = 'queued' AND import_id = %(import_id)s"""
HELD = """
SELECT id, segments FROM message WHERE id IN %(ids)s AND state = 'queued' FOR UPDATE"""
CANCEL = """
UPDATE message SET state = 'cancelled', settled_at = UTC_TIMESTAMP(3),
  result_code = 'cancelled', result_detail = %(by)s
WHERE id IN %(ids)s AND state = 'queued'"""


def cancel_messages(tx: Transaction, load: Row, first: int, last: int, by: str) -> int:
    """Cancels the messages of a step that wait; how many.

    Their campaign is held first, as by whoever claims of it or adds to it.
    """
    values = {**_values(load), "first": first, "last": last}
    tx.tuples(HOLD_CAMPAIGN, values)
    waiting = [one for (one,) in tx.tuples(WAITING, values)]
    found = tx.tuples(HELD, {"ids": waiting}) if waiting else ()
    ids = [one for one, _ in found]
    if ids:
        tx.execute(CANCEL, {"ids": ids, "by": by[:255]})
        changes = counts.Changes()
        moved = (load["campaign_id"], 0, "queued", "cancelled", len(ids))
        changes.move(*moved, sum(n for _, n in found), ids=ids, code="cancelled")
        changes.write(tx)
    return len(ids)


DONE = """
UPDATE import SET undone_at = UTC_TIMESTAMP(3), undone_by = %(by)s,
  undone = COALESCE(undone, 0) + %(undone)s WHERE id = %(id)s"""


def record(tx: Transaction, load: Row, undone: int, actor: Actor) -> None:
    """Keeps that a step took so many away, in the load and in the log of changes."""
    values = {"id": load["id"], "by": actor.name[:64], "undone": undone}
    tx.execute(DONE, values)
    name = "numbers" if load["campaign_id"] is None else "messages"
    details = {name: undone, "source": load["source"]}
    audit.record(tx, actor, "import.undo", f"#{load['id']}", details)
    if load["campaign_id"]:
        approvals.touched(tx, load["campaign_id"], actor)
