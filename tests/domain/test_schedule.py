"""Start dates and sending hours, over midnight and over both DST edges."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.schedule import (
    Schedule,
    SendingHours,
    check_hours,
    is_ending,
    next_start,
    read_deadline,
    read_hours,
    read_start,
    validity_s,
    zone,
)
from massivesms.domain.words import Problem

MADRID = ZoneInfo("Europe/Madrid")
DAY = SendingHours(time(9), time(20))
NIGHT = SendingHours(time(22), time(6))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-20:00", "09:00-20:00"),
        ("9:00 - 20:30", "09:00-20:30"),
        ("  22:00-06:00 ", "22:00-06:00"),
        ("08:00-24:00", "08:00-00:00"),
        ("00:00-23:59", "00:00-23:59"),
    ],
)
def test_hours_are_read(text: str, hours: str) -> None:
    assert str(read_hours(text)) == hours


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "hours_form"),
        ("9-20", "hours_form"),
        ("09:00", "hours_form"),
        ("25:00-26:00", "hours_form"),
        ("09:60-10:00", "hours_form"),
        ("24:00-08:00", "hours_form"),
        ("08:00-24:30", "hours_form"),
        ("09:00-09:00", "hours_equal"),
        ("00:00-24:00", "hours_equal"),
    ],
)
def test_wrong_hours_are_refused_with_words(text: str, code: str) -> None:
    found = read_hours(text)
    assert isinstance(found, Problem)
    assert found.code == code


def test_equal_hours_say_what_to_do() -> None:
    problem = check_hours(time(9), time(9))
    assert problem is not None
    assert "09:00" in problem.text


@pytest.mark.parametrize(
    ("hours", "moment", "inside"),
    [
        (DAY, time(8, 59, 59), False),
        (DAY, time(9), True),
        (DAY, time(19, 59, 59), True),
        (DAY, time(20), False),
        (NIGHT, time(21, 59), False),
        (NIGHT, time(22), True),
        (NIGHT, time(23, 59, 59), True),
        (NIGHT, time(0), True),
        (NIGHT, time(5, 59), True),
        (NIGHT, time(6), False),
        (SendingHours(time(8), time(0)), time(23, 59), True),
        (SendingHours(time(8), time(0)), time(0), False),
    ],
)
def test_the_start_is_included_and_the_end_is_not(
    hours: SendingHours, moment: time, inside: bool
) -> None:
    assert hours.contains(moment) is inside


@pytest.mark.parametrize(
    ("now", "hours", "allowed"),
    [
        ("2026-01-15T08:30", DAY, True),  # 09:30 in winter
        ("2026-01-15T07:30", DAY, False),
        ("2026-07-15T07:30", DAY, True),  # 09:30 in summer
        ("2026-07-15T18:30", DAY, False),  # 20:30 in summer
        # 29 March: 02:00 becomes 03:00; 02:30 never shows.
        ("2026-03-29T00:59", SendingHours(time(1), time(3)), True),
        ("2026-03-29T01:00", SendingHours(time(1), time(3)), False),
        ("2026-03-29T01:00", SendingHours(time(2), time(2, 30)), False),
        # 25 October: 03:00 becomes 02:00; 02:30 shows twice.
        ("2026-10-25T00:30", SendingHours(time(2), time(3)), True),
        ("2026-10-25T01:30", SendingHours(time(2), time(3)), True),
        ("2026-10-25T02:30", SendingHours(time(2), time(3)), False),
    ],
)
def test_hours_are_those_of_the_wall_clock(
    now: str, hours: SendingHours, allowed: bool
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert Schedule(MADRID, hours=hours).allows(moment) is allowed


def test_all_windows_and_the_start_must_allow_it() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)  # 14:00 in Madrid
    later = datetime(2026, 7, 1, 12, 0, 1, tzinfo=UTC)
    assert Schedule(MADRID).allows(noon)
    assert Schedule(MADRID, noon, hours=DAY).allows(noon)
    assert not Schedule(MADRID, later, hours=DAY).allows(noon)
    assert not Schedule(MADRID, hours=DAY, general_hours=NIGHT).allows(noon)
    assert not Schedule(MADRID, hours=NIGHT, general_hours=DAY).allows(noon)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-03-01 09:30", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026-07-01T09:30", datetime(2026, 7, 1, 7, 30, tzinfo=UTC)),
        ("2026-07-01 09:30:15", datetime(2026, 7, 1, 7, 30, 15, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_start_is_local_and_kept_in_utc(text: str, start: datetime) -> None:
    assert read_start(text, MADRID) == start


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30 10:00", "01/03/2026"])
def test_a_start_that_is_none_is_refused(text: str) -> None:
    assert isinstance(read_start(text, MADRID), Problem)


@pytest.mark.parametrize("name", ["Europe/Madrid", "America/Santiago", "UTC"])
def test_a_time_zone_is_found(name: str) -> None:
    assert zone(name) == ZoneInfo(name)


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    found = zone(name)
    assert isinstance(found, Problem)
    assert found.code == "time_zone_unknown"


# --- deadlines --------------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("2026-03-01 20:00", datetime(2026, 3, 1, 19, tzinfo=UTC)),
        ("2026-07-01T20:00", datetime(2026, 7, 1, 18, tzinfo=UTC)),
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # never shown
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # shown twice
    ],
)
def test_a_deadline_is_local_and_kept_in_utc(text: str, deadline: datetime) -> None:
    assert read_deadline(text, MADRID, None, NOON) == deadline


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-03-01", "deadline_form"),  # its beginning or its end?
        ("tomorrow", "deadline_form"),
        ("2026-02-30 10:00", "deadline_form"),
        ("2026-01-01 13:00", "deadline_past"),
        ("2026-01-02 09:00", "deadline_before_start"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_refused(text: str, code: str) -> None:
    start = datetime(2026, 1, 2, 8, tzinfo=UTC)
    found = read_deadline(text, MADRID, start, NOON)
    assert isinstance(found, Problem) and found.code == code


def test_the_clocks_are_changed_on_a_day_whatever_the_deadline() -> None:
    half_past = SendingHours(time(2, 30), time(4))  # 02:00 becomes 03:00 at 01:00 UTC
    now = datetime(2026, 3, 29, tzinfo=UTC)
    for deadline in (None, datetime(2027, 2, 1, tzinfo=UTC)):
        schedule = Schedule(MADRID, deadline_at=deadline, hours=half_past)
        assert next_start(now, schedule) == now + timedelta(hours=1)


def test_from_the_deadline_on_nothing_may_be_sent() -> None:
    before = NOON - timedelta(milliseconds=1)
    assert Schedule(MADRID, deadline_at=NOON).allows(before)
    assert not Schedule(MADRID, deadline_at=NOON).allows(NOON)
    assert not is_ending(before, NOON, None) and is_ending(NOON, NOON, None)
    assert is_ending(NOON, None, "ana") and not is_ending(NOON, None, None)


@pytest.mark.parametrize(
    ("left_s", "valid_s"),
    [
        (-5, 1),
        (0.4, 1),
        (59.9, 59),
        (3600, 3600),
        (3659.9, 3659 // 60 * 60),
        (86401, 86400),
    ],
)
def test_a_message_is_never_valid_past_the_deadline(
    left_s: float, valid_s: int
) -> None:
    assert validity_s(NOON, NOON + timedelta(seconds=left_s)) == valid_s
