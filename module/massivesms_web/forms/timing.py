"""The fields that say on which days and by which clock a campaign is sent."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField

from massivesms.domain.calendars import zone_of
from massivesms.domain.schedule import zone
from massivesms.domain.timetables import Days, from_stored
from massivesms.domain.words import N_, Problem
from massivesms.store.campaign_schedules import Change
from massivesms.store.db import Row

from .answers import DaysField
from .configuration import zones_by_area
from .fields import TimetableField


class TimingForm(FlaskForm):
    """Days, timetable, zone, holidays; `timing` says that they were on the page."""

    days = DaysField(_("Days"), validate_choice=False)
    timetable_id = TimetableField(_("Timetable"), default=0)
    time_zone = SelectField(_("Time zone"), default="", validate_choice=False)
    keeps_holidays = BooleanField(_("Not on holidays"), default=True)
    timing = HiddenField(default="1")

    def offer_timing(self, timetables: Sequence[Row], configured: ZoneInfo) -> None:
        """Sets what can be chosen, in the reader's language."""
        self.days.offer()
        self.timetable_id.offer(gettext("None: only days and hours"), timetables)
        usual = gettext("The configured one (%(zone)s)", zone=configured.key)
        groups = zones_by_area(self.time_zone.data or "UTC")
        self.time_zone.choices = {
            "": [("", usual), *groups.pop("")],
            **groups,
        }

    def fill_timing(self, campaign: Row) -> None:
        """Shows what is stored."""
        self.days.data = [day for day in campaign["days"].split(",") if day]
        self.timetable_id.data = campaign["timetable_id"] or 0
        self.time_zone.data = campaign["time_zone"]
        self.keeps_holidays.data = bool(campaign["keeps_holidays"])

    @property
    def chosen_days(self) -> Days:
        """The days that were ticked; all of them when none was."""
        return from_stored(self.days.text)

    @property
    def change(self) -> Change:
        """All of it, as it is to be stored."""
        return Change(
            self.chosen_days,
            self.timetable_id.data or 0,
            self.time_zone.data or "",
            bool(self.keeps_holidays.data),
        )

    @property
    def is_every_day(self) -> bool:
        """Whether nothing of it was chosen otherwise, so that it may stay folded."""
        wrong = self.days.errors or self.timetable_id.errors or self.time_zone.errors
        chosen = (self.days.data, self.timetable_id.data, self.time_zone.data)
        return bool(self.keeps_holidays.data) and not (wrong or any(chosen))

    def own_zone(self, configured: ZoneInfo) -> ZoneInfo:
        """The zone in which its times were typed."""
        return zone_of({"time_zone": self.time_zone.data or ""}, configured)

    def timing_problems(self) -> dict[str, Problem]:
        """What is wrong with it, by field."""
        problems: dict[str, Problem] = {}
        if self.time_zone.data and isinstance(p := zone(self.time_zone.data), Problem):
            problems["time_zone"] = p
        known = {str(day) for day in range(1, 8)}
        if not set(self.days.data or ()) <= known:
            problems["days"] = Problem("days_form", N_("There is no such day."))
        return problems
