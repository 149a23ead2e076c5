"""On the command line a text stays as it is, unless it is asked to be made cheaper."""

from __future__ import annotations

from pathlib import Path

import pytest

from massivesms.store import campaigns
from massivesms.store.db import Database
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("asked", "stored", "said"),
    [
        ((), "“Está”", ""),
        (("--characters", "marks"), "“Está”", ""),
        (("--characters", "letters"), '"Esta"', "Replaced in the message: “ → "),
    ],
    ids=["not-asked", "marks", "letters"],
)
def test_a_campaign_has_its_text_as_asked(
    run: Run,
    numbers_csv: Path,
    db: Database,
    asked: tuple[str, ...],
    stored: str,
    said: str,
) -> None:
    source = ("--csv", numbers_csv, "--message", "“Está”")
    ran = run("campaign", "create", "Offer", *source, *asked)
    assert ran.code == 0 and ran.err.startswith(said) and bool(ran.err) == bool(said)
    with db.transaction() as tx:
        assert campaigns.by_name(tx, "Offer")["text"] == stored


def test_a_single_message_too(run: Run, db: Database, numbers_csv: Path) -> None:
    ran = run(
        "send", "600111222", "l’hora…", "--queue", "--characters", "marks", "--json"
    )
    assert ran.code == 0 and "’ → '" in ran.err
    assert ran.json["text"] == "l'hora..."
