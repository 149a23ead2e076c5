"""What pages of campaigns need to offer days and timetables, and to check them."""

from __future__ import annotations

from datetime import UTC, datetime

from massivesms.domain.campaigns import Draft
from massivesms.domain.words import Problem
from massivesms.store import campaign_schedules, timetables
from massivesms.store.db import Transaction

from . import current
from .forms.timing import TimingForm


def offer(tx: Transaction, form: TimingForm) -> None:
    """Sets the timetables and zones of a form."""
    zone = current.settings().time_zone
    form.offer_timing(timetables.all_timetables(tx), zone)


def problems_of(draft: Draft) -> dict[str, Problem]:
    """That a draft could never be sent, or not before its deadline, by field."""
    with current.db().transaction() as tx:
        now = datetime.now(UTC)
        return campaign_schedules.check(tx, draft, current.settings(), now)
