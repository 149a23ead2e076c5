"""What pages of campaigns need to offer days and timetables, and to check them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import gettext as _

from massivesms.domain.campaigns import Draft
from massivesms.domain.words import Problem
from massivesms.store import campaign_schedules, timetables
from massivesms.store.db import Row, Transaction

from . import current
from .forms.timing import TimingForm


def offer(tx: Transaction, form: TimingForm, campaign: Row | None = None) -> None:
    """Sets the timetables and zones of a form; a campaign may keep a removed one."""
    offered = timetables.all_timetables(tx)
    own = timetables.even_removed(tx, campaign["timetable_id"]) if campaign else None
    if own and own["removed"]:
        offered.append({**own, "name": _("%(name)s (removed)", name=own["name"])})
    form.offer_timing(offered, current.settings().time_zone)


def problems_of(draft: Draft) -> dict[str, Problem]:
    """That a draft could never be sent, or not before its deadline, by field."""
    with current.db().transaction() as tx:
        now = datetime.now(UTC)
        return campaign_schedules.check(tx, draft, current.settings(), now)
