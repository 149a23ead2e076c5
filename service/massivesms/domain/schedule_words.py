"""Why a schedule forbids sending now, and when it goes on, in words.

Pure. Times are those of the campaign's own clock; where that is not the reader's,
its zone is named.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .schedule import Schedule, SendingHours, next_start
from .words import N_, Problem

A_DAY = timedelta(days=1)


def why_closed(schedule: Schedule, now: datetime, reader: ZoneInfo) -> Problem | None:
    """Why nothing may be sent now (UTC) by start, days, hours or holidays, or None.

    `reader` is the time zone that pages show. A deadline is another matter.
    """
    if schedule.start_at is not None and now < schedule.start_at:
        start = schedule.start_at.astimezone(reader)
        return Problem(
            "not_started",
            N_("It starts on %(date)s at %(time)s."),
            date=f"{start:%Y-%m-%d}",
            time=f"{start:%H:%M}",
        )
    if schedule.allows(now):
        return None
    again = next_start(now, replace(schedule, deadline_at=None))
    if again is None:
        return never()
    local = now.astimezone(schedule.zone)
    reason = _reason(schedule, local)
    if isinstance(reason, SendingHours):
        return _outside_hours(reason, schedule, local, again, reader)
    return Problem(
        "closed_now",
        N_("%(why)s It goes on on %(date)s at %(start)s."),
        why=reason,
        **_moment(again, schedule, reader),
    )


def never() -> Problem:
    """That a schedule allows no moment at all."""
    return Problem(
        "schedule_never",
        N_(
            "With its days, hours and timetable there is no moment at which it may be"
            " sent: change them."
        ),
    )


def _reason(schedule: Schedule, local: datetime) -> SendingHours | Problem:
    """The first limit that holds, as people would say it."""
    for hours in (schedule.hours, schedule.general_hours):
        if hours and not hours.contains(local.time()):
            return hours
    today: date = local.date()
    name = schedule.holiday(today)
    if name is not None:
        words = N_("Today is a holiday (%(name)s).")
        return Problem("holiday", words, name=name)
    if today.isoweekday() not in schedule.days:
        return Problem("other_days", N_("It is not sent on this day of the week."))
    if schedule.timetable is not None:
        words = N_("Outside its timetable %(name)s.")
        return Problem("outside_timetable", words, name=schedule.timetable.name)
    # Just after midnight: hours that began on a day on which it is not sent.
    return Problem("other_days", N_("It is not sent in the night of that day."))


def _outside_hours(
    hours: SendingHours,
    schedule: Schedule,
    local: datetime,
    again: datetime,
    reader: ZoneInfo,
) -> Problem:
    is_soon = again - local.astimezone(UTC) <= A_DAY
    words = _moment(again, schedule, reader)
    template = (
        N_("Outside the sending hours (%(hours)s); it goes on at %(start)s.")
        if is_soon
        else N_(
            "Outside the sending hours (%(hours)s); it goes on on %(date)s at"
            " %(start)s."
        )
    )
    return Problem("outside_hours", template, hours=str(hours), **words)


def _moment(again: datetime, schedule: Schedule, reader: ZoneInfo) -> dict[str, str]:
    local = again.astimezone(schedule.zone)
    named = "" if schedule.zone.key == reader.key else f" ({schedule.zone.key})"
    return {"date": f"{local:%Y-%m-%d}", "start": f"{local:%H:%M}{named}"}


def check_reachable(schedule: Schedule, now: datetime) -> dict[str, Problem]:
    """That nothing could ever be sent by a schedule, or not in time, by field."""
    first = next_start(now, replace(schedule, deadline_at=None))
    if first is None:
        return {"days": never()}
    if schedule.deadline_at is not None and first >= schedule.deadline_at:
        words = N_(
            "Its days and hours allow nothing before the deadline: the first moment is"
            " %(date)s at %(start)s."
        )
        said = _moment(first, schedule, schedule.zone)
        return {"deadline": Problem("deadline_unreachable", words, **said)}
    return {}
