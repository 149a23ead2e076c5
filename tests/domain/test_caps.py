"""Caps: what makes no sense in them, what is left, and when they are free again."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.caps import Caps, begins_at, check_caps, ends_at, full, left

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 7, 1, 12, 34, 56, tzinfo=UTC)  # 14:34:56 in Madrid


@pytest.mark.parametrize(
    ("caps", "fields"),
    [
        (Caps(), set()),
        (Caps(1, 1, 1, 1), set()),
        (Caps(minute=10, day=500), set()),
        (Caps(hour=10, day=1_000_000), set()),
        (Caps(minute=0), {"cap_minute"}),
        (Caps(day=-1), {"cap_day"}),
        (Caps(month=1_000_000_001), {"cap_month"}),
        (Caps(minute=100, hour=99), {"cap_minute"}),
        (Caps(minute=100, month=99), {"cap_minute"}),
        (Caps(hour=100, day=99, month=98), {"cap_hour", "cap_day"}),
        (Caps(minute=0, hour=-5), {"cap_minute", "cap_hour"}),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(
    caps: Caps, fields: set[str]
) -> None:
    assert set(check_caps(caps)) == fields


def test_a_limit_that_is_never_reached_is_said_in_words() -> None:
    problem = check_caps(Caps(minute=100, day=60))["cap_minute"]
    assert problem.text == (
        "100 segments a minute are more than the limit of 60 a day: such a limit is"
        " never reached."
    )


@pytest.mark.parametrize(
    ("used", "rest", "period"),
    [
        ({}, 10, None),
        ({"minute": 4, "day": 4}, 6, None),
        ({"minute": 10, "day": 10}, 0, "minute"),
        ({"minute": 1, "day": 500}, 0, "day"),
        ({"minute": 12, "day": 501}, 0, "day"),
    ],
)
def test_the_least_that_is_left_counts_and_the_longest_wait_is_told(
    used: dict[str, int], rest: int, period: str | None
) -> None:
    caps = Caps(minute=10, day=500)
    assert left(caps, used) == rest
    found = full(caps, used, NOW, MADRID)
    assert (found.period if found else None) == period


@pytest.mark.parametrize(
    ("period", "began", "ends"),
    [
        ("minute", "2026-07-01T12:34", "2026-07-01T12:35"),
        ("hour", "2026-07-01T12:00", "2026-07-01T13:00"),
        ("day", "2026-06-30T22:00", "2026-07-01T22:00"),
        ("month", "2026-06-30T22:00", "2026-07-31T22:00"),
    ],
)
def test_periods_are_those_of_the_local_calendar(
    period: str, began: str, ends: str
) -> None:
    assert begins_at(period, NOW, MADRID) == _utc(began)
    assert ends_at(period, NOW, MADRID) == _utc(ends)


def test_a_day_on_which_the_clock_changes_has_its_own_length() -> None:
    spring = datetime(2026, 3, 29, 12, tzinfo=UTC)
    length = ends_at("day", spring, MADRID) - begins_at("day", spring, MADRID)
    assert length.total_seconds() == 23 * 3600


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
