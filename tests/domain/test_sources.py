"""When a source is due, and which dates a run may have."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from massivesms.domain.sources import (
    KEEP_DAYS,
    check_dates,
    first_day,
    is_due,
    start_of,
)

TODAY = date(2026, 7, 2)  # a Thursday
OLDEST = TODAY - timedelta(days=KEEP_DAYS - 30)
YEAR = timedelta(days=366)
DAY = timedelta(days=1)
DATES = {
    "today": (TODAY, TODAY, None),
    "the oldest": (OLDEST, TODAY, None),
    "too old: its keys may be gone": (OLDEST - DAY, TODAY, "day_far"),
    "the latest": (TODAY + YEAR, TODAY + YEAR, None),
    "too late": (TODAY + YEAR + DAY, TODAY, "day_far"),
    "sent too late": (TODAY, TODAY + YEAR + DAY, "send_far"),
    "never sent": (TODAY, date.max, "send_far"),
    "sent yesterday": (TODAY, TODAY - DAY, "send_past"),
    "sent long ago": (TODAY, date.min, "send_past"),
}


@pytest.mark.parametrize("name", DATES)
def test_the_dates_of_a_run_make_sense(name: str) -> None:
    day, send_on, code = DATES[name]
    problem = check_dates(day, send_on, TODAY)
    assert (problem and problem.code) == code


def test_a_key_outlives_the_days_that_may_be_asked_for() -> None:
    """By UTC, which may be a day ahead, and with a run that takes its time."""
    assert (TODAY - OLDEST).days < KEEP_DAYS - 7


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DUE = {
    "at its hour": ("2026-07-02 08:00", {}, True),
    "before": ("2026-07-02 07:59", {}, False),
    "later on that day": ("2026-07-02 23:59", {}, True),
    "on another day": ("2026-07-03 08:00", {}, False),
    "turned off": ("2026-07-02 08:00", {"active": False}, False),
    "before its first day": ("2026-06-25 08:00", {}, False),
}


@pytest.mark.parametrize("name", DUE)
def test_a_source_is_due_from_its_hour_to_midnight(name: str) -> None:
    now, more, is_so = DUE[name]
    row = {"active": True, "run_at": time(8), "days": [3], "first_day": TODAY, **more}
    assert is_due(row, at(now)) is is_so


def test_saving_a_source_after_its_hour_runs_it_tomorrow() -> None:
    assert first_day(time(8), at("2026-07-02 07:59")) == TODAY
    assert first_day(time(8), at("2026-07-02 08:00")) == TODAY + DAY


def test_a_campaign_of_today_starts_at_once() -> None:
    now = at("2026-07-02 10:00")
    assert start_of(TODAY, time(8), now) is None
    assert start_of(TODAY + DAY, time(8), now) == at("2026-07-03 08:00")
