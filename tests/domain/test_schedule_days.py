"""Weekdays, timetables, holidays: over midnight and where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massivesms.domain.holidays import Holiday, Holidays
from massivesms.domain.schedule import (
    Schedule,
    SendingHours,
    done_at,
    next_end,
    next_start,
)
from massivesms.domain.timetables import A_DAY, EVERY_DAY, Slot, Timetable

MADRID = ZoneInfo("Europe/Madrid")
A_MINUTE = timedelta(minutes=1)
FRIDAY_NIGHT = Timetable("night", (Slot(5, 22 * 60, 26 * 60),))
SPLIT = Timetable("split", (Slot(1, 540, 840), Slot(1, 960, 1200), Slot(7, 1380, 1500)))
NIGHT = SendingHours(time(22), time(2))
XMAS = Holidays([Holiday(12, 25, 0, "Christmas"), Holiday(4, 3, 2026, "Good Friday")])


def at(text: str, zone: ZoneInfo = MADRID) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


# 6 March 2026 is a Friday.
OVER_BORDERS: list[tuple[str, Schedule, str, bool]] = [
    *(
        ("a slot of Friday", Schedule(MADRID, timetable=FRIDAY_NIGHT), moment, sends)
        for moment, sends in (
            ("2026-03-06 21:59", False),
            ("2026-03-06 22:00", True),
            ("2026-03-06 23:59", True),
            ("2026-03-07 00:00", True),
            ("2026-03-07 01:00", True),
            ("2026-03-07 01:59", True),
            ("2026-03-07 02:00", False),
            ("2026-03-07 22:00", False),
            ("2026-03-06 01:00", False),  # Thursday's night has no slot
        )
    ),
    *(
        ("hours of weekdays", Schedule(MADRID, hours=NIGHT, days=EVERY_DAY - {6, 7}),
         moment, sends)
        for moment, sends in (
            ("2026-03-06 23:00", True),
            ("2026-03-07 01:00", True),  # still Friday's
            ("2026-03-07 22:30", False),
            ("2026-03-08 01:00", False),
            ("2026-03-09 01:00", False),  # Sunday's night
            ("2026-03-09 22:00", True),
        )
    ),
    *(
        ("Sunday to Monday", Schedule(MADRID, timetable=SPLIT), moment, sends)
        for moment, sends in (
            ("2026-03-08 23:00", True),
            ("2026-03-09 00:59", True),
            ("2026-03-09 01:00", False),
            ("2026-03-09 13:59", True),
            ("2026-03-09 14:00", False),
            ("2026-03-09 16:00", True),
        )
    ),
    *(
        ("holidays", Schedule(MADRID, hours=NIGHT, holidays=XMAS), moment, sends)
        for moment, sends in (
            ("2026-12-24 23:00", True),
            ("2026-12-25 01:00", True),  # Christmas Eve's night
            ("2026-12-25 23:00", False),
            ("2026-12-26 01:00", False),
            ("2027-12-25 22:00", False),
            ("2026-04-03 22:00", False),
            ("2027-04-03 22:00", True),  # of 2026 only
        )
    ),
    *(
        ("only weekends", Schedule(MADRID, days=frozenset({6, 7})), moment, sends)
        for moment, sends in (
            ("2026-03-06 23:59", False),
            ("2026-03-07 00:00", True),
            ("2026-03-08 23:59", True),
            ("2026-03-09 00:00", False),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schedule", "moment", "sends"),
    [case[1:] for case in OVER_BORDERS],
    ids=[f"{case[0]} at {case[2]}" for case in OVER_BORDERS],
)
def test_a_slot_belongs_to_the_day_it_begins(
    schedule: Schedule, moment: str, sends: bool
) -> None:
    assert schedule.allows(at(moment)) is sends


def test_general_hours_hold_beside_the_own_timetable() -> None:
    monday = at("2026-03-09 09:30")
    general = SendingHours(time(10), time(20))
    assert Schedule(MADRID, timetable=SPLIT).allows(monday)
    both = Schedule(MADRID, general_hours=general, timetable=SPLIT)
    assert not both.allows(monday)


@pytest.mark.parametrize(
    ("schedule", "now", "start"),
    [
        (Schedule(MADRID), "2026-03-06 12:00", "2026-03-06 12:00"),
        (Schedule(MADRID, timetable=FRIDAY_NIGHT), "2026-03-07 01:00",
         "2026-03-07 01:00"),
        (Schedule(MADRID, timetable=FRIDAY_NIGHT), "2026-03-07 02:00",
         "2026-03-13 22:00"),
        (Schedule(MADRID, timetable=SPLIT), "2026-03-09 14:30", "2026-03-09 16:00"),
        (Schedule(MADRID, days=frozenset({1})), "2026-03-06 12:00", "2026-03-09 00:00"),
        (Schedule(MADRID, hours=SendingHours(time(9), time(20)), holidays=XMAS),
         "2026-12-24 21:00", "2026-12-26 09:00"),
        # 02:30 is not on the clock on 29 March 2026: 03:00 is the first to be inside.
        (Schedule(MADRID, hours=SendingHours(time(2, 30), time(4))),
         "2026-03-29 01:00", "2026-03-29 03:00"),
    ],
)  # fmt: skip
def test_the_next_start_is_the_first_moment_that_may_send(
    schedule: Schedule, now: str, start: str
) -> None:
    assert next_start(at(now), schedule) == at(start)


def test_a_schedule_that_never_sends_has_no_next_start() -> None:
    morning, evening = SendingHours(time(9), time(12)), SendingHours(time(18), time(20))
    never = Schedule(MADRID, hours=morning, general_hours=evening)
    now = at("2026-03-06 12:00")
    assert next_start(now, never) is None
    assert next_start(now, Schedule(MADRID, deadline_at=now)) is None
    assert next_end(now, Schedule(MADRID)) is None


def test_what_takes_long_is_done_in_the_time_in_which_it_may_be_sent() -> None:
    hours = Schedule(
        MADRID, hours=SendingHours(time(9), time(12)), days=EVERY_DAY - {7}
    )
    saturday = at("2026-03-07 11:00")
    month = timedelta(days=30)
    assert done_at(saturday, timedelta(hours=1), hours, month) == at("2026-03-07 12:00")
    assert done_at(saturday, timedelta(hours=2), hours, month) == at("2026-03-09 10:00")
    assert done_at(saturday, timedelta(hours=500), hours, month) is None


# --- where the clocks change ------------------------------------------------------

#: Zones and moments near which their clocks are changed; Apia left out a whole day.
CHANGES = [
    ("Europe/Madrid", "2026-03-29T01:00"),
    ("Europe/Madrid", "2026-10-25T01:00"),
    ("America/Santiago", "2026-04-05T03:00"),
    ("America/Santiago", "2026-09-06T04:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-09-24T11:00"),
]
minutes = st.integers(0, A_DAY - 1).map(lambda m: m - m % 5)
slots = st.builds(
    lambda day, start, length: Slot(day, start, start + length),
    st.integers(1, 7), minutes, st.integers(1, A_DAY // 5).map(lambda n: 5 * n),
)  # fmt: skip
timetables = st.lists(slots, min_size=1, max_size=6).map(
    lambda found: Timetable("any", tuple(found))
)
hours = st.tuples(minutes, minutes).filter(lambda t: t[0] != t[1]).map(
    lambda t: SendingHours(*(time(m // 60, m % 60) for m in t))
)  # fmt: skip
days = st.frozensets(st.integers(1, 7), min_size=1)


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[datetime, Schedule]:
    name, moment = draw(st.sampled_from(CHANGES))
    changed = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    now = changed + timedelta(minutes=draw(st.integers(-1500, 1500)))
    holiday = (changed + timedelta(days=draw(st.integers(-1, 2)))).date()
    closed = Holidays([Holiday(holiday.month, holiday.day, holiday.year, "x")])
    return now, Schedule(
        ZoneInfo(name),
        hours=draw(st.none() | hours),
        general_hours=draw(st.none() | hours),
        days=draw(days),
        timetable=draw(st.none() | timetables),
        holidays=draw(st.sampled_from([None, closed])),
    )


def by_the_clock(now: datetime, schedule: Schedule) -> bool:
    """The rule again, said otherwise: look at the wall clock, then at both days."""
    wall = now.astimezone(schedule.zone).replace(tzinfo=None)

    def covered(spans_of: object, filtered: bool) -> bool:
        for day in (wall.date(), wall.date() - timedelta(days=1)):
            if filtered and not is_on(day):
                continue
            for start, end in spans_of(day):  # type: ignore[operator]
                begin = datetime.combine(day, time()) + timedelta(minutes=start)
                if begin <= wall < begin + timedelta(minutes=end - start):
                    return True
        return False

    def is_on(day: date) -> bool:
        closed = schedule.holidays.name_of(day) if schedule.holidays else None
        return day.isoweekday() in schedule.days and closed is None

    def of_hours(found: SendingHours | None) -> list[tuple[int, int]]:
        if found is None:
            return [(0, A_DAY)]
        start, end = (t.hour * 60 + t.minute for t in (found.start, found.end))
        return [(start, end + A_DAY * (end < start))]

    table = schedule.timetable
    return (
        covered(lambda _: of_hours(schedule.hours), True)
        and (table is None or covered(lambda d: table.of(d.isoweekday()), True))
        and covered(lambda _: of_hours(schedule.general_hours), False)
    )


@given(near_a_change())
@settings(max_examples=300, deadline=None)
def test_the_wall_clock_decides_also_where_it_jumps(
    case: tuple[datetime, Schedule],
) -> None:
    now, schedule = case
    for n in range(0, 180, 7):
        moment = now + n * A_MINUTE
        assert schedule.allows(moment) is by_the_clock(moment, schedule)


@given(near_a_change())
@settings(max_examples=150, deadline=None)
def test_nothing_may_be_sent_before_the_next_start_nor_after_the_next_end(
    case: tuple[datetime, Schedule],
) -> None:
    now, schedule = case
    for found, wanted in (
        (next_start(now, schedule), True),
        (next_end(now, schedule) if schedule.allows(now) else now, False),
    ):
        first = now
        for _ in range(2 * A_DAY // 5):  # every edge is at five minutes
            if schedule.allows(first) is wanted:
                break
            first += timedelta(minutes=5 - first.minute % 5)
        else:
            assert found is None or found >= first
            continue
        if found != now or wanted:
            assert found == first
