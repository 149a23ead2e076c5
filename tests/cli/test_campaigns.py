"""The campaign commands of the contract: forms, exit statuses, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massivesms.domain.states import MessageState
from massivesms.store import campaigns, claims, settlements, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.settlements import Settlement
from tests.cli.conftest import Run

STATES = {str(state) for state in MessageState}


@pytest.fixture
def offer(run: Run, numbers_csv: Path) -> str:
    """A paused campaign of three numbers; its name."""
    run("campaign", "create", "Offer", "--message", "Hola", "--csv", numbers_csv).done()
    return "Offer"


def test_a_campaign_is_created_paused_and_says_what_it_took(
    process: Run, numbers_csv: Path
) -> None:
    ran = process(
        *("campaign", "create", "Offer", "--message", "Hola", "--csv", numbers_csv)
    ).done()
    assert "Campaign Offer created, paused: 3 numbers, 1 duplicates, 1 refused" in (
        ran.out
    )
    assert "line 3: hello:" in ran.out
    assert "line 4: +34600111222:" in ran.out
    shown = process("campaign", "show", "Offer", "--json").done().json
    assert shown["state"] == "paused"


def test_show_has_name_state_counts_of_every_state_and_total(
    run: Run, offer: str
) -> None:
    shown = run("campaign", "show", offer, "--json").done().json
    assert set(shown["counts"]) == STATES
    assert (shown["name"], shown["state"], shown["total"]) == ("Offer", "paused", 3)
    assert {s: n for s, n in shown["counts"].items() if n} == {"queued": 3}


def test_messages_are_one_json_object_a_line(process: Run, offer: str) -> None:
    found = process("campaign", "messages", offer, "--json").done().json_lines
    assert [set(m) for m in found] == [
        {
            *("id", "number", "state", "text", "segments", "trunk"),
            *("smsc_message_ids", "result", "sent_at"),
        }
    ] * 3
    first = found[0]
    assert isinstance(first.pop("id"), int)
    assert first == {
        "number": "+34600111222",
        "state": "queued",
        "text": "Hola",
        "segments": 1,
        "trunk": None,
        "smsc_message_ids": [],
        "result": "",
        "sent_at": None,
    }


def test_a_sent_message_shows_trunk_ids_and_the_moment_in_utc(
    run: Run, offer: str, db: Database
) -> None:
    with db.transaction() as tx:
        draft = trunks.TrunkDraft("Exit", "script", settings={"script": "x"})
        trunk_id = trunks.create(tx, draft, Actor("test"))
        campaign_id = campaigns.by_name(tx, offer)["id"]
        ours = claims.claim(
            tx, claims.candidates(tx, campaign_id, 0, 1), trunk_id, token=7
        )
        settled = [
            Settlement(c.message_id, campaign_id, 1, "submitted", ids=["A1"])
            for c in ours
        ]
        settlements.settle(tx, settled, trunk_id, 7)
    [sent] = (
        run("campaign", "messages", offer, "--state", "submitted", "--json")
        .done()
        .json_lines
    )
    assert (sent["trunk"], sent["smsc_message_ids"]) == ("Exit", ["A1"])
    assert sent["sent_at"].endswith("+00:00")
    shown = run("campaign", "show", offer, "--json").json
    assert (shown["counts"]["submitted"], shown["counts"]["queued"]) == (1, 2)


def test_messages_can_be_of_one_state(run: Run, offer: str) -> None:
    queued = run("campaign", "messages", offer, "--state", "queued", "--json").done()
    assert len(queued.json_lines) == 3
    assert run("campaign", "messages", offer, "--state", "failed").done().out == ""
    run("campaign", "messages", offer, "--state", "nonsense").misused("nonsense")


def test_stop_and_resume_change_the_state(run: Run, offer: str) -> None:
    run("campaign", "resume", offer).done()
    assert run("campaign", "show", offer, "--json").json["state"] == "running"
    run("campaign", "stop", offer).done()
    assert run("campaign", "show", offer, "--json").json["state"] == "paused"


def test_a_removed_campaign_is_gone_and_its_name_is_free(
    run: Run, offer: str, numbers_csv: Path
) -> None:
    run("campaign", "remove", offer).done()
    run("campaign", "show", offer).refused("no campaign called Offer")
    made = ("--message", "Hola", "--csv", numbers_csv, "--again")
    run("campaign", "create", offer, *made).done()


def test_the_list_of_campaigns_has_their_counts(run: Run, offer: str) -> None:
    found = run("campaign", "list", "--json").done().json
    by_name = {campaign["name"]: campaign for campaign in found}
    assert by_name[offer]["counts"]["queued"] == 3
    table = run("campaign", "list").done().out
    assert "Offer" in table and "paused" in table


def test_the_output_queue_is_listed_and_cannot_be_removed(run: Run) -> None:
    [queue] = run("campaign", "list", "--json").done().json
    assert queue["state"] == "running"
    run("campaign", "remove", queue["name"]).refused("always needed")


@pytest.mark.parametrize(
    ("options", "state"),
    [
        pytest.param(["--run"], "running", id="run"),
        pytest.param([], "paused", id="paused unless told"),
        pytest.param(["--run", "--start", "2999-01-01 09:00"], "pending", id="later"),
    ],
)
def test_a_campaign_begins_as_asked(
    run: Run, numbers_csv: Path, options: list[str], state: str
) -> None:
    base = ("campaign", "create", "C", "--message", "Hola", "--csv", numbers_csv)
    run(*base, *options).done()
    assert run("campaign", "show", "C", "--json").json["state"] == state


def test_a_start_in_the_past_is_said_and_allowed(run: Run, numbers_csv: Path) -> None:
    ran = run(
        *("campaign", "create", "C", "--message", "Hola", "--csv", numbers_csv),
        *("--run", "--start", "2001-01-01 09:00"),
    )
    assert ran.code == 0
    assert "in the past" in ran.err
    assert run("campaign", "show", "C", "--json").json["state"] == "running"


def test_the_schedule_is_in_the_configured_time_zone(
    run: Run, numbers_csv: Path
) -> None:
    run(
        *("campaign", "create", "C", "--message", "Hola", "--csv", numbers_csv),
        *("--start", "2999-07-01 09:00", "--hours", "22:00-06:00"),
    ).done()
    shown = run("campaign", "show", "C", "--json").json
    assert shown["start_at"] == "2999-07-01T07:00:00+00:00"
    assert shown["hours"] == "22:00-06:00"


def test_a_file_may_bring_a_text_for_each_row(
    run: Run, tmp_path: Path, spain: None
) -> None:
    file = tmp_path / "own.csv"
    long = "ñ€" * 80
    file.write_text(
        f"number;message\n600111222;Hola Ana\n600111223;{long}\n600111224;\n"
    )
    run("campaign", "create", "C", "--message", "Todos", "--csv", file).done()
    found = run("campaign", "messages", "C", "--json").json_lines
    assert [(m["text"], m["segments"]) for m in found] == [
        ("Hola Ana", 1),
        (long, 2),
        ("Todos", 1),
    ]


def test_a_list_gives_its_included_numbers(run: Run, numbers_csv: Path) -> None:
    run("list", "create", "Customers", "--csv", numbers_csv).done()
    run("list", "exclude", "Customers", "600111223").done()
    run("campaign", "create", "C", "--message", "Hola", "--list", "Customers").done()
    found = run("campaign", "messages", "C", "--json").json_lines
    assert [m["number"] for m in found] == ["+34600111222", "+34600111224"]


TWELVE_SEGMENTS = "a" * 153 * 10 + "b"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--trunk", "None"], ["no trunk called None"], id="trunk"),
        pytest.param(["--hours", "9-20"], ["hours", "HH:MM-HH:MM"], id="bad hours"),
        pytest.param(["--hours", "09:00-09:00"], ["end when they start"], id="equal"),
        pytest.param(["--hours", "25:00-26:00"], ["HH:MM-HH:MM"], id="hour 25"),
        pytest.param(["--start", "tomorrow"], ["YYYY-MM-DD HH:MM"], id="bad start"),
        pytest.param(["--start", "2026-02-30 10:00"], ["YYYY-MM-DD"], id="no day"),
        pytest.param(["--sender", "TwelveLetter"], ["12 characters"], id="sender"),
        pytest.param(["--sender", "1" * 15], ["15 digits"], id="sender digits"),
        pytest.param(["--message", TWELVE_SEGMENTS], ["text", "10"], id="segments"),
        pytest.param(["--message", "a\0b"], ["text"], id="NUL"),
        pytest.param(["--message", " "], ["text"], id="blank"),
    ],
)
def test_a_bad_draft_is_refused_in_words_and_nothing_is_written(
    run: Run, numbers_csv: Path, options: list[str], words: list[str]
) -> None:
    base = ("campaign", "create", "Bad", "--message", "Hola", "--csv", numbers_csv)
    run(*base, *options).refused(*words)
    run("campaign", "show", "Bad").refused("no campaign called Bad")


def test_two_problems_are_one_line(run: Run, numbers_csv: Path) -> None:
    base = ("campaign", "create", " ", "--message", "Hola", "--csv", numbers_csv)
    run(*base, "--sender", "TwelveLetter").refused("name:", "sender_id:")


def test_a_name_that_is_taken_is_refused(
    run: Run, offer: str, numbers_csv: Path
) -> None:
    made = ("--message", "x", "--csv", numbers_csv, "--again")
    again = run("campaign", "create", offer, *made)
    again.refused("already a campaign called Offer")
    assert len(run("campaign", "list", "--json").json) == 2


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["show", "None"], id="show"),
        pytest.param(["messages", "None"], id="messages"),
        pytest.param(["stop", "None"], id="stop"),
        pytest.param(["resume", "None"], id="resume"),
        pytest.param(["remove", "None"], id="remove"),
    ],
)
def test_an_unknown_campaign_is_refused(run: Run, words: list[str]) -> None:
    run("campaign", *words).refused("no campaign called None")


def test_an_unknown_list_is_refused(run: Run, spain: None) -> None:
    ran = run("campaign", "create", "C", "--message", "x", "--list", "None")
    ran.refused("no list called None")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="neither file nor list"),
        pytest.param(["--csv", "a", "--list", "b"], id="both"),
        pytest.param(["--list", "b", "--sheet", "x"], id="sheet of a list"),
        pytest.param(["--list", "b", "--again"], id="list again"),
        pytest.param(["--nonsense"], id="unknown option"),
        pytest.param(["--csv"], id="no value"),
    ],
)
def test_wrong_usage_is_exit_status_2(run: Run, options: list[str]) -> None:
    run("campaign", "create", "C", "--message", "x", *options).misused()


def test_a_campaign_of_more_than_a_page_is_shown_whole(
    run: Run, tmp_path: Path, spain: None
) -> None:
    file = tmp_path / "many.csv"
    file.write_text("\n".join(f"6{n:08}" for n in range(2500)))
    run("campaign", "create", "Many", "--message", "Hola", "--csv", file).done()
    lines = run("campaign", "messages", "Many", "--json").done().out.splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == 2500


@pytest.mark.parametrize("start", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_start_at_the_ends_of_the_calendar_makes_no_traceback(
    run: Run, numbers_csv: Path, start: str
) -> None:
    run("config", "set", "time_zone", "America/Santiago").done()
    base = ("campaign", "create", "C", "--message", "Hola", "--csv", numbers_csv)
    ran = run(*base, "--start", start)
    assert ran.code in (0, 1)
    assert "Traceback" not in ran.err


def test_policy_and_priority_are_given_and_changed_while_it_runs(
    run: Run, numbers_csv: Path
) -> None:
    run(
        *("campaign", "create", "C", "--message", "x", "--csv", numbers_csv),
        *("--in-doubt", "resend", "--priority", "high", "--run"),
    ).done()
    shown = run("campaign", "show", "C", "--json").json
    assert (shown["in_doubt"], shown["priority"]) == ("resend", "high")
    run("campaign", "set", "C", "--in-doubt", "assume_sent").done()
    run("campaign", "set", "C", "--priority", "low").done()
    shown = run("campaign", "show", "C", "--json").json
    assert (shown["in_doubt"], shown["priority"]) == ("assume_sent", "low")


def test_unless_asked_a_person_decides_and_the_priority_is_normal(
    run: Run, numbers_csv: Path
) -> None:
    run("campaign", "create", "C", "--message", "x", "--csv", numbers_csv).done()
    shown = run("campaign", "show", "C", "--json").json
    assert (shown["in_doubt"], shown["priority"]) == ("hold", "normal")


@pytest.mark.parametrize(
    "words", [[], ["--in-doubt", "guess"], ["--priority", "urgent"]]
)
def test_a_change_without_sense_is_wrong_usage(run: Run, words: list[str]) -> None:
    run("campaign", "set", "C", *words).misused()


def test_the_output_queue_keeps_its_priority(run: Run) -> None:
    ran = run("campaign", "set", "Cola de salida", "--priority", "low")
    ran.refused("always goes first")
