"""How fast a campaign goes and when it will be done, as far as that can be said.

Pure: the moment is given, in UTC. The speed is that of the last minutes; nothing is
forecast from less than some twenty seconds, and nights and holidays are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .schedule import Schedule, done_at, next_end
from .words import N_, Problem

WINDOW = timedelta(minutes=5)
READ = timedelta(minutes=10)  # how far back the rows must reach
LEAST_S = 20
A_MINUTE = timedelta(minutes=1)
A_MONTH = timedelta(days=30)


def per_second(leaving: Sequence[tuple[datetime, int]], now: datetime) -> float | None:
    """Messages a second of the last minutes; None when it cannot be said.

    `leaving` are (minute, messages) of the last ten minutes, in any order. A campaign
    that began within the window began somewhere in its first minute: that one is not
    counted.
    """
    begin = now.replace(second=0, microsecond=0) - WINDOW
    minutes = [minute for minute, n in leaving if n]
    if not minutes:
        return None
    if min(minutes) >= begin:
        begin = min(minutes) + A_MINUTE
    counted_s = (now - begin).total_seconds()
    total = sum(n for minute, n in leaving if minute >= begin)
    if counted_s < LEAST_S or not total:
        return None
    return total / counted_s


def forecast(
    left: int, rate_per_s: float | None, now: datetime, schedule: Schedule
) -> Problem | None:
    """When what is left will have been sent, in words; None when nobody can say.

    Only hours in which it may be sent are counted; times are of the schedule's zone.
    """
    if not left or not rate_per_s:
        return None
    sending = timedelta(seconds=min(left / rate_per_s, 1e8))
    done = done_at(now, sending, replace(schedule, deadline_at=None), A_MONTH)
    if done is None:
        return Problem("forecast_long", N_("At this speed it takes over a month."))
    end, local = done.astimezone(schedule.zone), now.astimezone(schedule.zone)
    words = {"time": f"{end:%H:%M}", "date": f"{end:%Y-%m-%d}"}
    if done - now > sending:
        closes = next_end(now, replace(schedule, deadline_at=None))
        return Problem(
            "forecast_hours",
            N_(
                "Not all of it will be sent before %(close)s, when its hours end: at"
                " this speed it is done on %(date)s at %(time)s."
            ),
            close=f"{(closes or done).astimezone(schedule.zone):%H:%M}",
            **words,
        )
    return Problem(
        "forecast_end",
        N_("At this speed it is done at %(time)s.")
        if end.date() == local.date()
        else N_("At this speed it is done on %(date)s at %(time)s."),
        **words,
    )


def rate_words(rate_per_s: float | None) -> Problem | None:
    """The speed in words, by the second or by the minute."""
    if rate_per_s is None:
        return None
    if rate_per_s >= 1:
        rate = f"{rate_per_s:.0f}" if rate_per_s >= 10 else f"{rate_per_s:.1f}"
        return Problem("rate_second", N_("%(n)s messages a second"), n=rate)
    return Problem(
        "rate_minute", N_("%(n)s messages a minute"), n=f"{rate_per_s * 60:.0f}"
    )
