"""Messages in doubt: nothing decides about them but a person."""

from __future__ import annotations

from typing import Any

import pytest

from massivesms.domain.campaigns import Draft
from massivesms.store import campaigns, claims, counts, doubts, messages, settlements
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.messages import NewMessage
from massivesms.store.settlements import Settlement
from massivesms_web.pages import campaign_doubts
from massivesms_web.pages import doubts as pages_doubts
from tests.web.browser import Browser, Page

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
        settlements.settle(tx, settled, TRUNK, TOKEN)
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


ALL = {"which": "all", "confirmed": "yes"}


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
    client.send(f"/campaigns/{doubtful}/doubts", {"decision": decision, **ALL})
    assert _counts(db, doubtful) == expected


@pytest.mark.parametrize("which", ["all", "one", "ticked"])
def test_sending_again_asks_first_and_keeps_what_was_chosen(
    client: Browser, db: Database, doubtful: int, which: str
) -> None:
    first, second = _in_doubt(db)
    wishes: dict[str, tuple[dict[str, Any], int]] = {
        "all": ({"decision": "resend", "which": "all"}, 2),
        "one": ({"one": f"{first}:resend"}, 1),
        "ticked": ({"decision": "resend", "message": [first, second]}, 2),
    }
    wish, number = wishes[which]
    path = f"/campaigns/{doubtful}/doubts"
    asked = Page(client.send(path, wish).text)
    assert f"Send {number} message" in asked.h1[0]
    assert "gets it twice" in asked.text
    assert _counts(db, doubtful) == {"queued": 1, "in_doubt": 2}
    fields = next(f["fields"] for f in asked.forms if "confirmed" in f["fields"])
    if which == "ticked":
        fields = {**fields, "message": [first, second]}
    client.send(path, fields)
    assert _counts(db, doubtful).get("in_doubt", 0) == 2 - number


def test_taking_one_as_sent_leaves_the_other(
    client: Browser, db: Database, doubtful: int
) -> None:
    first, second = _in_doubt(db)
    path = f"/campaigns/{doubtful}/doubts"
    page = client.send(path, {"one": f"{first}:assume_sent"})
    assert "1 message is taken as sent." in page.text
    assert _in_doubt(db) == [second]
    again = client.send(path, {"one": f"{first}:assume_sent"})
    assert "settled meanwhile" in again.text


def test_a_message_of_another_campaign_is_not_settled_here(
    client: Browser, db: Database, doubtful: int
) -> None:
    first, _ = _in_doubt(db)
    client.send("/campaigns/1/doubts", {"one": f"{first}:assume_sent"})
    assert _counts(db, doubtful) == {"queued": 1, "in_doubt": 2}


def test_nothing_ticked_changes_nothing(
    client: Browser, db: Database, doubtful: int
) -> None:
    for path in (f"/campaigns/{doubtful}/doubts", "/doubts/"):
        page = client.send(path, {"decision": "resend"})
        assert "Tick at least one message." in page.text
    assert _counts(db, doubtful) == {"queued": 1, "in_doubt": 2}


@pytest.mark.parametrize(
    "wish",
    [{"decision": "guess"}, {"decision": "guess", **ALL}, {"one": "x:resend"}, {}],
)
def test_an_unknown_decision_changes_nothing(
    client: Browser, db: Database, doubtful: int, wish: dict[str, str]
) -> None:
    for path in (f"/campaigns/{doubtful}/doubts", "/doubts/"):
        assert client.send(path, wish).status_code == 400
    assert _counts(db, doubtful) == {"queued": 1, "in_doubt": 2}


def test_many_are_settled_in_batches_and_the_page_says_how_far_it_is(
    client: Browser, db: Database, doubtful: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "BATCH", 1)
    monkeypatch.setattr(campaign_doubts, "WORK_S", 0.0)
    path = f"/campaigns/{doubtful}/doubts"
    page = Page(client.send(path, {"decision": "assume_sent", **ALL}).text)
    assert "1 of 2 messages are settled." in page.text
    assert _counts(db, doubtful)["in_doubt"] == 1
    fields = next(f["fields"] for f in page.forms if "left" in f["fields"])
    part = client.send(path, fields, headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == f"/campaigns/{doubtful}"
    assert _counts(db, doubtful) == {"queued": 1, "submitted": 2}
    assert "2 messages are taken as sent." in client.page("/").text
    with db.transaction() as tx:
        sql = "SELECT details FROM audit WHERE action = 'campaign.assume_sent'"
        assert tx.tuples(sql) == (('{"messages": 2}',),)


def test_a_campaign_without_doubts_leads_back_to_its_page(
    client: Browser, db: Database, doubtful: int
) -> None:
    client.send(f"/campaigns/{doubtful}/doubts", {"decision": "resend", **ALL})
    answer = client.get(f"/campaigns/{doubtful}/doubts")
    assert answer.status_code == 302


def test_the_page_says_by_which_rule_they_are_settled(
    client: Browser, db: Database, doubtful: int
) -> None:
    path = f"/campaigns/{doubtful}/doubts"
    assert "never sent again by themselves" in client.page(path).text
    client.send(f"/campaigns/{doubtful}/rules", {"in_doubt": "resend", "priority": "5"})
    assert "Send again: some people may get it twice." in client.page(path).text


class TestEverythingInDoubt:
    """The page over all campaigns."""

    def test_it_lists_what_is_known_of_each(
        self, client: Browser, db: Database, doubtful: int
    ) -> None:
        first, _ = _in_doubt(db)
        with db.transaction() as tx:
            tx.execute("UPDATE message SET segments = 3 WHERE id = %s", (first,))
            tx.execute(
                "INSERT INTO segment (message_id, position, trunk_id, smsc_message_id)"
                " VALUES (%s, 1, %s, 'S1')",
                (first, TRUNK),
            )
            tx.execute(
                "INSERT INTO receipt (trunk_id, smsc_message_id, number, state,"
                " received_at) SELECT trunk_id, 'R', number, 'delivered',"
                " UTC_TIMESTAMP(3) FROM message WHERE id = %s",
                (first,),
            )
        page = client.page("/doubts/")
        for words in ("Mayo", "Hola", "did not answer", "1 of its 3 segments were"):
            assert words in page.text, words
        assert page.text.count("says a delivery receipt for this number") == 1
        assert f"/campaigns/{doubtful}/doubts" in page.links

    def test_it_is_reached_from_home_and_from_the_menu(
        self, client: Browser, doubtful: int
    ) -> None:
        assert "See everything in doubt" in client.page("/").text
        assert "/doubts/" in client.page("/campaigns/").links

    def test_it_goes_on_page_by_page(
        self,
        client: Browser,
        db: Database,
        doubtful: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(pages_doubts, "PAGE", 1)
        first = client.page("/doubts/")
        (link,) = [link for link in first.links if "after=" in link]
        assert "+34600111220" in first.text and "+34600111221" not in first.text
        second = client.page(link)
        assert "+34600111221" in second.text and "+34600111220" not in second.text
        assert "Back to the beginning" in second.text
        assert "+34600111220" in client.page("/doubts/?after=nonsense").text

    def test_what_is_ticked_is_settled_in_every_campaign(
        self, client: Browser, db: Database, doubtful: int
    ) -> None:
        wish = {"decision": "assume_sent", "message": _in_doubt(db)}
        assert "2 messages are taken as sent." in client.send("/doubts/", wish).text
        assert "Nothing is in doubt" in client.page("/doubts/").text

    def test_a_message_s_page_leads_to_the_decision(
        self, client: Browser, db: Database, doubtful: int
    ) -> None:
        page = client.page(f"/messages/{_in_doubt(db)[0]}")
        assert f"/campaigns/{doubtful}/doubts" in page.links


def _in_doubt(db: Database) -> list[int]:
    with db.transaction() as tx:
        sql = "SELECT id FROM message WHERE state = 'in_doubt' ORDER BY id"
        return [message_id for (message_id,) in tx.tuples(sql)]
