"""What a campaign will do before it does it: its trunks, its cost, its end.

Pure. Whatever is worked out here stands on counts, routing, prices and speed limits
as they are now: other campaigns, caps and an operator's own pace are not foreseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .routing import Candidate, best_trunks, serving
from .schedule import Schedule, done_at, next_end, next_start
from .words import N_, Problem

FORESEEN = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Way:
    """A trunk as a plan sees it; `price` is of a segment, `rate_per_s` in segments."""

    trunk_id: int
    priority: int
    able: bool  # turned on and not stopped
    prefixes: str = ""
    price: Decimal | None = None
    rate_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Messages whose numbers begin alike and that need as many segments each."""

    beginning: str
    segments_each: int
    messages: int
    first_id: int


@dataclass(frozen=True, slots=True)
class Share:
    """What some trunks share, which cost the same; of nobody (no trunk) it waits."""

    trunk_ids: tuple[int, ...]
    messages: int
    segments: int
    price: Decimal | None

    @property
    def cost(self) -> Decimal | None:
        """By the present price of a segment; None when it is not known."""
        return None if self.price is None else self.price * self.segments


@dataclass(frozen=True, slots=True)
class Plan:
    """What waits in a campaign; `seen` messages were looked at for the shares."""

    messages: int
    segments: int
    seen: int
    shares: tuple[Share, ...]
    dearest_id: int | None
    dearest_segments: int
    forecast: Problem | None = None
    warning: Problem | None = None

    @property
    def is_estimate(self) -> bool:
        """Whether the shares are those of the first messages, enlarged."""
        return self.seen < self.messages

    @property
    def cost(self) -> Decimal | None:
        """Of the shares whose price is known; None when none is."""
        known = [share.cost for share in self.shares if share.cost is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def unpriced(self) -> tuple[int, ...]:
        """Trunks without a price: the cost lacks theirs."""
        return tuple(one for s in self.shares if s.price is None for one in s.trunk_ids)

    @property
    def without_trunk(self) -> int:
        """Messages that no trunk takes as things are."""
        return sum(share.messages for share in self.shares if not share.trunk_ids)


def shares_of(
    ways: Sequence[Way],
    groups: Sequence[Group],
    trunk_id: int | None,
    whole: tuple[int, int],
) -> tuple[Share, ...]:
    """Which trunks take what; `trunk_id` is the campaign's own choice.

    `whole` are all messages and segments: when the groups are fewer than those, each
    share is enlarged alike.
    """
    prices = {way.trunk_id: way.price for way in ways}
    sums: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        entry = sums[_takers(ways, group.beginning, trunk_id)]
        entry[0] += group.messages
        entry[1] += group.messages * group.segments_each
    seen = [sum(pair[at] for pair in sums.values()) for at in (0, 1)]
    found = [
        Share(
            trunks,
            _enlarged(messages, seen[0], whole[0]),
            _enlarged(segments, seen[1], whole[1]),
            prices.get(trunks[0]) if trunks else None,
        )
        for trunks, (messages, segments) in sums.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.messages, s.trunk_ids)))


def work_s(ways: Sequence[Way], shares: Sequence[Share]) -> float | None:
    """Seconds of sending until the slowest trunk is done; None without any limit."""
    rates = {way.trunk_id: way.rate_per_s for way in ways}
    loads: dict[int, float] = defaultdict(float)
    for share in shares:
        for trunk_id in share.trunk_ids:
            loads[trunk_id] += share.segments / len(share.trunk_ids)
    known = [load / rate for t, load in loads.items() if (rate := rates.get(t))]
    return max(known) if known else None


def finish(start: datetime, work_s: float, schedule: Schedule) -> datetime | None:
    """When so many seconds of sending are over; None when not within a month."""
    sending = timedelta(seconds=min(work_s, FORESEEN.total_seconds() + 1))
    return done_at(start, sending, schedule, FORESEEN)


def open_s(start: datetime, end: datetime, schedule: Schedule) -> float:
    """Seconds between two moments in which sending is allowed; at most a month's."""
    end = min(end, start + FORESEEN)
    total = timedelta()
    at: datetime | None = next_start(start, schedule)
    while at is not None and at < end:
        closes = min(next_end(at, schedule) or end, end)
        total += closes - at
        at = next_start(closes, schedule)
    return total.total_seconds()


def forecast_words(
    work_s: float | None, end: datetime | None, now: datetime, zone: ZoneInfo
) -> Problem:
    """The end of a campaign that is started now, in words."""
    if work_s is None:
        words = N_("Nobody can say when it is done: its trunks have no speed limit.")
        return Problem("plan_no_rate", words)
    if end is None:
        return Problem("plan_long", N_("Started now, it takes over a month."))
    local = end.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return Problem(
        "plan_end",
        N_("Started now, it is done at about %(time)s.")
        if is_today
        else N_("Started now, it is done on %(date)s at about %(time)s."),
        time=f"{local:%H:%M}",
        date=f"{local:%Y-%m-%d}",
    )


def deadline_warning(
    deadline_at: datetime | None,
    end: datetime | None,
    work_s: float | None,
    open_s: float,
    messages: int,
) -> Problem | None:
    """Says how many messages a deadline cuts off; None when it can be met."""
    if deadline_at is None or work_s is None or (end and end <= deadline_at):
        return None
    in_time = int(messages * min(1.0, open_s / work_s)) if work_s else messages
    return Problem(
        "plan_deadline",
        N_(
            "The deadline cannot be met: about %(n)s of %(total)s messages can be sent"
            " until then, and the others will be skipped."
        ),
        n=in_time,
        total=messages,
    )


def _takers(
    ways: Sequence[Way], beginning: str, trunk_id: int | None
) -> tuple[int, ...]:
    """The trunks that share such a number, as routing chooses them."""
    able = [
        Candidate(w.trunk_id, w.priority, w.able, w.prefixes, w.price or Decimal(0))
        for w in ways
        if w.able and trunk_id in (None, w.trunk_id)
    ]
    if trunk_id is not None:  # a person's wish goes before what a trunk serves
        return tuple(one.trunk_id for one in able)
    return tuple(sorted(best_trunks(serving(able, beginning))))


def _enlarged(part: int, seen: int, whole: int) -> int:
    return round(part * whole / seen) if seen else 0
