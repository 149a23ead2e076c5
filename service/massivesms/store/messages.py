"""Messages: putting them in the queue, and reading them for people.

The engine's side, claim and settle, is in store/claims.py; how a filter's messages
are found is in store/message_search.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.message_filters import Filter
from . import approvals, counts, erased
from .db import Row, Transaction
from .message_rows import by_id, created_about, with_ids
from .message_search import Batch, Found, every, look, page

__all__ = [
    "Batch",
    "Filter",
    "Found",
    "NewMessage",
    "by_id",
    "cancel",
    "created_about",
    "enqueue",
    "enqueue_list",
    "enqueue_single",
    "every",
    "look",
    "page",
    "purge",
    "to_copy",
    "with_ids",
]

LANE_EXPRESS = 0  # a person waits for the outcome
LANE_AGAIN = 1  # was claimed before: retried, sent back, given to the next trunk
LANE_NORMAL = 2
INSERT_BATCH = 2000
NO_ANSWER = 0
ANSWER = 1  # to an incoming message: leaves outside the sending hours too
CONFIRMATION = 2  # of an opt-out: goes out although its number has opted out


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to enqueue; text None = the campaign's."""

    number: str
    is_local: bool
    segments: int
    text: str | None = None


INSERT = """
INSERT INTO message (campaign_id, number, is_local, text, segments, import_id,
                     created_at)
VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""
REOPEN = "UPDATE campaign SET open = 1 WHERE id = %(campaign_id)s"


def enqueue(
    tx: Transaction,
    campaign_id: int,
    messages: Iterable[NewMessage],
    import_id: int | None = None,
) -> int:
    """Puts messages of a campaign in the queue; how many."""
    total = segments = 0
    batch: list[tuple[object, ...]] = []
    for message in messages:
        batch.append(
            (
                campaign_id,
                message.number,
                int(message.is_local),
                message.text,
                message.segments,
                import_id,
            )
        )
        total += 1
        segments += message.segments
        if len(batch) == INSERT_BATCH:
            tx.many(INSERT, batch)
            batch.clear()
    tx.many(INSERT, batch)
    book(tx, campaign_id, total, segments)
    return total


FROM_LIST = """
INSERT INTO message (campaign_id, number, is_local, segments, import_id, created_at)
SELECT %(campaign_id)s, number, is_local, %(segments)s, %(import_id)s, UTC_TIMESTAMP(3)
FROM contact WHERE list_id = %(list_id)s AND excluded = 0"""
NOT_ERASED = " AND number NOT IN %(erased)s"


def enqueue_list(
    tx: Transaction, campaign_id: int, list_id: int, segments: int, import_id: int
) -> int:
    """Puts one message to each included contact of a list in the queue; how many."""
    gone = erased.in_list(tx, list_id)
    total = tx.execute(
        FROM_LIST + (NOT_ERASED if gone else ""),
        {
            "erased": gone,
            "campaign_id": campaign_id,
            "list_id": list_id,
            "segments": segments,
            "import_id": import_id,
        },
    )
    book(tx, campaign_id, total, total * segments)
    return total


@dataclass(frozen=True, slots=True)
class Copied:
    """A message of a campaign as another campaign may have it; number '' = purged."""

    message_id: int
    number: str
    is_local: bool
    state: str
    segments: int
    text: str | None


TO_COPY = """
SELECT id, number, is_local, state, segments, text
FROM message FORCE INDEX (campaign_page)
WHERE campaign_id = %(campaign_id)s AND id > %(after)s ORDER BY id LIMIT %(limit)s"""


def to_copy(
    tx: Transaction, campaign_id: int, *, after: int, limit: int
) -> list[Copied]:
    """Messages of a campaign by id, read without locks."""
    values = {"campaign_id": campaign_id, "after": after, "limit": limit}
    return [
        Copied(message_id, number, bool(is_local), *rest)
        for message_id, number, is_local, *rest in tx.tuples(TO_COPY, values)
    ]


INSERT_SINGLE = """
INSERT INTO message (campaign_id, number, is_local, text, sender_id, segments, lane,
                     route_trunk_id, pinned, created_by, answer, created_at)
VALUES (%(campaign_id)s, %(number)s, %(is_local)s, %(text)s, %(sender_id)s,
        %(segments)s, %(lane)s, %(route_trunk_id)s, %(pinned)s, %(created_by)s,
        %(answer)s, UTC_TIMESTAMP(3))"""


def enqueue_single(
    tx: Transaction,
    message: NewMessage,
    *,
    campaign_id: int,
    trunk_id: int | None = None,
    sender_id: str | None = None,
    express: bool = False,
    created_by: str | None = None,
    answer: int = NO_ANSWER,
) -> int:
    """Puts one message in the output queue or a campaign; its id.

    StoreError when the number was erased.
    """
    erased.refuse(tx, [message.number])
    message_id = tx.insert(
        INSERT_SINGLE,
        {
            "campaign_id": campaign_id,
            "number": message.number,
            "is_local": int(message.is_local),
            "text": message.text,
            "sender_id": sender_id or None,
            "segments": message.segments,
            "lane": LANE_EXPRESS if express else LANE_NORMAL,
            "route_trunk_id": trunk_id or 0,
            "pinned": int(trunk_id is not None),
            "created_by": created_by[:64] if created_by else None,
            "answer": answer,
        },
    )
    book(tx, campaign_id, 1, message.segments)
    return message_id


def book(tx: Transaction, campaign_id: int, total: int, segments: int) -> None:
    """Counts messages that were put in the queue, and opens their campaign."""
    if total:
        changes = counts.Changes()
        changes.add(campaign_id, "queued", 0, total, segments)
        changes.write(tx)
        tx.execute(REOPEN, {"campaign_id": campaign_id})
        approvals.added(tx, campaign_id)


CANCEL = """
UPDATE message SET state = 'cancelled', settled_at = UTC_TIMESTAMP(3),
  result_code = 'cancelled', result_detail = %(by)s
WHERE id = %(id)s AND state = 'queued'"""


def cancel(tx: Transaction, message: Row, by: str) -> bool:
    """Takes a waiting message out of the queue; False when it is no longer there."""
    if not tx.execute(CANCEL, {"id": message["id"], "by": by[:255]}):
        return False
    changes = counts.Changes()
    moved = (message["campaign_id"], 0, "queued", "cancelled", 1, message["segments"])
    changes.move(*moved, ids=[message["id"]], code="cancelled")
    changes.write(tx)
    return True


PURGEABLE = """
SELECT id FROM message WHERE campaign_id = %(campaign_id)s AND state <> 'submitting'
LIMIT %(limit)s"""
PURGE_SEGMENTS = "DELETE FROM segment WHERE message_id IN %(ids)s"
PURGE = "DELETE FROM message WHERE id IN %(ids)s AND state <> 'submitting'"


def purge(tx: Transaction, campaign_id: int, limit: int) -> int:
    """Deletes some messages of a removed campaign; 0 when none can be deleted."""
    found = tx.tuples(PURGEABLE, {"campaign_id": campaign_id, "limit": limit})
    ids = [message_id for (message_id,) in found]
    if ids:
        tx.execute(PURGE_SEGMENTS, {"ids": ids})
        tx.execute(PURGE, {"ids": ids})
    return len(ids)
