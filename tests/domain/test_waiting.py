"""Why is nothing being sent? The first reason that holds, in words."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.caps import Full
from massivesms.domain.schedule import SendingHours
from massivesms.domain.waiting import Situation, TrunkView, why_waiting

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)  # 14:00 in Madrid
GOOD = TrunkView(1, "one", active=True, stopped=False, ready=True)
WELL = Situation(NOON, ZoneInfo("Europe/Madrid"), True, True, None, [GOOD])
CALM: dict[str, Any] = {
    "queued": 5, "paused": False, "start_at": None, "hours": None, "trunk_id": None,
}  # fmt: skip
OFF = dataclasses.replace(GOOD, trunk_id=2, name="off", active=False, ready=False)
STOPPED = dataclasses.replace(GOOD, trunk_id=3, name="stop", stopped=True, ready=False)
DOWN = dataclasses.replace(GOOD, trunk_id=4, name="down", ready=False)
DAY_FULL = Full("day", 500, datetime(2026, 7, 1, 22, tzinfo=UTC))
HOUR_FULL = Full("hour", 50, datetime(2026, 7, 1, 13, tzinfo=UTC))
FULL = dataclasses.replace(GOOD, name="full", full=DAY_FULL)
FULLER = dataclasses.replace(GOOD, trunk_id=5, name="brim", full=HOUR_FULL)
SPAIN = dataclasses.replace(GOOD, trunk_id=6, name="spain", prefixes="34,!34900")
MORNING, NIGHT = SendingHours(time(8), time(14)), SendingHours(time(22), time(6))

CASES: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("it runs", {}, {}, None),
    ("nothing is queued", {"service_running": False}, {"queued": 0}, None),
    ("paused", {"service_running": False}, {"paused": True}, "paused"),
    ("before its deadline", {}, {"deadline_at": NOON + timedelta(minutes=1)}, None),
    ("its deadline", {}, {"deadline_at": NOON, "paused": True}, "deadline_passed"),
    ("discarded", {}, {"discarding": True, "deadline_at": NOON}, "discarding"),
    (
        "nobody ends what is left",
        {"service_running": False},
        {"discarding": True},
        "ending_needs_service",
    ),
    ("no service", {"service_running": False, "sending": False}, {}, "service_stopped"),
    ("general stop", {"sending": False, "trunks": []}, {}, "sending_off"),
    ("not yet", {}, {"start_at": NOON + timedelta(minutes=1)}, "not_started"),
    ("from now on", {}, {"start_at": NOON}, None),
    ("its hours are over", {}, {"hours": MORNING}, "outside_hours"),
    ("general hours", {"general_hours": NIGHT}, {}, "outside_hours"),
    ("no trunk at all", {"trunks": []}, {}, "no_trunk"),
    ("all turned off", {"trunks": [OFF]}, {}, "trunks_off"),
    ("all stopped", {"trunks": [STOPPED, OFF]}, {}, "trunks_stopped"),
    ("no connection", {"trunks": [DOWN, STOPPED]}, {}, "trunks_down"),
    ("one is enough", {"trunks": [DOWN, STOPPED, OFF, GOOD]}, {}, None),
    ("the named one is down", {"trunks": [GOOD, DOWN]}, {"trunk_id": 4}, "trunks_down"),
    ("the named one is off", {"trunks": [GOOD, OFF]}, {"trunk_id": 2}, "trunks_off"),
    ("the named one is gone", {}, {"trunk_id": 9}, "no_trunk"),
    ("its limit is used up", {"trunks": [FULL]}, {}, "trunk_full"),
    ("another has room", {"trunks": [FULL, DOWN, GOOD]}, {}, None),
    ("the one with room is down", {"trunks": [FULL, DOWN]}, {}, "trunk_full"),
    ("a number it serves", {"trunks": [SPAIN]}, {"number": "+34600111222"}, None),
    (
        "a number that none serves",
        {"trunks": [SPAIN]},
        {"number": "+34900111222"},
        "no_trunk_for_number",
    ),
    (
        "a number that another serves",
        {"trunks": [SPAIN, GOOD]},
        {"number": "+33600111222"},
        None,
    ),
]


@pytest.mark.parametrize(
    ("situation", "campaign", "code"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_first_reason_is_told(
    situation: dict[str, Any], campaign: dict[str, Any], code: str | None
) -> None:
    problem = why_waiting(dataclasses.replace(WELL, **situation), **CALM | campaign)
    assert (problem.code if problem else None) == code
    if problem:
        assert "%(" not in problem.text


def test_times_are_told_in_the_local_zone() -> None:
    start = NOON + timedelta(hours=11)
    problem = why_waiting(WELL, **CALM | {"start_at": start})
    assert problem is not None
    assert problem.text == "It starts on 2026-07-02 at 01:00."
    problem = why_waiting(WELL, **CALM | {"hours": MORNING})
    assert problem is not None
    assert "08:00-14:00" in problem.text


def test_the_limit_that_is_free_first_is_told_with_its_hour() -> None:
    situation = dataclasses.replace(WELL, trunks=[FULL, FULLER])
    problem = why_waiting(situation, **CALM)
    assert problem is not None
    assert problem.text == (
        "The trunk brim has used up its limit of 50 an hour; it goes on at 15:00."
    )
    problem = why_waiting(dataclasses.replace(WELL, trunks=[FULL]), **CALM)
    assert problem is not None
    assert problem.text.endswith("limit of 500 a day; it goes on at 00:00.")


def test_a_limit_that_is_free_on_another_day_is_told_with_its_date() -> None:
    august = Full("month", 9000, datetime(2026, 7, 31, 22, tzinfo=UTC))
    trunk = dataclasses.replace(GOOD, full=august)
    problem = why_waiting(dataclasses.replace(WELL, trunks=[trunk]), **CALM)
    assert problem is not None
    assert "9000 a month; it goes on on 2026-08-01 at 00:00." in problem.text
