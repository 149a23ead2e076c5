"""Before sending: which trunks take what, what it costs, and when it is done."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.schedule import Schedule, SendingHours
from massivesms.domain.send_plan import (
    Group,
    Plan,
    Share,
    Way,
    deadline_warning,
    finish,
    forecast_words,
    open_s,
    shares_of,
    work_s,
)

MADRID = ZoneInfo("Europe/Madrid")
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # 12:00 in Madrid
CHEAP, DEAR = Decimal("0.04"), Decimal("0.09")
SPAIN = Group("+34", 1, 300, 7)
ITALY = Group("+39", 2, 100, 9)


AT_ANY_TIME = Schedule(MADRID)
IN_HOURS = Schedule(MADRID, hours=SendingHours(time(9), time(14)))


def test_each_share_goes_to_the_best_trunk_that_serves_its_numbers() -> None:
    ways = [Way(1, 1, True, "34", CHEAP), Way(2, 2, True, "", DEAR)]
    spain, italy = shares_of(ways, [SPAIN, ITALY], None, (400, 500))
    assert (spain.trunk_ids, spain.messages, spain.cost) == ((1,), 300, 300 * CHEAP)
    assert (italy.trunk_ids, italy.segments, italy.cost) == ((2,), 200, 200 * DEAR)


def test_equals_share_and_the_cheaper_one_goes_first() -> None:
    ways = [Way(1, 1, True, "", CHEAP), Way(2, 1, True, "", CHEAP), Way(3, 1, True)]
    assert shares_of(ways[:2], [SPAIN], None, (300, 300))[0].trunk_ids == (1, 2)
    assert shares_of(ways[2:], [SPAIN], None, (300, 300))[0].cost is None


@pytest.mark.parametrize(
    ("ways", "chosen", "takers"),
    [
        ([Way(1, 1, False), Way(2, 2, True)], None, (2,)),
        ([Way(1, 1, True), Way(2, 2, True)], 2, (2,)),
        ([Way(1, 1, True), Way(2, 2, False)], 2, ()),
        ([Way(1, 1, True, "39")], None, ()),
        ([Way(1, 1, True, "39")], 1, (1,)),
        ([], None, ()),
    ],
    ids=["turned-off", "chosen", "chosen-off", "none-serves", "wish-first", "no-trunk"],
)
def test_what_nobody_can_take_waits(
    ways: list[Way], chosen: int | None, takers: tuple[int, ...]
) -> None:
    (share,) = shares_of(ways, [SPAIN], chosen, (300, 300))
    assert share.trunk_ids == takers


def test_shares_of_the_first_messages_are_enlarged_to_the_whole() -> None:
    ways = [Way(1, 1, True, "34"), Way(2, 2, True)]
    found = shares_of(ways, [SPAIN, ITALY], None, (4000, 5000))
    assert [(s.messages, s.segments) for s in found] == [(3000, 3000), (1000, 2000)]


def test_the_slowest_trunk_is_the_end() -> None:
    ways = [Way(1, 1, True, rate_per_s=10), Way(2, 1, True, rate_per_s=5), Way(3, 1, 1)]
    shares = [Share((1, 2), 100, 100, None), Share((3,), 900, 900, None)]
    assert work_s(ways, shares) == 10
    assert work_s(ways, shares[1:]) is None


def test_the_end_is_in_the_sending_hours() -> None:
    assert finish(NOON, 90, AT_ANY_TIME) == NOON + timedelta(seconds=90)
    assert finish(NOON, 2 * 3600 + 60, IN_HOURS) == datetime(
        2026, 3, 3, 8, 1, tzinfo=UTC
    )
    assert finish(NOON, 40 * 86400, AT_ANY_TIME) is None
    assert open_s(NOON, NOON + timedelta(days=1), IN_HOURS) == 5 * 3600


def test_a_deadline_that_cannot_be_met_says_how_many_can() -> None:
    deadline = NOON + timedelta(hours=2)
    assert deadline_warning(deadline, NOON, 60, 7200, 100) is None
    assert deadline_warning(None, None, 60, 0, 100) is None
    late = deadline_warning(deadline, None, 14400, 7200, 100)
    assert late is not None and late.params == {"n": 50, "total": 100}


def test_the_forecast_names_the_day_only_when_it_is_another() -> None:
    today = forecast_words(60, NOON + timedelta(minutes=5), NOON, MADRID)
    assert today.text == "Started now, it is done at about 12:05."
    later = forecast_words(60, NOON + timedelta(days=1), NOON, MADRID)
    assert "on 2026-03-03 at about 12:00" in later.text
    assert forecast_words(60, None, NOON, MADRID).code == "plan_long"
    assert forecast_words(None, None, NOON, MADRID).code == "plan_no_rate"


def test_the_cost_is_of_the_trunks_whose_price_is_known() -> None:
    shares = (Share((1,), 1, 2, CHEAP), Share((2,), 1, 1, None), Share((), 5, 5, None))
    plan = Plan(7, 8, 7, shares, None, 0)
    assert (plan.cost, plan.unpriced, plan.without_trunk) == (2 * CHEAP, (2,), 5)
    assert Plan(5, 5, 5, shares[2:], None, 0).cost is None
