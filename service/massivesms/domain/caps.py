"""Caps of a trunk: how many segments in a calendar minute, hour, day and month.

Calendar periods of the configured time zone, as operators and SIM contracts count
them: a cap is free again when the next period begins. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .words import N_, Problem

PERIODS = ("minute", "hour", "day", "month")
MOST = 1_000_000_000

#: A limit "of 500 a day": how each period is said after a number.
PERIOD_WORDS: Mapping[str, str] = {
    "minute": N_("a minute"),
    "hour": N_("an hour"),
    "day": N_("a day"),
    "month": N_("a month"),
}


class Caps(NamedTuple):
    """Segments allowed in each period; None = no cap."""

    minute: int | None = None
    hour: int | None = None
    day: int | None = None
    month: int | None = None

    @property
    def set_periods(self) -> tuple[str, ...]:
        """The periods that have a cap."""
        return tuple(p for p in PERIODS if getattr(self, p) is not None)


def caps_of(trunk: Mapping[str, Any]) -> Caps:
    """The caps in a trunk's row."""
    return Caps(*(trunk[f"cap_{period}"] for period in PERIODS))


class Full(NamedTuple):
    """The cap that is used up, and when it is free again (UTC)."""

    period: str
    cap: int
    free_at: datetime


def check_caps(caps: Caps) -> dict[str, Problem]:
    """What makes no sense in caps that were entered, by field (cap_minute ...)."""
    problems: dict[str, Problem] = {}
    for period in caps.set_periods:
        if not 1 <= getattr(caps, period) <= MOST:
            problems[f"cap_{period}"] = Problem(
                "cap_wrong",
                N_(
                    "A limit is a whole number of segments from 1 to %(most)s; empty"
                    " means none. To send nothing at all, turn the trunk off."
                ),
                most=MOST,
            )
    if problems:
        return problems
    for n, period in enumerate(PERIODS):
        for longer in PERIODS[n + 1 :]:
            own, above = getattr(caps, period), getattr(caps, longer)
            if own is not None and above is not None and own > above:
                problems[f"cap_{period}"] = _too_large(period, own, longer, above)
                break
    return problems


def period_words(period: str) -> Problem:
    """ "a day", to be put into a sentence and translated with it."""
    return Problem(period, PERIOD_WORDS[period])


def _too_large(period: str, own: int, longer: str, above: int) -> Problem:
    return Problem(
        "cap_too_large",
        N_(
            "%(own)s segments %(period)s are more than the limit of %(above)s"
            " %(longer)s: such a limit is never reached."
        ),
        own=own,
        period=period_words(period),
        above=above,
        longer=period_words(longer),
    )


def begins_at(period: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When the present period of `now` (UTC, aware) began, in UTC."""
    return _floor(period, now.astimezone(zone)).astimezone(UTC)


def all_begin_at(now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """period -> when the present one began, in UTC."""
    return {period: begins_at(period, now, zone) for period in PERIODS}


def ends_at(period: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When the present period ends, in UTC."""
    start = _floor(period, now.astimezone(zone))
    if period == "month":
        later = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    elif period == "day":
        later = (start.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    else:
        step = timedelta(minutes=1) if period == "minute" else timedelta(hours=1)
        return start.astimezone(UTC) + step
    return later.astimezone(UTC)


def left(caps: Caps, used: Mapping[str, int]) -> int | None:
    """Segments that may still go out now; None = no cap at all."""
    rest = [getattr(caps, p) - used.get(p, 0) for p in caps.set_periods]
    return max(0, min(rest)) if rest else None


def full(
    caps: Caps, used: Mapping[str, int], now: datetime, zone: ZoneInfo
) -> Full | None:
    """The used-up cap that lasts longest, or None while something may go out."""
    for period in reversed(PERIODS):
        cap = getattr(caps, period)
        if cap is not None and used.get(period, 0) >= cap:
            return Full(period, cap, ends_at(period, now, zone))
    return None


def _floor(period: str, local: datetime) -> datetime:
    local = local.replace(second=0, microsecond=0)
    if period == "minute":
        return local
    local = local.replace(minute=0)
    if period == "hour":
        return local
    local = local.replace(hour=0, fold=0)
    return local if period == "day" else local.replace(day=1)
