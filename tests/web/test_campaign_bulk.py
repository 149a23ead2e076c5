"""The page of bulk files: upload, verdicts, the file of bad rows."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import create_campaign, csv, rows, spain

PAGE = "/campaigns/bulk/"


@pytest.fixture(autouse=True)
def _in_spain(db: Database) -> None:
    spain(db)


def test_a_file_is_loaded_into_its_campaigns(client: Browser, db: Database) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    assert PAGE in client.page("/campaigns/").links
    file = csv("Oferta;600111333;Hola;1;", ";600111444;Adiós;;")
    assert "2 messages were added" in client.send(PAGE, {"file": file}).text
    found = rows(db, "SELECT campaign_id FROM message ORDER BY id")
    assert [row["campaign_id"] for row in found] == [made, made, 1]
    assert "numbers.csv" in client.page(PAGE).text


def test_bad_rows_are_shown_and_downloaded(client: Browser, db: Database) -> None:
    create_campaign(db, "Oferta", "600111222")
    file = csv("Oferta;600111333;Hola;1;", "Otra;600111444;Adiós;7;")
    page = client.send(PAGE, {"file": file}).text
    assert "There is no campaign called Otra." in page
    load = rows(db, "SELECT id FROM import WHERE kind = 'bulk'")[0]["id"]
    got = client.get(f"{PAGE}{load}/rows.csv").data.decode("utf-8-sig")
    assert got.splitlines()[1].startswith("Otra;600111444;Adiós;7;There is no")


def test_what_was_repaired_in_a_file_is_said(client: Browser, db: Database) -> None:
    create_campaign(db, "Oferta", "600111222")
    page = client.send(PAGE, {"file": csv("Oferta;600111333.0;Hola;1;")}).text
    assert "1 message was added" in page and "600111333.0" in page


def test_the_same_file_on_the_same_day_is_asked_about(
    client: Browser, db: Database
) -> None:
    create_campaign(db, "Oferta", "600111222")
    line, found = "Oferta;600111333;Hola;1;", "SELECT id FROM message"
    assert 'name="again"' not in client.page(PAGE).text
    client.send(PAGE, {"file": csv(line)})
    asked = client.send(PAGE, {"file": csv(line)}).text
    load = rows(db, "SELECT id FROM import WHERE kind = 'bulk'")[0]["id"]
    assert "This same file was loaded today" in asked and f"import #{load}" in asked
    assert 'name="again"' in asked
    assert len(rows(db, found)) == 2
    client.send(PAGE, {"file": csv(line), "again": "y"})
    assert len(rows(db, found)) == 3


def test_what_cannot_be_used_is_said_beside_the_file(
    client: Browser, db: Database
) -> None:
    assert "Choose the file to load." in client.send(PAGE, {}).text
    page = client.send(PAGE, {"file": csv("Otra;600111444;Hola;1;")}).text
    assert "None of its 1 rows can be used." in page
    assert rows(db, "SELECT id FROM message") == []
