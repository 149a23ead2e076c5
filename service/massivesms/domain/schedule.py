"""When sending is allowed: start, deadline, days, hours, timetables, holidays.

Pure: the moment is given, in UTC. Hours are local wall-clock times; a window
whose end is before its start runs over midnight. Both edges of daylight saving
follow from asking what the wall clock shows at that moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .holidays import Holidays
from .timetables import A_DAY, EVERY_DAY, Days, Timetable
from .words import N_, Problem

Windows = list[tuple[int, int]]  # minutes of a day; past 1440 they are tomorrow's
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


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that says when a campaign may be sent; the one place that decides.

    Days, hours, timetable and general hours must all allow it, by the wall clock of
    `zone`. Days and holidays are asked of the day on which hours or a slot begin:
    Friday from 22:00 to 02:00 sends on Saturday at 01:00, whatever Saturday is.
    `holidays` are None for a campaign that does not keep them.
    """

    zone: ZoneInfo
    start_at: datetime | None = None
    deadline_at: datetime | None = None
    hours: SendingHours | None = None
    general_hours: SendingHours | None = None
    days: Days = EVERY_DAY
    timetable: Timetable | None = None
    holidays: Holidays | None = None

    @property
    def is_always(self) -> bool:
        """Whether nothing but start and deadline limits it."""
        limits = (self.hours, self.general_hours, self.timetable, self.holidays)
        return self.days == EVERY_DAY and not any(limits)

    def allows(self, now: datetime) -> bool:
        """Whether it may be sent at a moment (UTC)."""
        if self.start_at is not None and now < self.start_at:
            return False
        if self.deadline_at is not None and now >= self.deadline_at:
            return False
        if self.is_always:
            return True
        local = now.astimezone(self.zone)
        today, minute = local.date(), local.hour * 60 + local.minute
        return all(
            _is_within(one, minute) or _is_within(other, minute + A_DAY)
            for one, other in zip(
                self.windows(today), self.windows(_before(today)), strict=True
            )
        )

    def holiday(self, day: date) -> str | None:
        """The name of a holiday that it keeps; None for any other day."""
        return self.holidays.name_of(day) if self.holidays else None

    def windows(self, day: date) -> list[Windows]:
        """The windows that begin on a local day: of its hours, timetable, general."""
        weekday = day.isoweekday()
        is_on = weekday in self.days and self.holiday(day) is None
        found: list[Windows] = [[_span(self.hours)] if is_on else []]
        if self.timetable is not None:
            found.append(self.timetable.of(weekday) if is_on else [])
        if self.general_hours is not None:
            found.append([_span(self.general_hours)])
        return found


HORIZON_DAYS = 400  # over a year: every holiday and weekday has come by then
_NO_TIME = timedelta(0)


def next_start(now: datetime, schedule: Schedule) -> datetime | None:
    """From when on it may be sent (UTC): now, later, or None = never in a year."""
    begin = max(now, schedule.start_at) if schedule.start_at else now
    return begin if schedule.allows(begin) else _next(begin, schedule, True)


def next_end(now: datetime, schedule: Schedule) -> datetime | None:
    """When a schedule that allows sending now next forbids it; None = not in a year."""
    return schedule.deadline_at if schedule.is_always else _next(now, schedule, False)


def done_at(
    now: datetime, sending: timedelta, schedule: Schedule, within: timedelta
) -> datetime | None:
    """When something that takes so long to send is done; None = not within that time.

    Only the time in which it may be sent is counted.
    """
    at: datetime | None = now
    while at is not None and at - now <= within:
        at = next_start(at, schedule)
        if at is None:
            break
        end = next_end(at, schedule)
        if end is None or end - at >= sending:
            return at + sending if at + sending - now <= within else None
        sending -= end - at
        at = end
    return None


def _next(now: datetime, schedule: Schedule, wanted: bool) -> datetime | None:
    """The first moment after `now` at which sending is allowed, or forbidden."""
    day = _before(now.astimezone(schedule.zone).date())
    best: datetime | None = None
    for _ in range(HORIZON_DAYS):
        found = [
            at
            for at in _edges(day, schedule)
            if at > now and schedule.allows(at) is wanted
        ]
        if best is not None:  # the day after may overlap, when the clocks change
            return min([best, *found])
        best = min(found, default=None)
        if day > date.max - timedelta(days=3):
            break
        day += timedelta(days=1)
    return best


def _edges(day: date, schedule: Schedule) -> set[datetime]:
    """Moments (UTC) of a local day at which the answer may change.

    Wall-clock times at which something begins or ends, each of the two when the
    clocks go back, and the moment at which the clocks are changed.
    """
    zone = schedule.zone
    minutes = {0, A_DAY}
    for windows in schedule.windows(day):
        minutes |= {m for span in windows for m in span if m <= A_DAY}
    for windows in schedule.windows(_before(day)):
        minutes |= {m - A_DAY for span in windows for m in span if m > A_DAY}
    midnight = datetime.combine(day, time())
    walls = [midnight + timedelta(minutes=m) for m in minutes]
    found = {
        wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        for wall in walls
        for fold in (0, 1)
    }
    found |= _change(min(found), max(found), zone)
    return found | ({schedule.deadline_at} if schedule.deadline_at else set())


def _change(first: datetime, last: datetime, zone: ZoneInfo) -> set[datetime]:
    """The moment in between at which the clocks are changed, if they are."""

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or _NO_TIME

    before, after = first - timedelta(hours=1), last + timedelta(hours=1)
    old = offset(before)
    if old == offset(after):
        return set()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if offset(middle) == old else (before, middle)
    return {after.replace(microsecond=0)}


def _span(hours: SendingHours | None) -> tuple[int, int]:
    """Hours as minutes of a day; without any, the whole of it."""
    if hours is None:
        return 0, A_DAY
    start, end = (t.hour * 60 + t.minute for t in (hours.start, hours.end))
    return start, end if end > start else end + A_DAY


def _is_within(windows: Windows, minute: int) -> bool:
    return any(start <= minute < end for start, end in windows)


def _before(day: date) -> date:
    return day - timedelta(days=1)
