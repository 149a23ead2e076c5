"""When sending is allowed: start dates, deadlines and daily hours in a time zone.

Pure: the moment is given, in UTC. Hours are local wall-clock times; a window
whose end is before its start runs over midnight. Both edges of daylight saving
follow from asking what the wall clock shows at that moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .words import N_, Problem

_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")
_START_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class SendingHours:
    """From (included) to (excluded), local time, each day."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        """Whether a local wall-clock time lies inside."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def read_hours(text: str) -> SendingHours | Problem:
    """Hours from "HH:MM-HH:MM"; 24:00 is midnight at the end of the day."""
    match = _HOURS.fullmatch(text.strip())
    if not match:
        return Problem(
            "hours_form",
            N_("Write the hours as HH:MM-HH:MM, for example 09:00-20:00."),
        )
    hours = [int(part) for part in match.groups()]
    if (hours[0] == 24) or (hours[2] == 24 and hours[3]):
        return Problem(
            "hours_form",
            N_("Write the hours as HH:MM-HH:MM, for example 09:00-20:00."),
        )
    start, end = time(hours[0], hours[1]), time(hours[2] % 24, hours[3])
    return check_hours(start, end) or SendingHours(start, end)


def check_hours(start: time, end: time) -> Problem | None:
    """Refuses hours that end when they start: nobody knows if that is all or none."""
    if start == end:
        return Problem(
            "hours_equal",
            N_(
                "The sending hours end when they start (%(hour)s). Leave both empty"
                " to send at any hour, or choose another end."
            ),
            hour=f"{start:%H:%M}",
        )
    return None


def zone(name: str) -> ZoneInfo | Problem:
    """The time zone of an IANA name such as Europe/Madrid."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Problem(
            "time_zone_unknown",
            N_(
                "There is no time zone %(name)s. Use a name such as Europe/Madrid"
                " or America/Santiago."
            ),
            name=name,
        )


def read_start(text: str, local_zone: ZoneInfo) -> datetime | Problem:
    """A start "YYYY-MM-DD HH:MM" in local time, as UTC."""
    for form in _START_FORMATS:
        try:
            local = datetime.strptime(text.strip(), form)  # noqa: DTZ007 zone below
            return local.replace(tzinfo=local_zone).astimezone(UTC)
        except (ValueError, OverflowError):  # in UTC beyond the last year
            continue
    return Problem(
        "start_form",
        N_("Write the start as YYYY-MM-DD HH:MM, for example 2026-03-01 09:30."),
    )


def read_deadline(
    text: str, local_zone: ZoneInfo, start_at: datetime | None, now: datetime
) -> datetime | Problem:
    """A deadline "YYYY-MM-DD HH:MM" in local time, as UTC; start and now are UTC.

    Of a local time that comes twice, when the clocks go back, it is the first.
    """
    deadline = read_start(text, local_zone) if ":" in text else None
    if not isinstance(deadline, datetime):
        return Problem(
            "deadline_form",
            N_("Write the deadline as YYYY-MM-DD HH:MM, for example 2026-03-01 20:00."),
        )
    if deadline <= now:
        return Problem(
            "deadline_past",
            N_("The deadline has passed already: choose a later one."),
        )
    if start_at is not None and deadline <= start_at:
        return Problem(
            "deadline_before_start",
            N_("The deadline must be after the start, or nothing would be sent."),
        )
    return deadline


def is_ending(
    now: datetime, deadline_at: datetime | None, discard_by: str | None
) -> bool:
    """Whether nothing more of a campaign is sent, and what is left is being ended."""
    return discard_by is not None or (deadline_at is not None and now >= deadline_at)


def validity_s(now: datetime, deadline_at: datetime) -> int:
    """For how long a message may be tried: never past the deadline, at least 1 s.

    Over an hour in whole minutes, so that thousands of messages share it.
    """
    left_s = int((deadline_at - now).total_seconds())
    return max(1, left_s - left_s % 60 if left_s > 3600 else left_s)


def may_send(
    now: datetime,
    local_zone: ZoneInfo,
    *,
    start_at: datetime | None,
    hours: SendingHours | None,
    general_hours: SendingHours | None = None,
    deadline_at: datetime | None = None,
) -> bool:
    """Whether a campaign's own and the general schedule allow sending now (UTC)."""
    if start_at is not None and now < start_at:
        return False
    if deadline_at is not None and now >= deadline_at:
        return False
    local = now.astimezone(local_zone).time()
    return all(h is None or h.contains(local) for h in (hours, general_hours))
