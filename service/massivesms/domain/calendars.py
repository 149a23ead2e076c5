"""The calendar of the house: its timetables and holidays, and a campaign's schedule.

Pure: what the database has is handed in. schedule.py decides by what is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from .holidays import Holidays
from .schedule import Schedule, SendingHours, zone
from .timetables import Timetable, from_stored

#: What a campaign goes by while its timetable is not known: it waits.
_CLOSED = Timetable("", ())


@dataclass(frozen=True, slots=True)
class Calendar:
    """All timetables by id, removed ones too, and all holidays."""

    timetables: Mapping[int, Timetable] = field(default_factory=dict)
    holidays: Holidays = field(default_factory=Holidays)

    def schedule(
        self,
        campaign: Mapping[str, Any],
        local_zone: ZoneInfo,
        general_hours: SendingHours | None,
    ) -> Schedule:
        """The schedule of a stored campaign, which has its `hours`; times are UTC.

        A time zone that this machine does not know is taken for the configured one.
        """
        timetable_id = campaign["timetable_id"]
        return Schedule(
            zone=zone_of(campaign, local_zone),
            start_at=campaign["start_at"],
            deadline_at=campaign["deadline_at"],
            hours=campaign["hours"],
            general_hours=general_hours,
            days=from_stored(campaign["days"]),
            timetable=(
                self.timetables.get(timetable_id, _CLOSED) if timetable_id else None
            ),
            holidays=self.holidays if campaign["keeps_holidays"] else None,
        )


def zone_of(campaign: Mapping[str, Any], local_zone: ZoneInfo) -> ZoneInfo:
    """The time zone by which a stored campaign goes."""
    own = zone(campaign["time_zone"]) if campaign["time_zone"] else local_zone
    return own if isinstance(own, ZoneInfo) else local_zone
