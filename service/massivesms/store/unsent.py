"""What a campaign will never send: its deadline has passed, or a person discards it.

A deadline and a wish to discard are columns of the campaign, which every claim asks
and holds: once they are committed, no claim goes by what was before. What is queued
is ended by the service afterwards, a batch at a time; what is on its way settles as
it is, and is ended too should it come back into the queue.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ..domain.campaigns import OUTPUT_QUEUE_ID, InDoubt
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import approvals, audit, counts, permanent
from .audit import Actor
from .db import Row, Transaction

BATCH = 2000

SET_DEADLINE = """
UPDATE campaign SET deadline_at = %(deadline_at)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


def set_deadline(
    tx: Transaction, campaign: Row, deadline_at: datetime | None, actor: Actor
) -> bool:
    """Sets (UTC) or takes away a deadline, also while it is sent; False: it was so.

    StoreError for the output queue.
    """
    if campaign["id"] == OUTPUT_QUEUE_ID:
        raise StoreError(_of_output_queue())
    if deadline_at == campaign["deadline_at"]:
        return False
    old, new = (_plain(m) for m in (campaign["deadline_at"], deadline_at))
    if not tx.execute(SET_DEADLINE, {"id": campaign["id"], "deadline_at": new}):
        return False
    permanent.reopen(tx, campaign["id"])
    approvals.touched(tx, campaign["id"], actor)
    audit.record(
        tx, actor, "campaign.rules", campaign["name"], {"deadline_at": [old, new]}
    )
    return True


DISCARD = """
UPDATE campaign SET discard_by = %(by)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0 AND discard_by IS NULL"""


def discard(tx: Transaction, campaign: Row, actor: Actor) -> bool:
    """Has all that is not sent yet discarded; False when that goes on already.

    From the commit on nothing of it is claimed, paused or not. StoreError for the
    output queue.
    """
    if campaign["id"] == OUTPUT_QUEUE_ID:
        raise StoreError(_of_output_queue())
    if not tx.execute(DISCARD, {"id": campaign["id"], "by": actor.name[:64]}):
        return False
    details = {"messages": campaign["counts"].get("queued", 0)}
    audit.record(tx, actor, "campaign.discard", campaign["name"], details)
    return True


# Past by the clock that the engine goes by, and by the database's: a clock that is
# wrong keeps messages waiting, and never ends them.
IS_LATE = "deadline_at <= LEAST(UTC_TIMESTAMP(3), %(now)s)"
DUE = f"""
SELECT id FROM campaign WHERE discard_by IS NOT NULL AND removed = 0
UNION SELECT id FROM campaign
WHERE open = 1 AND removed = 0 AND deadline_at IS NOT NULL AND {IS_LATE}"""  # noqa: S608


def due(tx: Transaction, now: datetime) -> list[int]:
    """Campaigns of which what is queued is to be ended; `now` is UTC."""
    return [one for (one,) in tx.tuples(DUE, {"now": _plain(now)})]


WHY = f"""
SELECT name, discard_by, deadline_at, COALESCE({IS_LATE}, 0) AS is_late, in_doubt
FROM campaign WHERE id = %(id)s AND removed = 0 LOCK IN SHARE MODE"""  # noqa: S608
QUEUED = """
SELECT id, segments FROM message FORCE INDEX (claim)
WHERE campaign_id = %(id)s AND state = 'queued' LIMIT %(limit)s FOR UPDATE"""
END = """
UPDATE message SET state = %(state)s, settled_at = UTC_TIMESTAMP(3),
  result_code = %(code)s, result_detail = %(detail)s
WHERE id IN %(ids)s AND state = 'queued'"""


def end_some(
    tx: Transaction, campaign_id: int, now: datetime, zone: ZoneInfo, limit: int = BATCH
) -> int:
    """Ends some of what is queued of a campaign that is due; how many.

    Asks again whether it is due, and holds that: a deadline may have been moved.
    """
    values = {"id": campaign_id, "now": _plain(now), "limit": limit}
    campaign = tx.row(WHY, values)
    if campaign is None or not (campaign["discard_by"] or campaign["is_late"]):
        return 0
    found = tx.tuples(QUEUED, values)
    if not found:
        _forget_wish(tx, campaign_id, campaign)
        return 0
    ids = [message_id for message_id, _ in found]
    end = _end_of(campaign, zone)
    tx.execute(END, {**end, "ids": ids})
    changes = counts.Changes()
    segments = sum(n for _, n in found)
    changes.move(
        *(campaign_id, 0, "queued", end["state"], len(ids), segments),
        ids=ids,
        code=end["code"],
    )
    changes.write(tx)
    return len(ids)


def _end_of(campaign: Row, zone: ZoneInfo) -> dict[str, str]:
    if campaign["discard_by"]:
        by = campaign["discard_by"]
        return {"state": "cancelled", "code": "discarded", "detail": by}
    local = campaign["deadline_at"].replace(tzinfo=UTC).astimezone(zone)
    detail = f"{local:%Y-%m-%d %H:%M}"
    return {"state": "skipped", "code": "schedule_expired", "detail": detail}


CLEAR = """
UPDATE campaign SET discard_by = NULL WHERE id = %(id)s AND discard_by = %(by)s"""


def _forget_wish(tx: Transaction, campaign_id: int, campaign: Row) -> None:
    """Once nothing may come back into the queue by itself."""
    left = counts.by_state(tx, campaign_id)
    states = {"queued", "submitting"}
    if campaign["in_doubt"] == InDoubt.RESEND:
        states.add("in_doubt")
    if campaign["discard_by"] and not states & set(left):
        tx.execute(CLEAR, {"id": campaign_id, "by": campaign["discard_by"]})


def _plain(moment: datetime | None) -> datetime | None:
    """A moment as the database has it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _of_output_queue() -> Problem:
    return Problem(
        "output_queue_unsent",
        N_(
            "The output queue has no deadline and is not discarded as a whole: cancel"
            " its messages one by one."
        ),
    )
