"""A campaign's weekdays, timetable, time zone and holidays, also while it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain.campaigns import OUTPUT_QUEUE_ID, Draft
from ..domain.schedule_words import check_reachable
from ..domain.settings import Settings
from ..domain.timetables import Days, days_text, from_stored, stored_days
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import approvals, audit, holidays
from .audit import Actor
from .db import Row, Transaction

TIMETABLE_NAME = "SELECT name FROM timetable WHERE id = %(timetable_id)s"
SET = """
UPDATE campaign SET days = %(days)s, timetable_id = %(timetable_id)s,
  time_zone = %(time_zone)s, keeps_holidays = %(keeps_holidays)s,
  changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be; None leaves it. 0 is no timetable, '' the configured zone."""

    days: Days | None = None
    timetable_id: int | None = None
    time_zone: str | None = None
    keeps_holidays: bool | None = None

    def on(self, campaign: Row) -> dict[str, Any]:
        """The columns as they will be."""
        new = {name: campaign[name] for name in NAMES}
        if self.days is not None:
            new["days"] = stored_days(self.days)
        if self.timetable_id is not None:
            new["timetable_id"] = self.timetable_id or None
        if self.time_zone is not None:
            new["time_zone"] = self.time_zone
        if self.keeps_holidays is not None:
            new["keeps_holidays"] = int(self.keeps_holidays)
        return new


NAMES = ("days", "timetable_id", "time_zone", "keeps_holidays")


def change(
    tx: Transaction,
    campaign: Row,
    wanted: Change,
    actor: Actor,
    settings: Settings,
    now: datetime,
) -> bool:
    """Changes them from the next claim on; False when it was so already.

    StoreError for the output queue, and when they leave no moment from `now` (UTC) on
    to send it, or none before a deadline that is still to come.
    """
    if campaign["id"] == OUTPUT_QUEUE_ID:
        raise StoreError(
            Problem(
                "output_queue_schedule",
                N_("The output queue is sent every day: it has no days of its own."),
            )
        )
    new = wanted.on(campaign)
    changed = audit.changes(described(tx, campaign), described(tx, new))
    if not changed:
        return False
    deadline = campaign["deadline_at"]
    kept = {"deadline_at": deadline if deadline and deadline > now else None}
    for problem in _reachable(tx, {**campaign, **new, **kept}, settings, now).values():
        raise StoreError(problem)
    if not tx.execute(SET, {**new, "id": campaign["id"]}):
        return False
    audit.record(tx, actor, "campaign.rules", campaign["name"], changed)
    approvals.touched(tx, campaign["id"], actor)
    return True


def described(tx: Transaction, values: Row) -> dict[str, object]:
    """The four as the audit has them."""
    own = {"timetable_id": values["timetable_id"]}
    named = tx.value(TIMETABLE_NAME, own) if values["timetable_id"] else None
    return {
        "days": days_text(from_stored(values["days"])),
        "timetable": named,
        "time_zone": values["time_zone"],
        "keeps_holidays": bool(values["keeps_holidays"]),
    }


def check(
    tx: Transaction, draft: Draft, settings: Settings, now: datetime
) -> dict[str, Problem]:
    """That a draft could never be sent, or not before its deadline, by field."""
    row = {
        "start_at": draft.start_at,
        "deadline_at": draft.deadline_at,
        "hours": draft.hours,
        "days": stored_days(draft.days),
        "timetable_id": draft.timetable_id,
        "time_zone": draft.time_zone,
        "keeps_holidays": draft.keeps_holidays,
    }
    return _reachable(tx, row, settings, now)


def _reachable(
    tx: Transaction, row: Row, settings: Settings, now: datetime
) -> dict[str, Problem]:
    calendar = holidays.calendar(tx)
    schedule = calendar.schedule(row, settings.time_zone, settings.sending_hours)
    return check_reachable(schedule, now)
