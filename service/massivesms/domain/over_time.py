"""What came of messages over time: steps that fit a span, in the local zone.

Pure: moments are given in UTC; steps begin where the wall clock shows a whole one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .words import N_


class Arrived(NamedTuple):
    """So many messages came into a state in the time that began `at` (UTC)."""

    at: datetime
    state: str
    messages: int


class Step(IntEnum):
    """How long one step of a chart is, in seconds."""

    MINUTE = 60
    TEN_MINUTES = 600
    HOUR = 3600
    DAY = 86400


STEP_LABELS: Mapping[Step, str] = {
    Step.MINUTE: N_("by minute"),
    Step.TEN_MINUTES: N_("every ten minutes"),
    Step.HOUR: N_("by hour"),
    Step.DAY: N_("by day"),
}
#: The finest step for a span, so that a chart has at most some 240 of them.
LONGEST: Sequence[tuple[timedelta, Step]] = (
    (timedelta(hours=2), Step.MINUTE),
    (timedelta(hours=24), Step.TEN_MINUTES),
    (timedelta(days=10), Step.HOUR),
)
A_QUARTER = timedelta(minutes=15)  # zones change on whole ones


class Piece(NamedTuple):
    """A time (UTC) in which a zone is ahead of UTC by the same seconds throughout."""

    begin: datetime
    end: datetime  # not within
    ahead_s: int


@dataclass(frozen=True, slots=True)
class OverTime:
    """The beginning of each step in local time, and messages by state and step."""

    step: Step
    starts: Sequence[datetime]
    counts: Mapping[str, Sequence[int]]  # states without any are absent


def step_for(first: datetime, last: datetime) -> Step:
    """The step for a chart from one moment to another."""
    for longest, step in LONGEST:
        if last - first <= longest:
            return step
    return Step.DAY


def pieces(first: datetime, last: datetime, zone: ZoneInfo) -> list[Piece]:
    """The time from `first` to after `last`, in pieces of one offset each.

    Within a piece, steps of local time are a matter of whole numbers: so a database
    can sum them up.
    """
    end = last + timedelta(minutes=1)
    found = [Piece(first, end, _ahead_s(first, zone))]
    at = first
    while at < end:
        following = min(at + timedelta(days=1), end)
        if _ahead_s(following, zone) != found[-1].ahead_s:
            change = _change(at, following, zone)
            found[-1] = found[-1]._replace(end=change)
            found.append(Piece(change, end, _ahead_s(change, zone)))
        at = following
    return found


def _ahead_s(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first quarter of an hour after `before` that has another offset."""
    at = begin_of(before, zone, Step.TEN_MINUTES).replace(minute=0)
    while at < after:
        at += A_QUARTER
        if at > before and _ahead_s(at, zone) != _ahead_s(before, zone):
            break
    return min(at, after)


def over_time(
    rows: Sequence[Arrived],
    zone: ZoneInfo,
    step: Step,
    first: datetime,
    last: datetime,
) -> OverTime:
    """Rows sorted into steps from `first` to `last` (UTC); empty steps are there too.

    Rows outside are left out.
    """
    starts = list(_steps(first, last, zone, step))
    place = {start: n for n, start in enumerate(starts)}
    counts: dict[str, list[int]] = {}
    for row in rows:
        n = place.get(begin_of(row.at, zone, step))
        if n is not None and row.messages:
            counts.setdefault(row.state, [0] * len(starts))[n] += row.messages
    return OverTime(step, [start.astimezone(zone) for start in starts], counts)


def begin_of(moment: datetime, zone: ZoneInfo, step: Step) -> datetime:
    """The beginning (UTC) of the step that a moment (UTC) lies in."""
    local = moment.astimezone(zone)
    if step is Step.DAY:
        midnight = datetime.combine(local.date(), time(), zone)
        return midnight.astimezone(UTC)
    offset = local.utcoffset() or timedelta()
    wall_s = int((moment + offset).timestamp())
    return datetime.fromtimestamp(wall_s - wall_s % step, UTC) - offset


def _steps(
    first: datetime, last: datetime, zone: ZoneInfo, step: Step
) -> Iterator[datetime]:
    at, end = begin_of(first, zone, step), begin_of(last, zone, step)
    while at <= end:
        yield at
        if step is Step.DAY:  # 23 to 25 hours long
            day = at.astimezone(zone).date() + timedelta(days=1)
            at = datetime.combine(day, time(), zone).astimezone(UTC)
        else:
            at += timedelta(seconds=step)
