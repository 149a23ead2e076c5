"""--deadline, and massivesms campaign discard."""

from __future__ import annotations

from pathlib import Path

import pytest

from massivesms.store.db import Database
from tests.cli.conftest import Run


@pytest.fixture
def offer(run: Run, numbers_csv: Path) -> str:
    """A paused campaign of three numbers with a deadline; its name."""
    run(
        *("campaign", "create", "Offer", "--message", "Hola", "--csv", numbers_csv),
        *("--deadline", "2030-07-01 20:00"),
    ).done()
    return "Offer"


def deadline(run: Run) -> str | None:
    found: str | None = run("campaign", "show", "Offer", "--json").json["deadline_at"]
    return found


def test_a_deadline_is_local_and_changed_later(run: Run, offer: str) -> None:
    assert deadline(run) == "2030-07-01T18:00:00+00:00"
    assert "deadline 2030-07-01 20:00" in run("campaign", "show", offer).out
    run("campaign", "set", offer, "--deadline", "2030-12-01 20:00").done()
    assert deadline(run) == "2030-12-01T19:00:00+00:00"
    run("campaign", "set", offer, "--deadline", "").done()
    assert deadline(run) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2030-07-01", "YYYY-MM-DD HH:MM"),
        ("tomorrow", "YYYY-MM-DD HH:MM"),
        ("2020-07-01 10:00", "passed already"),
        ("2030-01-01 08:00", "after the start"),
    ],
)
def test_a_deadline_without_sense_is_refused_in_words(
    run: Run, numbers_csv: Path, db: Database, text: str, words: str
) -> None:
    base = ("campaign", "create", "C", "--message", "x", "--csv", numbers_csv)
    ran = run(*base, "--start", "2030-01-01 09:00", "--deadline", text)
    ran.refused(words)
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM campaign WHERE id > 1") == 0


def test_what_is_not_sent_is_discarded_by_name(
    run: Run, offer: str, db: Database
) -> None:
    ran = run("campaign", "discard", offer)
    assert ran.code == 0
    assert ran.out == "Campaign Offer: 3 messages are being discarded.\n"
    assert "massivesms service start" in ran.err
    assert "already" in run("campaign", "discard", offer).out
    asked = run("campaign", "discard", offer, "--json").done().json
    assert asked == {"name": "Offer", "queued": 3, "service_running": False}
    with db.transaction() as tx:
        found = tx.rows("SELECT action FROM audit WHERE action = 'campaign.discard'")
    assert len(found) == 1
    assert run("campaign", "show", offer, "--json").json["state"] == "running"


def test_the_output_queue_is_not_discarded(run: Run) -> None:
    run("campaign", "discard", "Cola de salida").refused("one by one")
    run("campaign", "set", "Cola de salida", "--deadline", "2030-01-01 10:00").refused(
        "one by one"
    )
    run("campaign", "discard", "nobody").refused("no campaign")
