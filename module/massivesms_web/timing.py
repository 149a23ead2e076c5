"""What pages of campaigns need to offer days and timetables, and to check them."""

from __future__ import annotations

from datetime import UTC, datetime

from massivesms.domain.campaigns import Draft
from massivesms.domain.schedule_words import check_reachable
from massivesms.domain.timetables import stored_days
from massivesms.domain.words import Problem
from massivesms.store import holidays, timetables
from massivesms.store.db import Transaction

from . import current
from .forms.timing import TimingForm


def offer(tx: Transaction, form: TimingForm) -> None:
    """Sets the timetables and zones of a form."""
    zone = current.settings().time_zone
    form.offer_timing(timetables.all_timetables(tx), zone)


def problems_of(draft: Draft) -> dict[str, Problem]:
    """That a draft could never be sent, or not before its deadline, by field."""
    settings = current.settings()
    with current.db().transaction() as tx:
        calendar = holidays.calendar(tx)
    row = {
        "start_at": draft.start_at,
        "deadline_at": draft.deadline_at,
        "hours": draft.hours,
        "days": stored_days(draft.days),
        "timetable_id": draft.timetable_id,
        "time_zone": draft.time_zone,
        "keeps_holidays": draft.keeps_holidays,
    }
    schedule = calendar.schedule(row, settings.time_zone, settings.sending_hours)
    return check_reachable(schedule, datetime.now(UTC))
