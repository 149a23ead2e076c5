"""`massivesms campaign doubts`: a person decides about messages in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from massivesms.store import campaigns, claims, trunks
from massivesms.store.audit import Actor
from massivesms.store.claims import Settlement
from massivesms.store.db import Database
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
        claims.settle(tx, settled, trunk_id, 7)
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
