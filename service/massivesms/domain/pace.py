"""How fast a campaign goes and when it will be done, as far as that can be said.

Pure: the moment is given, in UTC. The speed is that of the last minutes; nothing is
forecast from less than some twenty seconds, nor beyond the end of the sending hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .schedule import SendingHours
from .words import N_, Problem

WINDOW = timedelta(minutes=5)
READ = timedelta(minutes=10)  # how far back the rows must reach
LEAST_S = 20
A_MINUTE = timedelta(minutes=1)


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
    left: int,
    rate_per_s: float | None,
    now: datetime,
    zone: ZoneInfo,
    hours: Sequence[SendingHours | None],
) -> Problem | None:
    """When what is left will have been sent, in words; None when nobody can say."""
    if not left or not rate_per_s:
        return None
    seconds = left / rate_per_s
    closes = [_next(window, now, zone) for window in hours if window]
    if closes and now + timedelta(seconds=min(seconds, 1e8)) > min(closes):
        return Problem(
            "forecast_hours",
            N_("Not all of it will be sent before %(time)s, when its hours end."),
            time=f"{min(closes).astimezone(zone):%H:%M}",
        )
    if seconds > 30 * 86400:
        return Problem("forecast_long", N_("At this speed it takes over a month."))
    end = (now + timedelta(seconds=seconds)).astimezone(zone)
    is_today = end.date() == now.astimezone(zone).date()
    return Problem(
        "forecast_end",
        N_("At this speed it is done at %(time)s.")
        if is_today
        else N_("At this speed it is done on %(date)s at %(time)s."),
        time=f"{end:%H:%M}",
        date=f"{end:%Y-%m-%d}",
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


def _next(hours: SendingHours, now: datetime, zone: ZoneInfo) -> datetime:
    """When a window that is open now closes."""
    local = now.astimezone(zone)
    end = datetime.combine(local.date(), hours.end, zone)
    return end if end > local else end + timedelta(days=1)
