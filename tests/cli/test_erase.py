"""massivesms erase and massivesms audit."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run

NUMBER = "+34600111222"


def test_an_erased_number_is_refused_by_every_command(
    run: Run, numbers_csv: Path
) -> None:
    run("list", "create", "A", "--csv", numbers_csv).done()
    run("send", "600111222", "Hola", "--queue").done()
    said = run("erase", "600 111 222").done().out
    assert said.startswith(
        f"{NUMBER} erased: 1 messages (1 of them cancelled), 0 incoming, 1 lists"
    )

    run("send", "600111222", "Hola", "--queue").refused("erased on request")
    run("list", "add", "A", NUMBER).refused("erased on request")
    loaded = run("list", "create", "B", "--csv", numbers_csv, "--again").done().out
    assert "2 numbers, 1 duplicates, 2 refused" in loaded
    assert "erased on request" in loaded
    how = ("--message", "Hola", "--csv", numbers_csv, "--again")
    assert "2 numbers" in run("campaign", "create", "C", *how).done().out
    run("campaign", "create", "D", "--message", "Hola", "--list", "A").done()
    shown = run("campaign", "show", "D", "--json").done().json
    assert shown["counts"]["queued"] == 2

    assert "can be used again" in run("erase", "--undo", NUMBER).done().out
    run("erase", "--undo", NUMBER).refused("was not erased")
    run("list", "add", "A", NUMBER).done()


def test_a_file_of_erased_numbers_only_is_refused_whole(
    run: Run, spain: None, tmp_path: Path
) -> None:
    run("erase", NUMBER).done()
    file = tmp_path / "one.csv"
    file.write_text("600111222\n")
    run("list", "create", "A", "--csv", file).refused("erased on request")
    assert run("list", "list", "--json").done().json == []


def test_what_is_no_number_is_refused(run: Run, spain: None) -> None:
    run("erase", "hello").refused("hello")


def test_the_audit_is_shown_and_filtered(run: Run, numbers_csv: Path) -> None:
    run("list", "create", "A", "--csv", numbers_csv).done()
    run("config", "set", "language", "es").done()
    rows = run("audit", "--json", "--limit", "2").done().json
    assert [row["action"] for row in rows] == ["configuration.change", "list.create"]
    assert rows[0]["details"] == {"language": ["", "es"]}
    assert rows[0]["from"] == "command line"
    only = run("audit", "--action", "list.", "--json").done().json
    assert [row["subject"] for row in only] == ["A"]
    assert run("audit", "--user", "nobody", "--json").done().json == []
    assert run("audit", "--to", "2020-01-01", "--json").done().json == []
    assert "language:  -> es" in run("audit", "--from", "2020-01-01").done().out
    run("audit", "--action", "ñ").refused("no action")
    run("audit", "--from", "yesterday").misused()


def test_settings_of_days_are_checked(run: Run) -> None:
    run("config", "set", "keep_days", "90").done()
    run("config", "set", "keep_days", "0").refused("number of days")
    run("config", "set", "log_events", "sending, trunks").done()
    assert run("config", "show", "--json").done().json["log_events"] == "trunks,sending"
    run("config", "set", "log_events", "everything").refused("no kind of event")
