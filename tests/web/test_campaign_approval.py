"""Approval on the pages: said in words, on Home, by another person only."""

from __future__ import annotations

from massivesms.store import settings
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import create_campaign, enter_campaign, rows, spain

APPROVAL = "SELECT approval FROM campaign WHERE id > 1"


def above(db: Database, n: str) -> None:
    spain(db)
    with db.transaction() as tx:
        settings.save(tx, {"approval_above": n})


def test_another_person_approves_it(client: Browser, db: Database) -> None:
    above(db, "1")
    made = create_campaign(db, "Oferta", "600111222", "600111333")  # ana's
    assert "It waits for a second person" in client.page("/").text
    page = client.page(f"/campaigns/{made}").text
    assert "It waits for a second person" in page and "Approve" in page
    checked = client.page(f"/campaigns/{made}/preview").text
    assert "It waits for a second person" in checked and "Approve" in checked
    assert "It is not paused" not in checked and "Start the campaign" not in checked
    client.send(f"/campaigns/{made}/resume")
    assert rows(db, "SELECT paused FROM campaign WHERE id > 1")[0]["paused"] == 1
    page = client.send(f"/campaigns/{made}/approve").text
    assert "The campaign is approved." in page and "Resume" in page
    assert "It waits for a second person" not in client.page("/").text


def test_its_maker_does_not(client: Browser, db: Database) -> None:
    above(db, "1")
    page = enter_campaign(client).text
    assert "It waits for a second person" in page and "Approve" not in page
    made = rows(db, "SELECT id FROM campaign WHERE id > 1")[0]["id"]
    page = client.send(f"/campaigns/{made}/approve").text
    assert "ask somebody else" in page
    assert rows(db, APPROVAL)[0]["approval"] == "waiting"
