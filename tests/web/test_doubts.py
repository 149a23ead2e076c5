"""Messages in doubt: what can be decided, and that nothing is decided by itself."""

from __future__ import annotations

import pytest

from massivesms.domain.campaigns import Draft
from massivesms.store import audit, campaigns, messages
from massivesms.store.audit import Actor
from massivesms.store.counts import Changes
from massivesms.store.db import Database
from massivesms.store.messages import NewMessage
from tests.web.browser import Browser


@pytest.fixture
def in_doubt(client: Browser, db: Database) -> str:
    """The address of the decision about two messages of a campaign."""
    with db.transaction() as tx:
        campaign_id = campaigns.create(tx, Draft("Rebajas", "Hola"), Actor("ana"))
        numbers = ["+34600000001", "+34600000002"]
        rows = [NewMessage(number, True, 1) for number in numbers]
        messages.enqueue(tx, campaign_id, rows)
        tx.execute("UPDATE message SET state = 'in_doubt', trunk_id = 1")
        changes = Changes()
        changes.add(campaign_id, "queued", 0, -2, -2)
        changes.add(campaign_id, "in_doubt", 1, 2, 2)
        changes.write(tx)
    return f"/campaigns/{campaign_id}/doubts"


def counts(db: Database, address: str) -> dict[str, int]:
    with db.transaction() as tx:
        found = campaigns.by_id(tx, int(address.split("/")[2]))
    assert found
    return dict(found["counts"])


def test_both_decisions_say_what_they_may_mean(client: Browser, in_doubt: str) -> None:
    text = client.page(in_doubt).text
    assert "2 messages left without an answer" in text
    assert "will never get it" in text and "gets it twice" in text


def test_home_and_the_campaign_lead_there(client: Browser, in_doubt: str) -> None:
    assert in_doubt in client.page("/").links
    assert in_doubt in client.page(in_doubt.removesuffix("/doubts")).links


@pytest.mark.parametrize(
    ("decision", "becomes"), [("resend", "queued"), ("assume_sent", "submitted")]
)
def test_a_decision_is_carried_out_and_written_down(
    client: Browser, db: Database, in_doubt: str, decision: str, becomes: str
) -> None:
    client.send(in_doubt, {"decision": decision})
    assert counts(db, in_doubt) == {becomes: 2}
    with db.transaction() as tx:
        assert audit.latest(tx, limit=1)[0]["action"] == f"campaign.{decision}"


def test_a_strange_decision_decides_nothing(
    client: Browser, db: Database, in_doubt: str
) -> None:
    assert client.send(in_doubt, {"decision": "guess"}).status_code == 400
    assert counts(db, in_doubt) == {"in_doubt": 2}


def test_without_doubts_one_is_led_back(client: Browser, in_doubt: str) -> None:
    client.send(in_doubt, {"decision": "assume_sent"})
    assert client.get(in_doubt).location == in_doubt.removesuffix("/doubts")
