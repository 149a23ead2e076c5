"""`massivesms campaign doubts`: a person decides about messages in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from massivesms.store import campaigns, claims, doubts, settlements, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.settlements import Settlement
from tests.cli.conftest import Run


@pytest.fixture
def doubtful(run: Run, numbers_csv: Path, db: Database) -> str:
    """A campaign of three messages, two of them in doubt; its name."""
    run("campaign", "create", "C", "--message", "Hola", "--csv", numbers_csv).done()
    with db.transaction() as tx:
        draft = trunks.TrunkDraft("Exit", "script", settings={"script": "x"})
        trunk_id = trunks.create(tx, draft, Actor("test"))
        made = campaigns.by_name(tx, "C")["id"]
        ours = claims.claim(tx, claims.candidates(tx, made, 0, 2), trunk_id, token=7)
        settled = [
            Settlement(c.message_id, made, 1, "in_doubt", code="answer_timeout")
            for c in ours
        ]
        settlements.settle(tx, settled, trunk_id, 7)
    return "C"


@pytest.mark.parametrize(
    ("decision", "counts"),
    [
        ("resend", {"queued": 3}),
        ("assume_sent", {"queued": 1, "submitted": 2}),
    ],
)
def test_all_messages_in_doubt_follow_the_decision(
    run: Run, doubtful: str, decision: str, counts: dict[str, int]
) -> None:
    before = run("campaign", "messages", doubtful, "--state", "in_doubt", "--json")
    assert len(before.json_lines) == 2
    assert all("did not answer" in m["result"] for m in before.json_lines)
    assert "2 messages" in run("campaign", "doubts", doubtful, decision).done().out
    shown = run("campaign", "show", doubtful, "--json").json
    assert {state: n for state, n in shown["counts"].items() if n} == counts
    assert "0 messages" in run("campaign", "doubts", doubtful, decision).done().out


def test_another_decision_is_wrong_usage(run: Run, doubtful: str) -> None:
    run("campaign", "doubts", doubtful, "forget").misused("resend")
    run("campaign", "doubts", "None", "resend").refused("no campaign called None")


def test_what_is_in_doubt_is_listed_with_what_is_known(
    run: Run, doubtful: str, db: Database
) -> None:
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO receipt (trunk_id, smsc_message_id, number, state,"
            " received_at) SELECT trunk_id, 'R1', number, 'delivered',"
            " UTC_TIMESTAMP(3) FROM message WHERE state = 'in_doubt' LIMIT 1"
        )
    of_one = run("campaign", "doubts", doubtful, "--json").done().json_lines
    of_all = run("doubts", "--json").done().json_lines
    assert of_one == of_all and len(of_one) == 2
    first, second = of_one
    wanted = {
        "campaign": "C",
        "number": "+34600111222",
        "text": "Hola",
        "segments": 1,
        "answered": 0,
        "trunk": "Exit",
    }
    assert {key: first[key] for key in wanted} == wanted
    assert first["sent_at"] is not None and "did not answer" in first["result"]
    assert first["receipt"]["state"] == "delivered"
    assert second["receipt"] is None
    assert "+34600111222" in run("doubts").done().out


def test_only_the_named_messages_are_settled(run: Run, doubtful: str) -> None:
    first, second = run("doubts", "--json").json_lines
    ran = run("campaign", "doubts", doubtful, "resend", "--message", first["id"])
    assert "1 messages" in ran.done().out
    assert [m["id"] for m in run("doubts", "--json").json_lines] == [second["id"]]
    again = run("campaign", "doubts", doubtful, "resend", "--message", first["id"])
    again.refused("none of these messages")


def test_many_are_settled_in_batches_with_progress_in_words(
    run: Run, doubtful: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "BATCH", 1)
    monkeypatch.setattr("massivesms.commands.doubts.TOLD_EVERY", 1)
    ran = run("campaign", "doubts", doubtful, "assume_sent")
    assert (ran.code, ran.out) == (0, "Campaign C: 2 messages settled.\n")
    assert ran.err == "1 of 2 messages settled ...\n2 of 2 messages settled ...\n"


def test_messages_without_a_decision_are_wrong_usage(run: Run, doubtful: str) -> None:
    run("campaign", "doubts", doubtful, "--message", 1).misused("assume_sent")


def test_without_doubts_nothing_is_listed(run: Run, db: Database) -> None:
    assert run("doubts").done().out == ""
