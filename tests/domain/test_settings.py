"""Settings of the product: cleaned, checked together, read as typed values."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.schedule import SendingHours
from massivesms.domain.settings import SETTINGS, check, read, with_defaults
from massivesms.domain.words import Problem

SPAIN = {
    "country_code": "34",
    "mobile_prefixes": "6,7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
}


@pytest.mark.parametrize(
    ("name", "entered", "stored"),
    [
        ("country_code", " +34 ", "34"),
        ("country_code", "0034", "34"),
        ("mobile_prefixes", " 6, 7 ", "6,7"),
        ("min_mobile_length", " 9 ", "9"),
        ("time_zone", "Europe/Madrid", "Europe/Madrid"),
        ("sending_hours", "9:00-20:00", "9:00-20:00"),
        ("sending_hours", "", ""),
        ("sending", "NO", "no"),
        ("write_call_records", "Yes", "yes"),
        ("replace_characters", "Letters", "letters"),
        ("language", "ES", "es"),
        ("language", "", ""),
    ],
)
def test_a_setting_is_cleaned(name: str, entered: str, stored: str) -> None:
    assert check({name: entered}, SPAIN) == {name: stored}


@pytest.mark.parametrize(
    ("name", "entered", "code"),
    [
        ("time_zone", "Mars", "time_zone_unknown"),
        ("sending_hours", "9-20", "hours_form"),
        ("sending_hours", "09:00-09:00", "hours_equal"),
        ("sending", "maybe", "setting_yes_no"),
        ("write_call_records", "", "setting_yes_no"),
        ("replace_characters", "all", "setting_choice"),
        ("language", "fr", "language_unknown"),
        ("min_mobile_length", "nine", "setting_digits"),
        ("min_mobile_length", "-1", "setting_digits"),
        ("min_mobile_length", "٩", "setting_digits"),
        ("colour", "red", "setting_unknown"),
        ("country_code", "abc", "country_code_form"),
        ("min_mobile_length", "12", "length_order"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, entered: str, code: str) -> None:
    found = check({name: entered}, SPAIN)
    problem = found[name]
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_one_wrong_setting_refuses_all() -> None:
    found = check({"sending": "no", "language": "fr"}, {})
    assert set(found) == {"language"}


def test_lengths_are_compared_with_what_is_stored() -> None:
    both = {"min_mobile_length": "10", "max_mobile_length": "11"}
    assert check(both, SPAIN) == both
    assert isinstance(check({"min_mobile_length": "10"}, SPAIN)["min_mobile_length"],
                      Problem)  # fmt: skip


def test_a_fresh_installation_sends_at_any_hour_in_utc() -> None:
    fresh = read({})
    assert fresh.sending
    assert not fresh.write_call_records
    assert fresh.sending_hours is None
    assert fresh.time_zone == ZoneInfo("UTC")
    assert set(with_defaults({})) == set(SETTINGS)


def test_stored_texts_become_values() -> None:
    stored = {"sending": "no", "sending_hours": "22:00-06:00",
              "time_zone": "Europe/Madrid", **SPAIN}  # fmt: skip
    found = read(stored)
    assert not found.sending
    assert found.sending_hours == SendingHours(time(22), time(6))
    assert found.time_zone == ZoneInfo("Europe/Madrid")
    assert found.number_plan.mobile_prefixes == ("6", "7")
    assert found.number_plan.min_mobile_length == 9


def test_stored_values_that_became_wrong_do_no_harm() -> None:
    found = read({"time_zone": "Gone/Zone", "sending_hours": "rubbish"})
    assert found.time_zone == ZoneInfo("UTC")
    assert found.sending_hours is None
