"""Permanent campaigns on the pages: made from a list, said on its page, ended."""

from __future__ import annotations

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import CAMPAIGN_FORM, create_list, csv, rows, spain


def test_a_campaign_on_a_list_is_made_permanent_and_ended(
    client: Browser, db: Database
) -> None:
    spain(db)
    listed = create_list(db, "Clientes", "600111222")
    form = {"recipients": "list", "list_id": str(listed), "permanent": "y"}
    client.send("/campaigns/new", {**CAMPAIGN_FORM, **form})
    (made,) = rows(db, "SELECT id, permanent FROM campaign WHERE id > 1")
    assert made["permanent"] == 1
    page = client.page(f"/campaigns/{made['id']}").text
    assert "whoever comes into the list later gets it too" in page
    client.send(f"/campaigns/{made['id']}/end", {})
    assert "whoever comes" not in client.page(f"/campaigns/{made['id']}").text


def test_a_campaign_of_a_file_is_not_permanent(client: Browser, db: Database) -> None:
    spain(db)
    form = {**CAMPAIGN_FORM, "permanent": "y"}
    client.send("/campaigns/new", {**form, "file": csv("600111222")})
    (made,) = rows(db, "SELECT permanent FROM campaign WHERE id > 1")
    assert made["permanent"] == 0
