"""Why a schedule forbids sending now, and when it goes on, in words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.holidays import Holiday, Holidays
from massivesms.domain.schedule import Schedule, SendingHours
from massivesms.domain.schedule_words import check_reachable, why_closed
from massivesms.domain.timetables import Slot, Timetable

MADRID, SANTIAGO = ZoneInfo("Europe/Madrid"), ZoneInfo("America/Santiago")
FRIDAY = datetime(2026, 3, 6, 12, tzinfo=UTC)  # 13:00 in Madrid, 09:00 in Santiago
SHOP = Timetable("Shop", (Slot(5, 960, 1200), Slot(1, 540, 840)))
MORNING, EVENING = SendingHours(time(8), time(12)), SendingHours(time(18), time(20))
TODAY = Holidays([Holiday(3, 6, 2026, "Fiesta")])
WEEKEND = frozenset({6, 7})

CASES = [
    (Schedule(MADRID), None),
    (Schedule(SANTIAGO, hours=MORNING), None),
    (Schedule(MADRID, start_at=FRIDAY + timedelta(hours=1)),
     "It starts on 2026-03-06 at 14:00."),
    (Schedule(MADRID, hours=MORNING),
     "Outside the sending hours (08:00-12:00); it goes on at 08:00."),
    (Schedule(MADRID, hours=MORNING, days=WEEKEND - {6}),
     "Outside the sending hours (08:00-12:00); it goes on on 2026-03-08 at 08:00."),
    (Schedule(MADRID, days=WEEKEND), "It is not sent on this day of the week."
     " It goes on on 2026-03-07 at 00:00."),
    (Schedule(MADRID, holidays=TODAY),
     "Today is a holiday (Fiesta). It goes on on 2026-03-07 at 00:00."),
    (Schedule(MADRID, timetable=SHOP),
     "Outside its timetable Shop. It goes on on 2026-03-06 at 16:00."),
    (Schedule(SANTIAGO, timetable=SHOP),
     "Outside its timetable Shop. It goes on on 2026-03-06 at 16:00"
     " (America/Santiago)."),
    (Schedule(MADRID, hours=MORNING, general_hours=EVENING),
     "With its days, hours and timetable there is no moment at which it may be sent:"
     " change them."),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "words"), CASES)
def test_the_first_limit_is_said_with_when_it_goes_on(
    schedule: Schedule, words: str | None
) -> None:
    found = why_closed(schedule, FRIDAY, MADRID)
    assert (found.text if found else None) == words


def test_what_can_never_be_sent_is_said_beside_its_field() -> None:
    never = Schedule(MADRID, hours=MORNING, general_hours=EVENING)
    late = Schedule(MADRID, deadline_at=FRIDAY + timedelta(hours=1), timetable=SHOP)
    assert list(check_reachable(never, FRIDAY)) == ["days"]
    assert "2026-03-06 at 16:00" in check_reachable(late, FRIDAY)["deadline"].text
    assert check_reachable(Schedule(MADRID), FRIDAY) == {}
