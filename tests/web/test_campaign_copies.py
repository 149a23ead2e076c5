"""Edit as new: the form filled from a campaign, and its own numbers to choose."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import (
    CAMPAIGN_FORM,
    create_campaign,
    create_list,
    rows,
    settle,
    spain,
)


@pytest.fixture(autouse=True)
def _in_spain(db: Database) -> None:
    spain(db)


def numbers(db: Database, name: str) -> list[tuple[str, str | None]]:
    found = rows(
        db,
        "SELECT m.number, m.text FROM message m JOIN campaign c ON c.id = m.campaign_id"
        f" WHERE c.name = '{name}' ORDER BY m.id",
    )
    return [(row["number"][-3:], row["text"]) for row in found]


def test_the_form_is_filled_from_the_campaign(client: Browser, db: Database) -> None:
    made = create_campaign(db, "Oferta", "600111222", text="Hola a todos")
    assert f"/campaigns/new?copy={made}" in client.page(f"/campaigns/{made}").links
    page = client.get(f"/campaigns/new?copy={made}").text
    assert 'value="Oferta (2)"' in page and "Hola a todos" in page
    assert "Those of Oferta that were not delivered" in page
    assert client.get("/campaigns/new?copy=999").status_code == 404
    assert client.get("/campaigns/new?copy=1").status_code == 404


def test_a_campaign_of_a_list_offers_its_list(client: Browser, db: Database) -> None:
    listed = create_list(db, "Clientes", "600111222")
    form = {"recipients": "list", "list_id": str(listed)}
    client.send("/campaigns/new", {**CAMPAIGN_FORM, **form})
    made = rows(db, "SELECT id FROM campaign WHERE id > 1")[0]["id"]
    page = client.get(f"/campaigns/new?copy={made}").text
    assert f'<option selected value="{listed}">' in page


def test_those_not_delivered_get_it_again_and_nobody_else(
    client: Browser, db: Database
) -> None:
    made = create_campaign(
        db, "Oferta", "600111001;", "600111002;Hola Ana", "600111003;", "600111004;"
    )
    found = rows(db, "SELECT id FROM message ORDER BY id")
    for row, state in zip(found, ("delivered", "undelivered", "failed"), strict=False):
        settle(db, row["id"], state)
    form = {**CAMPAIGN_FORM, "copy_of": str(made), "name": "Otra"}
    client.send("/campaigns/new", {**form, "recipients": "undelivered"})
    assert numbers(db, "Otra") == [("002", "Hola Ana"), ("003", None)]
    client.send("/campaigns/new", {**form, "name": "Todos", "recipients": "all"})
    assert [n for n, _ in numbers(db, "Todos")] == ["001", "002", "003", "004"]


def test_nobody_to_send_to_is_said_beside_the_recipients(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111001")
    form = {**CAMPAIGN_FORM, "copy_of": str(made), "recipients": "undelivered"}
    page = client.send("/campaigns/new", form).text
    assert "The campaign Oferta has no such messages" in page
    assert len(rows(db, "SELECT id FROM campaign")) == 2
    form["copy_of"] = "999"
    assert client.send("/campaigns/new", form).status_code == 200
    assert len(rows(db, "SELECT id FROM campaign")) == 2


def test_a_text_whose_places_were_filled_stays_as_it_is(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111001;Hola Ana", text="Hola")
    with db.transaction() as tx:
        tx.execute("UPDATE campaign SET text = 'Hola <nombre>' WHERE id = %s", (made,))
    form = {**CAMPAIGN_FORM, "copy_of": str(made), "recipients": "all"}
    page = client.send("/campaigns/new", {**form, "text": "Adiós"}).text
    assert "were filled in when Oferta was loaded" in page
    client.send("/campaigns/new", {**form, "text": "Hola <nombre>"})
    assert numbers(db, "Otoño") == [("001", "Hola Ana")]
