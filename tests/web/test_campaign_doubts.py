"""Messages in doubt: nothing decides about them but a person."""

from __future__ import annotations

import pytest

from massivesms.domain.campaigns import Draft
from massivesms.store import campaigns, claims, counts, messages
from massivesms.store.audit import Actor
from massivesms.store.claims import Settlement
from massivesms.store.db import Database
from massivesms.store.messages import NewMessage
from tests.web.browser import Browser

TOKEN, TRUNK = 77, 5


@pytest.fixture
def doubtful(db: Database, actor: Actor) -> int:
    """A campaign of three messages, two of them in doubt."""
    with db.transaction() as tx:
        campaign_id = campaigns.create(tx, Draft("Mayo", "Hola", paused=False), actor)
        new = [NewMessage(f"+3460011122{n}", False, 1) for n in range(3)]
        messages.enqueue(tx, campaign_id, new)
        wanted = claims.candidates(tx, campaign_id, 0, 2)
        claims.claim(tx, wanted, TRUNK, TOKEN)
        settled = [
            Settlement(c.message_id, campaign_id, 1, "in_doubt", code="answer_timeout")
            for c in wanted
        ]
        claims.settle(tx, settled, TRUNK, TOKEN)
    return campaign_id


def _counts(db: Database, campaign_id: int) -> dict[str, int]:
    with db.transaction() as tx:
        return {s: n for s, (n, _) in counts.by_state(tx, campaign_id).items()}


def test_the_page_says_how_many_are_in_doubt_and_why(
    client: Browser, doubtful: int
) -> None:
    page = client.page(f"/campaigns/{doubtful}/doubts")
    assert "2 messages left this server" in page.text
    assert "The operator did not answer in time." in page.text
    assert "Decide what becomes of them" in client.page(f"/campaigns/{doubtful}").text


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("resend", {"queued": 3}),
        ("assume_sent", {"queued": 1, "submitted": 2}),
    ],
)
def test_a_decision_settles_all_of_them(
    client: Browser, db: Database, doubtful: int, decision: str, expected: object
) -> None:
    client.send(f"/campaigns/{doubtful}/doubts", {"decision": decision})
    assert _counts(db, doubtful) == expected


def test_an_unknown_decision_changes_nothing(
    client: Browser, db: Database, doubtful: int
) -> None:
    answer = client.send(f"/campaigns/{doubtful}/doubts", {"decision": "guess"})
    assert answer.status_code == 400
    assert _counts(db, doubtful) == {"queued": 1, "in_doubt": 2}


def test_a_campaign_without_doubts_leads_back_to_its_page(
    client: Browser, db: Database, doubtful: int
) -> None:
    client.send(f"/campaigns/{doubtful}/doubts", {"decision": "resend"})
    answer = client.get(f"/campaigns/{doubtful}/doubts")
    assert answer.status_code == 302
