"""Probes: messages that a person sent through one trunk to see what it makes of them.

The message itself is one like all others: queued, claimed, settled. Here stands only
what it is to show, and how its receipt was written.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import cast

from ..domain import alphabet_probe
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.probes import Probe
from ..domain.singles import Single
from ..domain.words import Problem
from . import audit, messages, receipt_id_forms
from .audit import Actor
from .db import Row, Transaction
from .messages import NewMessage
from .receipt_matches import KEEP_H, YOUNG_S, Found, Receipt

HAS_FORMS = "smpp"  # only there receipts may write ids in another way

ADD = """
INSERT INTO trunk_probe (trunk_id, message_id, alphabet, characters, requested_by,
                         requested_at)
VALUES (%(trunk_id)s, %(message_id)s, %(alphabet)s, %(characters)s, %(requested_by)s,
        UTC_TIMESTAMP(3))"""


def request(tx: Transaction, trunk: Row, single: Single, actor: Actor) -> int:
    """Puts a probe in the express lane, for this trunk alone; its id.

    StoreError when the number was erased.
    """
    alphabet = alphabet_probe.sent_as(trunk["kind"], trunk["settings"])
    number = single.number
    new = NewMessage(number.e164, number.is_local, single.segments, single.text)
    message_id = messages.enqueue_single(
        tx,
        new,
        campaign_id=OUTPUT_QUEUE_ID,
        trunk_id=trunk["id"],
        sender_id=single.sender_id,
        express=True,
        created_by=actor.name,
    )
    values = {
        "trunk_id": trunk["id"],
        "message_id": message_id,
        "alphabet": alphabet,
        "characters": alphabet_probe.characters_of(single.text, alphabet),
        "requested_by": actor.name[:64],
    }
    details = {"message_id": message_id, "number": number.masked}
    audit.record(tx, actor, "trunk.probe", trunk["name"], details)
    return tx.insert(ADD, values)


COLUMNS = """
p.id, p.trunk_id, p.message_id, p.alphabet, p.characters, p.seen, p.receipt_id,
p.receipt_text, p.requested_by, p.requested_at, m.state, m.number, m.text, m.segments,
m.claimed_at, m.submitted_at, m.settled_at, m.result_code, m.result_detail,
m.smsc_message_id, UTC_TIMESTAMP(3) AS now"""
FROM = "FROM trunk_probe p LEFT JOIN message m ON m.id = p.message_id"

BY_ID = f"SELECT {COLUMNS} {FROM} WHERE p.id = %(id)s"  # noqa: S608
LATEST = f"""
SELECT {COLUMNS} {FROM} WHERE p.trunk_id = %(trunk_id)s
ORDER BY p.id DESC LIMIT 1"""  # noqa: S608


def by_id(tx: Transaction, probe_id: int) -> Row | None:
    """One probe with its message, or None; `state` is None when that was purged."""
    return _with_ids(tx, tx.row(BY_ID, {"id": probe_id}))


def latest(tx: Transaction, trunk_id: int) -> Row | None:
    """The last probe of a trunk with its message, or None."""
    return _with_ids(tx, tx.row(LATEST, {"trunk_id": trunk_id}))


SEGMENT_IDS = """
SELECT smsc_message_id FROM segment WHERE message_id = %(message_id)s
ORDER BY position"""
CAME_BACK = """
SELECT text FROM inbound_message
WHERE number = %(number)s AND trunk_id = %(trunk_id)s AND unreadable = 0
  AND received_at >= %(requested_at)s ORDER BY id LIMIT 1"""


def _with_ids(tx: Transaction, row: Row | None) -> Row | None:
    """Adds the operator's ids, and what came back."""
    if row is None:
        return None
    own = row["smsc_message_id"]
    found = [one for (one,) in tx.tuples(SEGMENT_IDS, row)]
    row["smsc_message_ids"] = found or ([own] if own else [])
    row["orphan"] = row["came_back"] = ""
    if row["number"]:
        row["came_back"] = tx.value(CAME_BACK, row) or ""
    return row


# It reads one entry of an index.
ORPHAN = f"""
SELECT smsc_message_id FROM receipt FORCE INDEX (number)
WHERE number = %(number)s AND trunk_id = %(trunk_id)s
  AND received_at >= %(requested_at)s
  AND received_at < UTC_TIMESTAMP(3) - INTERVAL {YOUNG_S} SECOND
ORDER BY received_at DESC LIMIT 1"""  # noqa: S608


def _orphan(tx: Transaction, row: Row) -> str:
    """The id of a kept receipt that may be this probe's: to its number, or to none."""
    for number in (row["number"], ""):
        if found := tx.value(ORPHAN, {**row, "number": number}):
            return str(found)
    return ""


def of_trunk(
    tx: Transaction, trunk: Row, row: Row | None, why: Problem | None = None
) -> Probe | None:
    """A row of here as the domain reads it; `why` says why it waits."""
    if row is None:
        return None
    form = receipt_id_forms.of_trunk(tx, trunk["id"])
    settings = trunk["settings"]
    if trunk["kind"] == HAS_FORMS and row["state"] == "submitted":
        row["orphan"] = _orphan(tx, row)
    return Probe(row, trunk["kind"], settings, why, form["form"] if form else None)


SEE = "UPDATE trunk_probe SET seen = %(seen)s WHERE id = %(id)s"


def see(tx: Transaction, probe_id: int, seen: str) -> None:
    """Keeps as which alphabet a person saw the characters."""
    tx.execute(SEE, {"id": probe_id, "seen": seen})


ANEW = -1.0
OPEN_FOR_S = 5.0  # so long it is remembered which probes are open
# The highest message with them: a later one may be of a probe that is not known yet.
OPEN = f"""
SELECT last.id, p.message_id FROM (SELECT MAX(id) AS id FROM message) last
LEFT JOIN trunk_probe p FORCE INDEX (requested) ON p.trunk_id = %(trunk_id)s
  AND p.requested_at > UTC_TIMESTAMP(3) - INTERVAL {KEEP_H} HOUR
  AND p.receipt_id = ''"""  # noqa: S608
HEAR = """
UPDATE trunk_probe SET receipt_id = %(receipt_id)s,
  receipt_text = IF(characters = '', '', %(receipt_text)s)
WHERE message_id = %(message_id)s AND trunk_id = %(trunk_id)s AND receipt_id = ''"""


def hear(
    tx: Transaction,
    trunk_id: int,
    receipts: Sequence[Receipt],
    met: Sequence[Found | None],
) -> None:
    """Keeps how the receipts of young probes were written.

    For the others it costs a query each OPEN_FOR_S, or none at all.
    """
    by_message = {
        one.message_id: receipt
        for receipt, one in zip(receipts, met, strict=True)
        if one is not None
    }
    if not by_message:
        return
    for message_id in _open_up_to(tx, trunk_id, max(by_message)) & by_message.keys():
        receipt = by_message[message_id]
        values = {
            "trunk_id": trunk_id,
            "message_id": message_id,
            "receipt_id": receipt.smsc_message_id,
            "receipt_text": receipt.text_start[:40],
        }
        tx.execute(HEAR, values)


def _open_up_to(tx: Transaction, trunk_id: int, message_id: int) -> Set[int]:
    """Messages of the probes that await a receipt, none up to that one left out."""

    def read() -> tuple[int, Set[int]]:
        rows = tx.tuples(OPEN, {"trunk_id": trunk_id})
        return rows[0][0] or 0, {one for _, one in rows if one is not None}

    name = f"open probes of {trunk_id}"
    last, found = tx.remembered(name, OPEN_FOR_S, read)
    if last < message_id:
        _, found = tx.remembered(name, ANEW, read)
    return cast("Set[int]", found)


PURGE = """
DELETE p FROM trunk_probe p JOIN message m ON m.id = p.message_id
WHERE p.message_id IN %(ids)s AND m.number = ''"""


def purge(tx: Transaction, message_ids: Sequence[int]) -> None:
    """Forgets the probes of those messages that have lost their number."""
    tx.execute(PURGE, {"ids": message_ids})


FORGET = "DELETE FROM trunk_probe WHERE trunk_id = %(trunk_id)s"


def forget(tx: Transaction, trunk_id: int) -> None:
    """Lets go of a removed trunk's probes; their messages stay."""
    tx.execute(FORGET, {"trunk_id": trunk_id})
