"""Timetables, holidays and the days of campaigns at the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_timetable_is_added_shown_and_removed(run: Run, numbers_csv: Path) -> None:
    slots = ("--slot", "mon-fri 9:00-14:00,16:00-20:00", "--slot", "vie 22:00-02:00")
    run("timetable", "add", "Shop", *slots).done()
    shown = run("timetable", "list", "--json").done().json
    assert shown == [
        {
            "name": "Shop",
            "slots": [
                "mon-thu 09:00-14:00, 16:00-20:00",
                "fri 09:00-14:00, 16:00-20:00, 22:00-02:00",
            ],
            "campaigns": 0,
        }
    ]
    made = ("campaign", "create", "Offer", "--message", "Hola", "--csv", numbers_csv)
    run(*made, "--timetable", "Shop", "--days", "mon-fri").done()
    run("timetable", "remove", "Shop").refused("Offer")
    assert "used by Offer" in run("timetable", "show", "Shop").done().out
    run("campaign", "set", "Offer", "--timetable", "").done()
    run("timetable", "remove", "Shop").done()
    run("timetable", "show", "Shop").refused("no timetable")


def test_a_campaign_has_its_days_and_its_clock(run: Run, numbers_csv: Path) -> None:
    made = ("campaign", "create", "Offer", "--message", "Hola", "--csv", numbers_csv)
    zone = ("--time-zone", "America/Santiago", "--start", "2999-01-01 09:00")
    run(*made, *zone, "--days", "sat,sun", "--holidays", "ignore").done()
    shown = run("campaign", "show", "Offer", "--json").done().json
    assert (shown["days"], shown["timetable"]) == ("sat,sun", None)
    assert (shown["time_zone"], shown["keeps_holidays"]) == ("America/Santiago", False)
    assert shown["start_at"] == "2999-01-01T12:00:00+00:00"
    run("campaign", "set", "Offer", "--days", "all", "--holidays", "keep").done()
    shown = run("campaign", "show", "Offer", "--json").done().json
    assert (shown["days"], shown["keeps_holidays"]) == ("all", True)
    run("timetable", "add", "Fridays", "--slot", "fri 09:00-14:00").done()
    never = ("campaign", "set", "Offer", "--days", "mon", "--timetable", "Fridays")
    run(*never, "--priority", "high").refused("no moment")
    run("campaign", "set", "Offer", "--days", "never").refused("no days")
    run("campaign", "set", "Offer", "--time-zone", "Mars").refused("no time zone")


def test_holidays_are_added_listed_and_removed(run: Run, tmp_path: Path) -> None:
    run("holiday", "add", "2030-12-25", "Navidad", "--yearly").done()
    file = tmp_path / "2030.txt"
    file.write_text("2030-01-01;Año Nuevo\n06/01/2030 Reyes\n", "utf-8")
    run("holiday", "add", "--file", file).done()
    listed = run("holiday", "list", "--json").done().json
    assert [h["date"] for h in listed] == ["25/12", "2030-01-01", "2030-01-06"]
    run("holiday", "remove", "25/12").done()
    run("holiday", "remove", "25/12").refused("no holiday")
    run("holiday", "add", "31/02", "Nada").refused("no date")
