"""Campaigns: one text to many recipients on a schedule, and the output queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from ..domain.campaigns import (
    OUTPUT_QUEUE_ID,
    CampaignPriority,
    Draft,
    InDoubt,
    name_taken,
    not_found,
)
from ..domain.schedule import SendingHours
from ..domain.templates import places
from ..domain.timetables import stored_days
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import approvals, audit, counts, permanent
from .audit import Actor
from .campaign_audit import changes_of, described
from .db import Row, Transaction
from .failures import unique

COLUMNS = """
c.id, c.kind, c.name, c.text, c.sender_id, c.trunk_id, c.list_id, c.permanent,
c.characters, c.start_at, c.deadline_at, c.discard_by, c.hours_from, c.hours_to, c.days,
c.timetable_id, c.time_zone, c.keeps_holidays, c.priority, c.in_doubt, c.paused,
c.approval, c.approved_by, c.approved_at, c.changed_by, c.open, c.created_by,
c.created_at, c.purged_at"""

BY_ID = f"SELECT {COLUMNS} FROM campaign c WHERE c.id = %(id)s AND c.removed = 0"  # noqa: S608


def by_id(tx: Transaction, campaign_id: int) -> Row | None:
    """One campaign with `counts` (state -> messages) and `total`, or None."""
    return _with_counts(tx, tx.rows(BY_ID, {"id": campaign_id}))


BY_NAME = f"SELECT {COLUMNS} FROM campaign c WHERE c.name = %(name)s AND c.removed = 0"  # noqa: S608


def by_name(tx: Transaction, name: str) -> Row:
    """The campaign of that name; StoreError when there is none."""
    row = _with_counts(tx, tx.rows(BY_NAME, {"name": name}))
    if row is None:
        raise StoreError(not_found("campaign", name))
    return row


IS_TAKEN = "SELECT 1 FROM campaign WHERE name = %(name)s AND removed = 0"


def is_taken(tx: Transaction, name: str) -> bool:
    """Whether a campaign is called so."""
    return tx.value(IS_TAKEN, {"name": name}) is not None


PAGE = f"""
SELECT {COLUMNS} FROM campaign c WHERE c.removed = 0 AND c.id < %(before)s
ORDER BY c.id DESC LIMIT %(limit)s"""  # noqa: S608


def page(tx: Transaction, *, before: int | None = None, limit: int = 50) -> list[Row]:
    """Campaigns, newest first, with their counts; before an id for the next page."""
    rows = tx.rows(PAGE, {"before": before or 2**31, "limit": limit})
    return _all_with_counts(tx, rows)


INSERT = """
INSERT INTO campaign (name, text, sender_id, trunk_id, list_id, permanent, characters,
                      start_at, deadline_at, hours_from, hours_to, days,
                      timetable_id, time_zone, keeps_holidays, priority,
                      in_doubt, paused, created_by, created_at, changed_at)
VALUES (%(name)s, %(text)s, %(sender_id)s, %(trunk_id)s, %(list_id)s, %(permanent)s,
        %(characters)s, %(start_at)s, %(deadline_at)s, %(hours_from)s,
        %(hours_to)s, %(days)s, %(timetable_id)s, %(time_zone)s,
        %(keeps_holidays)s, %(priority)s, %(in_doubt)s, %(paused)s, %(created_by)s,
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def create(tx: Transaction, draft: Draft, actor: Actor) -> int:
    """Stores a checked draft; its id. StoreError when the name is taken."""
    with unique(name_taken("campaign", draft.name)):
        campaign_id = tx.insert(INSERT, {**_params(draft), "created_by": actor.name})
    details = described(tx, _params(draft), draft.hours)
    details["permanent"] = draft.permanent or None
    audit.record(tx, actor, "campaign.create", draft.name, details)
    return campaign_id


LOCK = "SELECT text FROM campaign WHERE id = %(id)s AND removed = 0 FOR UPDATE"
UPDATE = """
UPDATE campaign SET name = %(name)s, text = %(text)s, sender_id = %(sender_id)s,
  trunk_id = %(trunk_id)s, start_at = %(start_at)s, deadline_at = %(deadline_at)s,
  hours_from = %(hours_from)s, hours_to = %(hours_to)s, days = %(days)s,
  timetable_id = %(timetable_id)s, time_zone = %(time_zone)s,
  keeps_holidays = %(keeps_holidays)s, priority = %(priority)s,
  in_doubt = %(in_doubt)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""
RESIZE = """
UPDATE message SET segments = %(segments)s
WHERE campaign_id = %(id)s AND state = 'queued' AND text IS NULL"""
SEGMENTS = """
SELECT COALESCE(SUM(segments), 0) FROM message
WHERE campaign_id = %(id)s AND state = 'queued'"""


def update(
    tx: Transaction, campaign: Row, draft: Draft, segments: int, actor: Actor
) -> None:
    """Changes a campaign of which nothing has been sent.

    `segments` is what its (new) text needs. StoreError once a message has left:
    then only stopping, resuming and removing are possible.
    """
    values = {**_params(draft), "id": campaign["id"], "segments": segments}
    old_text = tx.value(LOCK, values)
    if old_text is None:
        raise StoreError(not_found("campaign", campaign["name"]))
    have = counts.by_state(tx, campaign["id"])
    if campaign["kind"] == "output_queue":
        raise StoreError(output_queue_kept())
    if set(have) - {"queued"}:
        raise StoreError(
            Problem(
                "campaign_begun",
                N_(
                    "Messages of this campaign have already been sent: it cannot be"
                    " changed any more, only stopped, resumed or removed."
                ),
            )
        )
    if old_text != draft.text and (places(old_text) or places(draft.text)):
        raise StoreError(places_kept())
    with unique(name_taken("campaign", draft.name)):
        tx.execute(UPDATE, values)
    permanent.reopen(tx, campaign["id"])
    if old_text != draft.text:
        tx.execute(RESIZE, values)
        before = have.get("queued", (0, 0))[1]
        changes = counts.Changes()
        changes.add(
            campaign["id"], "queued", 0, 0, int(tx.value(SEGMENTS, values)) - before
        )
        changes.write(tx)
    approvals.changed(tx, campaign["id"], actor)
    times = {name: _utc(campaign[name]) for name in ("start_at", "deadline_at")}
    old = {**campaign, **times, "text": old_text}
    new = {**values, "list_id": campaign["list_id"]}  # it keeps its list
    details = changes_of(tx, (old, campaign["hours"]), (new, draft.hours))
    audit.record(tx, actor, "campaign.change", draft.name, details)


SET_PAUSED = """
UPDATE campaign SET paused = %(paused)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


def set_paused(
    tx: Transaction, campaign: Row, paused: bool, actor: Actor
) -> Problem | None:
    """Stops or resumes a campaign: one row, whatever its size.

    A problem when it may not be resumed, as it waits for an approval.
    """
    if not paused and (why := approvals.why_not_resumed(tx, campaign["id"])):
        return why
    tx.execute(SET_PAUSED, {"id": campaign["id"], "paused": int(paused)})
    action = "campaign.stop" if paused else "campaign.resume"
    details = {"paused": [campaign["paused"], paused]}
    audit.record(tx, actor, action, campaign["name"], details)
    return None


SET_RULES = """
UPDATE campaign SET priority = COALESCE(%(priority)s, priority),
  in_doubt = COALESCE(%(in_doubt)s, in_doubt), changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


def set_rules(
    tx: Transaction,
    campaign: Row,
    actor: Actor,
    *,
    priority: CampaignPriority | None = None,
    in_doubt: InDoubt | None = None,
) -> bool:
    """Changes what may be changed while a campaign is sent; None leaves it.

    False when it was so already. StoreError for the priority of the output queue.
    """
    if priority is not None and campaign["id"] == OUTPUT_QUEUE_ID:
        raise StoreError(
            Problem(
                "output_queue_first",
                N_("The output queue always goes first: it has no other priority."),
            )
        )
    new = {
        "priority": None if priority is None else int(priority),
        "in_doubt": None if in_doubt is None else str(in_doubt),
    }
    changed = {
        key: [campaign[key], value]
        for key, value in new.items()
        if value not in (None, campaign[key])
    }
    if not changed or not tx.execute(SET_RULES, {**new, "id": campaign["id"]}):
        return False
    approvals.touched(tx, campaign["id"], actor)
    audit.record(tx, actor, "campaign.rules", campaign["name"], changed)
    return True


REMOVE = """
UPDATE campaign SET removed = 1, paused = 1,
  name = LEFT(CONCAT('#', id, ' ', name), 120), changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


def remove(tx: Transaction, campaign: Row, actor: Actor) -> None:
    """Removes a campaign at once for people; its messages are deleted afterwards.

    StoreError for the output queue.
    """
    if campaign["id"] == OUTPUT_QUEUE_ID:
        raise StoreError(output_queue_kept())
    tx.execute(REMOVE, {"id": campaign["id"]})
    details = {"counts": campaign["counts"]}
    audit.record(tx, actor, "campaign.remove", campaign["name"], details)


OPEN = f"""
SELECT {COLUMNS} FROM campaign c WHERE c.open = 1 AND c.removed = 0
ORDER BY c.priority, c.id LIMIT %(limit)s"""  # noqa: S608


def unfinished(tx: Transaction, *, limit: int) -> list[Row]:
    """Campaigns that may have something left to send, with their counts."""
    return _all_with_counts(tx, tx.rows(OPEN, {"limit": limit}))


OPEN_WORK = """
SELECT c.id, c.name, c.priority, c.trunk_id, c.start_at, c.deadline_at,
       c.hours_from, c.hours_to, c.days, c.timetable_id, c.time_zone,
       c.keeps_holidays, c.paused,
       SUM(n.messages) AS queued
FROM campaign c JOIN campaign_count n ON n.campaign_id = c.id AND n.state = 'queued'
WHERE c.open = 1 AND c.paused = 0 AND c.removed = 0 AND c.discard_by IS NULL
  AND c.approval <> 'waiting'
GROUP BY c.id HAVING SUM(n.messages) > 0 ORDER BY c.priority, c.id"""


def open_work(tx: Transaction) -> list[Row]:
    """What the service may claim from, best priority first, with `queued`."""
    return [_read(row) for row in tx.rows(OPEN_WORK)]


def places_kept() -> Problem:
    """Why the text of a campaign stays: each message has its own already."""
    return Problem(
        "places_kept",
        N_(
            "Places are filled in when a campaign is created: to write another text"
            " with them, create the campaign anew."
        ),
    )


def output_queue_kept() -> Problem:
    """Why the output queue stays."""
    return Problem(
        "output_queue_kept",
        N_("The output queue is always needed: it cannot be changed or removed."),
    )


def _params(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "text": draft.text,
        "sender_id": draft.sender_id,
        "trunk_id": draft.trunk_id,
        "list_id": draft.list_id,
        "permanent": int(draft.permanent and draft.list_id is not None),
        "characters": str(draft.characters),
        "start_at": _utc(draft.start_at),
        "deadline_at": _utc(draft.deadline_at),
        "hours_from": draft.hours.start if draft.hours else None,
        "hours_to": draft.hours.end if draft.hours else None,
        "days": stored_days(draft.days),
        "timetable_id": draft.timetable_id,
        "time_zone": draft.time_zone,
        "keeps_holidays": int(draft.keeps_holidays),
        "paused": int(draft.paused),
        "priority": int(draft.priority),
        "in_doubt": str(draft.in_doubt),
    }


def _utc(moment: datetime | None) -> datetime | None:
    """A moment as the database has it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _with_counts(tx: Transaction, rows: list[Row]) -> Row | None:
    found = _all_with_counts(tx, rows)
    return found[0] if found else None


def _all_with_counts(tx: Transaction, rows: Sequence[Row]) -> list[Row]:
    numbers = counts.by_campaign(tx, [row["id"] for row in rows])
    for row in rows:
        row["counts"] = numbers[row["id"]]
        row["total"] = sum(row["counts"].values())
    return [_read(row) for row in rows]


def _read(row: Row) -> Row:
    for name in ("start_at", "deadline_at"):
        moment = row[name]
        is_set = isinstance(moment, datetime)
        row[name] = moment.replace(tzinfo=UTC) if is_set else None
    row["hours"] = read_stored_hours(row)
    row["paused"] = bool(row["paused"])
    if "permanent" in row:
        row["permanent"] = bool(row["permanent"])
    return row


def read_stored_hours(row: Row) -> SendingHours | None:
    """The sending hours of a row with hours_from and hours_to, or None."""
    start, end = _as_time(row["hours_from"]), _as_time(row["hours_to"])
    return None if start is None or end is None else SendingHours(start, end)


def _as_time(value: Any) -> time | None:
    """A TIME column (PyMySQL gives a timedelta) as a wall-clock time."""
    if value is None:
        return None
    seconds = int(value.total_seconds()) % 86400
    return time(seconds // 3600, seconds // 60 % 60)
