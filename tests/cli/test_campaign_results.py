"""What came of a campaign, on the command line: beside the counts, as a key more."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from massivesms.domain.number_plan import NumberPlan
from massivesms.store import campaigns, receipts
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from tests.cli.conftest import Run
from tests.store import examples


@pytest.fixture
def offer(run: Run, numbers_csv: Path, db: Database) -> str:
    """Three numbers: one delivered, one refused, one waiting; and a row not taken."""
    source = ("--csv", numbers_csv, "--message", "Hola")
    run("campaign", "create", "Offer", *source).done()
    with db.transaction() as tx:
        campaign_id = campaigns.by_name(tx, "Offer")["id"]
        trunk_id = examples.trunk(tx, cost_per_segment=Decimal("0.0450"))
        ours = examples.claim(tx, campaign_id, trunk_id)
        examples.settle(tx, ours, trunk_id, "submitted", ids=("ID1",))
        ours = examples.claim(tx, campaign_id, trunk_id)
        examples.settle(tx, ours, trunk_id, "rejected", code="smpp_0000000B")
        plan = NumberPlan("34", (), 9, 9)
        receipts.record(tx, trunk_id, [Receipt("ID1", "delivered")], plan)
    return "Offer"


def test_the_figures_have_a_key_of_their_own(run: Run, offer: str) -> None:
    shown = run("campaign", "show", offer, "--json").done().json
    assert shown["total"] == 3 and shown["counts"]["delivered"] == 1
    found = shown["results"]
    assert found["total"] == 4  # with the row that was not taken
    assert found["sent"] == {
        "messages": 1,
        "segments": 1,
        "percent": 25.0,
        "of_which": {
            "delivered": 1,
            **dict.fromkeys(("accepted", "undelivered", "expired", "rejected"), 0),
        },
    }
    assert found["failed"]["of_which"] == {"refused": 1, "not_sent": 0}
    assert found["ignored"]["of_which"]["invalid_number"] == 1
    assert found["no_answer"] == {"messages": 0, "segments": 0, "percent": 0.0}
    assert found["billed"] == {"messages": 1, "segments": 1}
    assert (found["cost"], found["without_price"]) == ("0.0450", [])


def test_trunks_and_reasons_are_told(run: Run, offer: str) -> None:
    found = run("campaign", "show", offer, "--json").done().json["results"]
    (trunk,) = found["trunks"]
    assert trunk == {
        "trunk": "Exit",
        "messages": 2,
        "sent": 1,
        "delivered": 1,
        "billed_segments": 1,
        "cost": "0.0450",
    }
    (reason,) = found["reasons"]
    assert (reason["code"], reason["messages"]) == ("smpp_0000000B", 1)
    assert reason["words"] == "The operator does not know this number."


def test_people_read_lines(run: Run, offer: str) -> None:
    said = run("campaign", "show", offer).done().out
    assert "Sent" in said and "25.0 %  (Delivered 1)" in said
    assert "billed 1 messages, 1 segments, cost 0.0450" in said
    assert "The operator does not know this number." in said


def test_a_trunk_without_price_is_named(run: Run, offer: str, db: Database) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE trunk SET cost_per_segment = NULL")
    said = run("campaign", "show", offer).done().out
    assert "cost" not in said and "no price is known of Exit" in said
