"""What was taken over from the original module, and writing it.

Its messages come with the states they had, not through the queue: see
domain/original.py for which becomes which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from . import counts, like, traffic
from .db import Transaction

LOCK = "SELECT GET_LOCK(CONCAT(DATABASE(), '.takeover'), 0)"
UNLOCK = "SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.takeover'))"


def lock(tx: Transaction) -> bool:
    """Holds the takeover for this connection; False when another one runs."""
    return bool(tx.value(LOCK) == 1)


def unlock(tx: Transaction) -> None:
    """Lets the next takeover begin."""
    tx.value(UNLOCK)


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that is here: its id, and up to which of its rows."""

    target_id: int
    through_id: int = 0


OF_SOURCE = """
SELECT source_key, target_id, through_id FROM taken_over
WHERE kind = %(kind)s AND source_key LIKE %(start)s"""


def of_source(tx: Transaction, kind: str, database: str) -> dict[str, Taken]:
    """id there -> what it is here, of one kind and one source."""
    values = {"kind": kind, "start": like.begins(f"{database}:")}
    found = tx.tuples(OF_SOURCE, values)
    return {
        key[len(database) + 1 :]: Taken(int(target), int(through))
        for key, target, through in found
    }


RECORD = """
INSERT INTO taken_over (kind, source_key, target_id, taken_at)
VALUES (%(kind)s, %(key)s, %(target_id)s, UTC_TIMESTAMP(3))"""


def record(tx: Transaction, kind: str, key: str, target_id: int) -> None:
    """Notes that something is here, in the transaction that brings it."""
    tx.execute(RECORD, {"kind": kind, "key": key, "target_id": target_id})


ADVANCE = """
UPDATE taken_over SET through_id = %(through_id)s
WHERE kind = %(kind)s AND source_key = %(key)s AND through_id < %(through_id)s"""


def advance(tx: Transaction, kind: str, key: str, through_id: int) -> None:
    """Notes up to which row it is here, in the transaction that brings the rows."""
    tx.execute(ADVANCE, {"kind": kind, "key": key, "through_id": through_id})


NAMES = {
    "campaign": "SELECT name FROM campaign",
    "list": "SELECT name FROM list",
    "trunk": "SELECT name FROM trunk",
}


def names(tx: Transaction, kind: str) -> list[str]:
    """Every name that a unique key of that kind holds, of removed ones too."""
    return [name for (name,) in tx.tuples(NAMES[kind])]


STANDING = {
    "campaign": "SELECT id, paused FROM campaign WHERE removed = 0",
    "list": "SELECT id, 1 FROM list",
    "trunk": "SELECT id, 1 FROM trunk WHERE removed = 0",
}


def standing(tx: Transaction, kind: str) -> dict[int, bool]:
    """id -> whether it is at rest (a campaign: paused), of all that are not removed."""
    return {int(one): bool(rest) for one, rest in tx.tuples(STANDING[kind])}


@dataclass(frozen=True, slots=True)
class OldMessage:
    """One message of the original, in the state that it has here."""

    state: str
    number: str
    is_local: bool
    text: str | None  # None = the campaign's
    segments: int
    route_trunk_id: int
    trunk_id: int | None
    at: datetime | None  # when the original last touched it, UTC
    code: str | None
    detail: str

    @property
    def is_queued(self) -> bool:
        """Whether it waits to be sent."""
        return self.state == "queued"

    @property
    def has_left(self) -> bool:
        """Whether a trunk had it, perhaps."""
        return self.state in ("submitted", "in_doubt", "rejected")


ADD_MESSAGE = """
INSERT INTO message (campaign_id, import_id, state, number, is_local, text, segments,
                     route_trunk_id, pinned, trunk_id, created_at, submitted_at,
                     settled_at, result_code, result_detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, COALESCE(%s, UTC_TIMESTAMP(3)),
        %s, %s, %s, %s)"""
REOPEN = "UPDATE campaign SET open = 1 WHERE id = %(campaign_id)s"
NEWEST = "SELECT MAX(id) FROM message"


def add_messages(
    tx: Transaction, campaign_id: int, import_id: int, found: Sequence[OldMessage]
) -> None:
    """Adds messages with their history and books them."""
    changes = counts.Changes()
    rows = []
    for one in found:
        trunk_id = one.trunk_id if one.has_left else None
        at = one.at.replace(tzinfo=None) if one.at else None
        rows.append(
            (
                *(campaign_id, import_id, one.state, one.number, int(one.is_local)),
                *(one.text, one.segments, one.route_trunk_id),
                *(int(one.route_trunk_id > 0), trunk_id, at),
                at if one.state in ("submitted", "in_doubt") else None,
                None if one.is_queued else at,
                one.code,
                one.detail[:255] if one.code else None,
            )
        )
        changes.add(campaign_id, one.state, trunk_id or 0, 1, one.segments)
    before = int(tx.value(NEWEST) or 0)
    tx.many(ADD_MESSAGE, rows)
    changes.write(tx)
    newest = int(tx.value(NEWEST) or 0)
    traffic.add_past(tx, campaign_id, before + 1, newest)
    if any(one.is_queued for one in found):
        tx.execute(REOPEN, {"campaign_id": campaign_id})


@dataclass(frozen=True, slots=True)
class OldContact:
    """One number of a list of the original."""

    number: str
    is_local: bool
    excluded: bool


PRESENT = """
SELECT number, excluded FROM contact
WHERE list_id = %(list_id)s AND number IN %(numbers)s"""
ADD_CONTACT = """
INSERT INTO contact (list_id, number, is_local, excluded, created_at)
VALUES (%s, %s, %s, %s, UTC_TIMESTAMP(3))"""
EXCLUDE = """
UPDATE contact SET excluded = 1
WHERE list_id = %(list_id)s AND number IN %(numbers)s AND excluded = 0"""
COUNT = """
UPDATE list SET included = included + %(included)s, excluded = excluded + %(excluded)s
WHERE id = %(list_id)s"""


def add_contacts(
    tx: Transaction, list_id: int, found: Sequence[OldContact]
) -> set[str]:
    """Adds numbers, each once in `found`; those that the list had already.

    Who was excluded under one spelling is excluded: a refusal is never lost.
    """
    if not found:
        return set()
    values = {"list_id": list_id, "numbers": [one.number for one in found]}
    present = dict(tx.tuples(PRESENT, values))
    fresh = [one for one in found if one.number not in present]
    rows = [(list_id, c.number, int(c.is_local), int(c.excluded)) for c in fresh]
    tx.many(ADD_CONTACT, rows)
    refused = [c.number for c in found if c.excluded and present.get(c.number) == 0]
    if refused:
        tx.execute(EXCLUDE, {"list_id": list_id, "numbers": refused})
    excluded = sum(c.excluded for c in fresh)
    tx.execute(
        COUNT,
        {
            "list_id": list_id,
            "included": len(fresh) - excluded - len(refused),
            "excluded": excluded + len(refused),
        },
    )
    return set(present)
