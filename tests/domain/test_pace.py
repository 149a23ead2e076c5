"""Speed and forecast: said only where they can be said honestly."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.pace import forecast, per_second, rate_words
from massivesms.domain.schedule import Schedule, SendingHours

NOW = datetime(2026, 3, 2, 10, 0, 30, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")


def minutes(*messages: int) -> list[tuple[datetime, int]]:
    """The last minutes, the present one at the end."""
    this = NOW.replace(second=0)
    count = len(messages) - 1
    return [(this - timedelta(minutes=count - i), n) for i, n in enumerate(messages)]


@pytest.mark.parametrize(
    ("leaving", "rate"),
    [
        (minutes(), None),
        (minutes(50), None),  # it began somewhere in this minute
        (minutes(10, 30), 1.0),  # 30 seconds of this minute
        (minutes(5, 120, 60), 2.0),
        (minutes(60, 60, 60, 60, 60, 60, 60, 30), 1.0),
        (minutes(60, 0, 0, 0, 0, 0, 0), None),  # nothing for five minutes
        (minutes(60, 0, 0, 0, 0, 0, 66), 0.2),
    ],
)
def test_the_speed_is_that_of_the_last_minutes(
    leaving: list[tuple[datetime, int]], rate: float | None
) -> None:
    assert per_second(leaving, NOW) == rate


def said(left: int, rate: float | None, *hours: SendingHours | None) -> str:
    found = forecast(left, rate, NOW, Schedule(MADRID, None, None, *hours))
    return found.text if found else ""


def test_the_end_is_said_in_local_time() -> None:
    assert said(3600, 1.0) == "At this speed it is done at 12:00."


def test_an_end_on_another_day_has_its_date() -> None:
    assert "on 2026-03-03 at 11:00" in said(86400, 1.0)


def test_nothing_is_forecast_without_a_speed_or_a_rest() -> None:
    assert said(100, None) == said(0, 5.0) == said(100, 0.0) == ""


def test_only_sending_hours_are_counted() -> None:
    hours = SendingHours(time(9), time(12))
    assert "done at 11:10" in said(600, 1.0, hours, None)
    assert said(7200, 1.0, hours) == (
        "Not all of it will be sent before 12:00, when its hours end: at this speed it"
        " is done on 2026-03-03 at 10:00."
    )


def test_hours_over_midnight_close_tomorrow() -> None:
    hours = SendingHours(time(9), time(2))
    assert "2026-03-03 at 01:00" in said(14 * 3600, 1.0, hours)
    assert "before 02:00" in said(20 * 3600, 1.0, hours)


def test_what_takes_very_long_is_not_dated() -> None:
    assert said(10_000_000, 0.01) == "At this speed it takes over a month."


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (None, None),
        (98.4, "98 messages a second"),
        (2.46, "2.5 messages a second"),
        (0.5, "30 messages a minute"),
    ],
)
def test_a_slow_speed_is_said_by_the_minute(
    rate: float | None, words: str | None
) -> None:
    found = rate_words(rate)
    assert (found.text if found else None) == words
