"""Steps of time: whole ones of the local clock, none missing, none lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.over_time import (
    Arrived,
    Step,
    begin_of,
    over_time,
    pieces,
    step_for,
)

MADRID = ZoneInfo("Europe/Madrid")
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # 5:45 ahead


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("long", "step"),
    [
        (timedelta(), Step.MINUTE),
        (timedelta(hours=2), Step.MINUTE),
        (timedelta(hours=3), Step.TEN_MINUTES),
        (timedelta(hours=25), Step.HOUR),
        (timedelta(days=11), Step.DAY),
    ],
)
def test_the_step_fits_the_span(long: timedelta, step: Step) -> None:
    begin = at("2026-03-01 10:00")
    assert step_for(begin, begin + long) is step


@pytest.mark.parametrize(
    ("moment", "zone", "step", "begin"),
    [
        ("2026-03-01 10:59:59", MADRID, Step.MINUTE, "2026-03-01 10:59"),
        ("2026-03-01 10:59", MADRID, Step.TEN_MINUTES, "2026-03-01 10:50"),
        ("2026-03-01 10:59", MADRID, Step.HOUR, "2026-03-01 10:00"),
        ("2026-03-01 10:59", KATHMANDU, Step.HOUR, "2026-03-01 10:15"),
        ("2026-03-01 23:30", MADRID, Step.DAY, "2026-03-01 23:00"),
        ("2026-07-01 22:30", MADRID, Step.DAY, "2026-07-01 22:00"),
    ],
)
def test_a_step_begins_when_the_wall_clock_shows_a_whole_one(
    moment: str, zone: ZoneInfo, step: Step, begin: str
) -> None:
    assert begin_of(at(moment), zone, step) == at(begin)


def test_steps_without_any_message_are_there_too() -> None:
    rows = [
        Arrived(at("2026-03-01 10:00"), "delivered", 2),
        Arrived(at("2026-03-01 10:03"), "delivered", 1),
        Arrived(at("2026-03-01 10:03"), "failed", 4),
    ]
    first, last = rows[0].at, rows[-1].at
    found = over_time(rows, MADRID, Step.MINUTE, first, last)
    assert [f"{start:%H:%M}" for start in found.starts] == [
        *("11:00", "11:01", "11:02", "11:03")
    ]
    assert found.counts == {"delivered": [2, 0, 0, 1], "failed": [0, 0, 0, 4]}


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize("step", [Step.HOUR, Step.DAY])
def test_no_message_is_lost_when_the_clocks_change(day: str, step: Step) -> None:
    first = at(f"{day} 00:00") - timedelta(days=1)
    rows = [Arrived(first + timedelta(minutes=15 * n), "failed", 1) for n in range(300)]
    found = over_time(rows, MADRID, step, rows[0].at, rows[-1].at)
    assert sum(found.counts["failed"]) == 300
    instants = {start.timestamp() for start in found.starts}
    assert len(instants) == len(found.starts)


def test_what_is_outside_is_left_out() -> None:
    begin = at("2026-03-01 10:00")
    rows = [Arrived(begin - timedelta(hours=1), "failed", 1)]
    assert over_time(rows, MADRID, Step.MINUTE, begin, begin).counts == {}


@pytest.mark.parametrize(
    ("first", "last", "changes"),
    [
        ("2026-03-01 10:00", "2026-03-20 10:00", []),
        ("2026-03-20 10:07", "2026-04-20 10:00", ["2026-03-29 01:00"]),
        ("2026-03-20", "2026-11-20", ["2026-03-29 01:00", "2026-10-25 01:00"]),
        ("2026-03-29 00:50", "2026-03-29 01:10", ["2026-03-29 01:00"]),
    ],
)
def test_a_span_is_cut_where_the_clocks_change(
    first: str, last: str, changes: list[str]
) -> None:
    found = pieces(at(first), at(last), MADRID)
    assert [piece.begin for piece in found] == [at(first), *map(at, changes)]
    assert [piece.end for piece in found[:-1]] == [*map(at, changes)]
    assert found[-1].end > at(last)
    assert all(piece.ahead_s in (3600, 7200) for piece in found)


def test_a_zone_that_changes_by_half_an_hour_is_cut_too() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    found = pieces(at("2026-04-01"), at("2026-04-10"), lord_howe)
    assert [piece.ahead_s for piece in found] == [39600, 37800]
    assert found[1].begin == at("2026-04-04 15:00")
