"""The trunk commands: settings, secrets that never come out, scripts that may run."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store import trunks
from massivesms.store.db import Database
from tests.cli.conftest import Run
from tests.fakes.modem.server import Modem

SMPP = ("--set", "host=smpp.example.net", "--set", "system_id=ana")


@pytest.fixture
def exit_trunk(run: Run) -> str:
    run(
        "trunk", "add", "Exit", "--type", "smpp", *SMPP, "--set", "password=s3cret"
    ).done()
    return "Exit"


def test_an_smpp_trunk_is_added_listed_shown_and_removed(process: Run) -> None:
    process(
        *("trunk", "add", "Exit", "--type", "smpp", *SMPP),
        *("--set", "port=2776", "--set", "password=s3cret", "--set", "bind_mode=trx"),
        *("--set", "window=5", "--set", "tls=yes", "--set", "receipts=no"),
        *("--set", "system_type=VMA", "--priority", "3", "--sender", "Pyme"),
        *("--append-country-code", "--rate", "12.5", "--inactive"),
    ).done()
    [listed] = process("trunk", "list", "--json").done().json
    shown = process("trunk", "show", "Exit", "--json").done().json
    assert listed == shown
    wanted = {
        "name": "Exit",
        "type": "smpp",
        "active": False,
        "priority": 3,
        "sender": "Pyme",
        "append_country_code": True,
        "rate": 12.5,
        "state": "off",
    }
    assert {key: shown[key] for key in wanted} == wanted
    assert shown["settings"]["bind_mode"] == "transceiver"
    assert shown["settings"]["port"] == "2776"
    assert shown["receipt_ids_found"] is None
    process("trunk", "remove", "Exit").done()
    process("trunk", "show", "Exit").refused("no trunk called Exit")


def test_how_its_receipts_write_ids_is_shown(
    run: Run, exit_trunk: str, db: Database
) -> None:
    with db.transaction() as tx:
        trunk_id = trunks.by_name(tx, exit_trunk)["id"]
        tx.execute(
            "INSERT INTO receipt_id_form (trunk_id, form, receipts, found_at)"
            " VALUES (%s, '10.0>16.8', 128, UTC_TIMESTAMP(3))",
            (trunk_id,),
        )
    words = "decimal, answers hexadecimal"
    assert f"{words}; from 128 receipts" in run("trunk", "show", exit_trunk).done().out
    shown = run("trunk", "show", exit_trunk, "--json").done().json
    found = {"form": "10.0>16.8", "words": words, "receipts": 128}
    assert shown["receipt_ids_found"] == found


def test_a_modem_is_added_and_tried_out(run: Run) -> None:
    with Modem() as modem:
        port = f"port={modem.path}"
        run("trunk", "add", "Stick", "--type", "modem", "--set", port).done()
        said = run("trunk", "test", "Stick").done().out
        assert "huawei E173" in said
        assert "in the network of Movistar" in said


def test_a_password_is_stored_encrypted_and_never_shown(
    run: Run, exit_trunk: str, db: Database
) -> None:
    said = "".join(
        run("trunk", *words).done().out
        for words in (["list"], ["show", exit_trunk], ["show", exit_trunk, "--json"])
    )
    assert "s3cret" not in said
    with db.transaction() as tx:
        row = trunks.by_name(tx, exit_trunk)
        audited = str(tx.rows("SELECT * FROM audit"))
    assert b"s3cret" not in row["secrets"]
    assert "s3cret" not in str(row["settings"]) + audited


def test_a_trunk_is_disabled_and_enabled(run: Run, exit_trunk: str) -> None:
    run("trunk", "disable", exit_trunk).done()
    assert run("trunk", "show", exit_trunk, "--json").json["state"] == "off"
    run("trunk", "enable", exit_trunk).done()
    assert run("trunk", "show", exit_trunk, "--json").json["active"] is True


def test_a_setting_is_changed_and_the_password_kept(
    run: Run, exit_trunk: str, db: Database
) -> None:
    run("trunk", "set", exit_trunk, "port=2800", "window=20").done()
    shown = run("trunk", "show", exit_trunk, "--json").json
    assert (shown["settings"]["port"], shown["settings"]["window"]) == ("2800", "20")
    again = run("trunk", "set", exit_trunk, "port=x").refused("port", "65535")
    assert "s3cret" not in again.err


def test_a_new_password_mends_a_trunk_whose_key_file_is_lost(
    run: Run, exit_trunk: str, config: Config
) -> None:
    config.secret_key_file.unlink()
    run("trunk", "set", exit_trunk, "port=2800").refused("another key file")
    run("trunk", "set", exit_trunk, "password=newone").done()
    run("trunk", "set", exit_trunk, "port=2800").done()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--type", "carrier-pigeon"], ["smpp", "script"], id="type"),
        pytest.param(["--type", "smpp"], ["host is missing"], id="missing"),
        pytest.param(
            ["--type", "smpp", *SMPP, "--set", "x=1"], ["x"], id="unknown key"
        ),
        pytest.param(["--type", "smpp", *SMPP, "--set", "port=0"], ["port"], id="port"),
        pytest.param(
            ["--type", "smpp", *SMPP, "--set", "password=" + "p" * 65],
            ["password", "64"],
            id="long password",
        ),
        pytest.param(
            ["--type", "smpp", *SMPP, "--sender", "TwelveLetter"],
            ["sender_id", "12 characters"],
            id="sender",
        ),
        pytest.param(
            ["--type", "smpp", *SMPP, "--priority", "0"], ["1 (best)"], id="priority"
        ),
        pytest.param(["--type", "smpp", *SMPP, "--rate", "nan"], ["speed"], id="nan"),
        pytest.param(["--type", "smpp", *SMPP, "--rate", "0"], ["speed"], id="rate 0"),
        pytest.param(
            ["--type", "script", "--set", "script=none.sh"], ["no script"], id="missing"
        ),
        pytest.param(
            ["--type", "script", "--set", "script=../x"], ["no name"], id="path"
        ),
    ],
)
def test_a_bad_trunk_is_refused_and_not_stored(
    run: Run, options: list[str], words: list[str]
) -> None:
    run("trunk", "add", "Bad", *options).refused(*words)
    assert run("trunk", "list", "--json").json == []


@pytest.mark.parametrize("length", [80, 81, 200])
def test_a_name_as_long_as_the_database_allows_is_taken(run: Run, length: int) -> None:
    ran = run("trunk", "add", "x" * length, "--type", "smpp", *SMPP)
    if length <= 80:
        ran.done()
    else:
        ran.refused("name", "80 are the most")


def test_a_name_that_is_taken_is_refused(run: Run, exit_trunk: str) -> None:
    again = run("trunk", "add", exit_trunk, "--type", "smpp", *SMPP)
    again.refused("already a trunk called Exit")


@pytest.mark.parametrize("verb", ["show", "enable", "disable", "remove", "test", "set"])
def test_an_unknown_trunk_is_refused(run: Run, verb: str) -> None:
    more = ["port=1"] if verb == "set" else []
    run("trunk", verb, "None", *more).refused("no trunk called None")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["add", "T"], id="no type"),
        pytest.param(["add", "T", "--type", "smpp", "--set", "host"], id="no ="),
        pytest.param(["add", "T", "--type", "smpp", "--priority", "x"], id="priority"),
        pytest.param(["fly"], id="verb"),
        pytest.param(["show"], id="no name"),
    ],
)
def test_wrong_usage_is_exit_status_2(run: Run, words: list[str]) -> None:
    run("trunk", *words).misused()


def test_a_trunk_that_a_campaign_needs_is_kept(
    run: Run, exit_trunk: str, numbers_csv: Path
) -> None:
    run(
        *("campaign", "create", "C", "--message", "x", "--csv", numbers_csv),
        *("--trunk", exit_trunk),
    ).done()
    run("trunk", "remove", exit_trunk).refused("campaign C")


# --- scripts ---------------------------------------------------------------


def test_a_script_trunk_is_added_and_tried(process: Run, script: str) -> None:
    process("trunk", "add", "S", "--type", "script", "--set", f"script={script}").done()
    tried = process("trunk", "test", "S", "--json").done().json
    assert tried["passed"] is True
    assert any("0;sent" in step for step in tried["steps"])


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        pytest.param(0o644, ["not executable", "chmod 755"], id="not executable"),
        pytest.param(0o777, ["changed by others"], id="writable by all"),
        pytest.param(None, ["link or no regular file"], id="symlink"),
    ],
)
def test_a_script_that_may_not_run_is_refused(
    run: Run, config: Config, script: str, mode: int | None, words: list[str]
) -> None:
    file = config.scripts_dir / "other.sh"
    if mode is None:
        file.symlink_to(script)
    else:
        file.write_text("#!/bin/sh\n")
        file.chmod(mode)
    ran = run("trunk", "add", "S", "--type", "script", "--set", "script=other.sh")
    ran.refused(*words)


def test_a_script_that_goes_away_is_said_by_the_test(
    run: Run, config: Config, script: str
) -> None:
    run("trunk", "add", "S", "--type", "script", "--set", f"script={script}").done()
    (config.scripts_dir / script).unlink()
    tried = run("trunk", "test", "S", "--json")
    tried.refused("no script")
    assert tried.json["passed"] is False


def test_a_server_that_refuses_is_said_by_the_test(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        port = taken.getsockname()[1]
        run(
            *("trunk", "add", "T", "--type", "smpp", "--set", "host=127.0.0.1"),
            *("--set", f"port={port}", "--set", "system_id=a"),
        ).done()
        run("trunk", "test", "T").refused("refuses the connection")


# --- limits ----------------------------------------------------------------


def test_limits_numbers_and_cost_are_given_changed_and_taken_away(run: Run) -> None:
    run(
        *("trunk", "add", "T", "--type", "smpp", *SMPP, "--cap-minute", 10),
        *("--cap-day", 500, "--prefixes", "34, !34900", "--cost", "0,035"),
    ).done()
    shown = run("trunk", "show", "T", "--json").json
    assert shown["caps"] == {"minute": 10, "day": 500}
    assert (shown["prefixes"], shown["cost"]) == ("34,!34900", 0.035)
    run("trunk", "set", "T", "--cap-minute", 0, "--cap-month", 9000).done()
    run("trunk", "set", "T", "--prefixes", "", "--cap-day", "").done()
    shown = run("trunk", "show", "T", "--json").json
    assert (shown["caps"], shown["prefixes"]) == ({"month": 9000}, "")
    assert shown["cost"] == 0.035
    run("trunk", "set", "T", "--cost", "").done()
    shown = run("trunk", "show", "T", "--json").json
    assert (shown["cost"], shown["caps"]) == (None, {"month": 9000})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--cap-day", "0"], ["cap_day", "turn the trunk off"], id="0"),
        pytest.param(["--cap-hour", "-1"], ["cap_hour"], id="negative"),
        pytest.param(
            ["--cap-minute", "60", "--cap-hour", "50"],
            ["60 segments a minute", "50 an hour"],
            id="never reached",
        ),
        pytest.param(["--cost", "-0.1"], ["cost"], id="negative cost"),
        pytest.param(["--cost", "0.00001"], ["four decimals"], id="fine cost"),
        pytest.param(["--cost", "cheap"], ["cost"], id="no number"),
        pytest.param(["--prefixes", "34,x"], ["x is no beginning"], id="prefix"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    run: Run, options: list[str], words: list[str]
) -> None:
    run("trunk", "add", "Bad", "--type", "smpp", *SMPP, *options).refused(*words)
    assert run("trunk", "list", "--json").json == []


def test_a_change_is_held_to_the_limits_that_stay(run: Run, exit_trunk: str) -> None:
    run("trunk", "set", exit_trunk, "--cap-hour", 100).done()
    ran = run("trunk", "set", exit_trunk, "--cap-minute", 101)
    ran.refused("101 segments a minute", "100 an hour")


@pytest.mark.parametrize("words", [[], ["--cap-day", "many"]])
def test_a_change_of_nothing_is_wrong_usage(
    run: Run, exit_trunk: str, words: list[str]
) -> None:
    run("trunk", "set", exit_trunk, *words).misused()
