"""The config commands: settings that are checked before they are kept."""

from __future__ import annotations

import pytest

from massivesms.domain.settings import SETTINGS
from tests.cli.conftest import Run


def test_settings_are_set_and_shown(process: Run) -> None:
    process("config", "set", "country_code", "+34").done()
    process("config", "set", "mobile_prefixes", "6, 7").done()
    shown = process("config", "show", "--json").done().json
    assert set(shown) == set(SETTINGS)
    assert (shown["country_code"], shown["mobile_prefixes"]) == ("34", "6,7")
    assert shown["time_zone"] == "UTC"
    assert "country_code" in process("config", "show").done().out


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("min_mobile_length", "9", "9"),
        ("max_mobile_length", "9", "9"),
        ("time_zone", "Europe/Madrid", "Europe/Madrid"),
        ("language", "ES", "es"),
        ("sending_hours", "09:00-21:00", "09:00-21:00"),
        ("sending", "no", "no"),
    ],
)
def test_a_good_value_is_kept(run: Run, name: str, value: str, kept: str) -> None:
    run("config", "set", "country_code", "34").done()
    assert run("config", "set", name, value).done().out == f"{name} = {kept}\n"
    assert run("config", "show", "--json").json[name] == kept


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("nonsense", "1", ["no setting nonsense", "country_code"]),
        ("country_code", "999", ["999"]),
        ("country_code", "spain", ["country code"]),
        ("mobile_prefixes", "six", ["six"]),
        ("min_mobile_length", "nine", ["whole number"]),
        ("max_mobile_length", "99", ["99"]),
        ("time_zone", "Mars/Base", ["Mars/Base", "Europe/Madrid"]),
        ("time_zone", "/etc/passwd", ["no time zone"]),
        ("language", "fr", ["en, es"]),
        ("sending_hours", "10:00-10:00", ["end when they start"]),
        ("sending_hours", "always", ["HH:MM-HH:MM"]),
        ("sending", "maybe", ["yes or no"]),
    ],
)
def test_a_bad_value_is_refused_and_the_old_one_kept(
    run: Run, name: str, value: str, words: list[str]
) -> None:
    before = run("config", "show", "--json").json
    run("config", "set", name, value).refused(*words)
    assert run("config", "show", "--json").json == before


def test_lengths_in_the_wrong_order_are_refused(run: Run) -> None:
    run("config", "set", "max_mobile_length", "9").done()
    run("config", "set", "min_mobile_length", "12").refused()


def test_wrong_usage_is_exit_status_2(run: Run) -> None:
    run("config", "set", "country_code").misused()
    run("config", "nonsense").misused()


def test_call_records_that_cannot_be_written_are_said(run: Run) -> None:
    said = run("config", "set", "write_call_records", "yes").done().out
    assert said.startswith("write_call_records = yes\n")
    assert "massivesms setup" in said
    said = run("config", "set", "write_call_records", "no").done().out
    assert said == "write_call_records = no\n"
