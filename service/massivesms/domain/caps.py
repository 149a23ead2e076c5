"""Caps of a trunk: how many segments in a calendar minute, hour, day and month.

Calendar periods of the configured time zone, as operators and SIM contracts count
them: a cap is free again when the next period begins. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

PERIODS = ("minute", "hour", "day", "month")
MOST = 1_000_000_000


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


class Full(NamedTuple):
    """The cap that is used up, and when it is free again (UTC)."""

    period: str
    cap: int
    free_at: datetime


def begins_at(period: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When the present period of `now` (UTC, aware) began, in UTC."""
    return _floor(period, now.astimezone(zone)).astimezone(UTC)


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
