"""What a campaign will do, on the command line, before it does it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from massivesms.store.db import Database
from tests.cli.conftest import Run
from tests.store import examples


@pytest.fixture
def offer(run: Run, numbers_csv: Path, db: Database) -> str:
    """Three numbers, and a trunk of ten segments a second."""
    source = ("--csv", numbers_csv, "--message", "a" * 200)
    run("campaign", "create", "Offer", *source).done()
    with db.transaction() as tx:
        examples.trunk(tx, cost_per_segment=Decimal("0.0450"), rate_per_s=10)
    return "Offer"


def test_cost_and_end_are_shown(run: Run, offer: str) -> None:
    out = run("campaign", "preview", offer).done().out
    assert "Offer: 3 messages, 6 segments, cost 0.2700" in out
    assert "Exit: 3 messages, 6 segments, cost 0.2700" in out
    assert "longest: 2 segments, to +34" in out
    assert "Started now, it is done" in out


def test_the_same_as_json(run: Run, offer: str) -> None:
    shown = run("campaign", "preview", offer, "--json").done().json
    assert (shown["messages"], shown["segments"], shown["cost"]) == (3, 6, "0.2700")
    assert shown["trunks"][0]["trunks"] == ["Exit"]
    assert shown["longest"]["text"] == "a" * 200
    assert (shown["without_price"], shown["estimated_from"]) == ([], None)
    assert shown["warning"] is None


def test_a_campaign_that_is_not_there_is_refused(run: Run) -> None:
    run("campaign", "preview", "None").refused("There is no campaign called None")


def test_the_output_queue_has_no_preview(run: Run) -> None:
    run("campaign", "preview", "Cola de salida").misused("output queue")
