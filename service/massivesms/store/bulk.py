"""Messages of a bulk file: into campaigns that are there and not over.

All of a file is one transaction. The rows are written first; campaigns and counts,
for which claims wait, are held only from `book` to the COMMIT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ..domain.bulk import LAST
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import approvals, messages
from .audit import Actor
from .db import Row, Transaction

#: When a message is due that came without a priority, as every other (see the schema).
ALWAYS = datetime(2000, 1, 1)  # noqa: DTZ001 - the database's, UTC

HAS_ENDED = """(c.kind = 'campaign' AND (c.open = 0 OR c.discard_by IS NOT NULL
  OR COALESCE(c.deadline_at <= UTC_TIMESTAMP(3), 0)))"""
IS_OVER = f"""({HAS_ENDED} OR
  c.kind = 'campaign' AND c.permanent = 0 AND NOT EXISTS (
    SELECT 1 FROM campaign_count n WHERE n.campaign_id = c.id
      AND n.state IN ('queued', 'submitting')
    GROUP BY n.campaign_id HAVING SUM(n.messages) > 0))"""  # noqa: S608
TARGETS = f"""
SELECT c.id, c.name, c.text, {IS_OVER} AS is_over
FROM campaign c WHERE c.removed = 0"""  # noqa: S608


def targets(tx: Transaction) -> list[Row]:
    """All campaigns: `id`, `name`, `text`, and whether it `is_over`."""
    return tx.rows(TARGETS)


@dataclass(frozen=True, slots=True)
class BulkMessage:
    """One message of a file; text None = the campaign's."""

    campaign_id: int
    number: str
    is_local: bool
    segments: int
    text: str | None
    priority: int


ADD = """
INSERT INTO message (campaign_id, number, is_local, text, segments, import_id, due_at,
                     created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""


def add(tx: Transaction, found: Sequence[BulkMessage], import_id: int) -> None:
    """Writes messages; `book` must follow in the same transaction.

    Of what waits in a campaign, the one that is due first is claimed first: so a
    priority is a moment, long past, and needs no index of its own.
    """
    tx.many(
        ADD,
        [
            (
                *(m.campaign_id, m.number, int(m.is_local), m.text, m.segments),
                *(import_id, _due_at(m.priority)),
            )
            for m in found
        ],
    )


@lru_cache(maxsize=LAST + 1)
def _due_at(priority: int) -> str:
    return str(ALWAYS - timedelta(seconds=LAST - priority))


#: Locking reads: what is committed now, and not when the transaction began.
HOLD = f"""
SELECT c.id, c.name, c.kind = 'campaign' AND c.permanent = 0 AS must_have_left,
  {HAS_ENDED} AS has_ended
FROM campaign c WHERE c.id IN %(ids)s AND c.removed = 0 FOR UPDATE"""  # noqa: S608
LEFT = """
SELECT campaign_id, SUM(messages) FROM campaign_count
WHERE campaign_id IN %(ids)s AND state IN ('queued', 'submitting')
GROUP BY campaign_id FOR UPDATE"""


def book(tx: Transaction, sums: Mapping[int, tuple[int, int]], actor: Actor) -> None:
    """Counts what was added, by campaign (messages, segments); call it last.

    StoreError when one of the campaigns was removed or is over meanwhile: nothing is
    loaded, for it would be opened again.
    """
    if not sums:
        return
    held = tx.rows(HOLD, {"ids": sorted(sums)})
    if {campaign["id"] for campaign in held} != set(sums):
        raise StoreError(
            Problem(
                "bulk_campaign_gone",
                N_(
                    "A campaign of the file was deleted while it was loaded: nothing of"
                    " it was taken. Load it again."
                ),
            )
        )
    left = dict(tx.tuples(LEFT, {"ids": sorted(sums)}))
    for campaign in held:
        is_empty = campaign["must_have_left"] and not left.get(campaign["id"])
        if campaign["has_ended"] or is_empty:
            raise StoreError(_over(campaign["name"]))
    above = approvals.limit(tx)
    for campaign_id, (total, segments) in sorted(sums.items()):
        messages.book(tx, campaign_id, total, segments)
        if campaign_id != OUTPUT_QUEUE_ID:
            approvals.changed(tx, campaign_id, actor)
        elif above is not None and total > above:
            raise StoreError(_too_many_singles(above))


def _over(name: str) -> Problem:
    words = N_(
        "The campaign %(name)s ended while the file was loaded: nothing of it was"
        " taken. Load it again."
    )
    return Problem("bulk_campaign_over", words, name=name)


def _too_many_singles(above: int) -> Problem:
    return Problem(
        "bulk_needs_campaign",
        N_(
            "More than %(above)s messages need a second person's approval: name a"
            " campaign in their rows instead of the output queue. Nothing was loaded."
        ),
        above=above,
    )
