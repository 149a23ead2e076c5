"""What forms replace in a message: as it was chosen, and never in silence."""

from __future__ import annotations

import pytest

from massivesms.store import settings
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import create_campaign, enter_campaign, rows, spain

HTMX = {"HX-Request": "true"}
SAID = "Replaced in the message"
CAMPAIGN = "SELECT text FROM campaign WHERE id > 1"
MESSAGE = "SELECT text FROM message"


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def send(client: Browser, text: str, **changed: str) -> str:
    """Sends one message; the page that comes."""
    form = {"number": "600111222", "text": text, "trunk_id": "0", "how": "queue"}
    return client.send("/send/", {**form, **changed}, follow=True).text


def test_typographic_marks_are_replaced_by_default_and_said(
    client: Browser, db: Database
) -> None:
    page = send(client, "“Hola” – ")
    assert rows(db, MESSAGE)[0]["text"] == '"Hola" - '
    assert SAID in page and "→" in page


def test_it_is_said_too_where_only_a_part_of_the_page_comes(client: Browser) -> None:
    client.page("/send/")
    form = {"number": "600111222", "text": "“Hola”", "trunk_id": "0", "how": "queue"}
    part = client.send("/send/", form, headers=HTMX).text
    assert SAID in part and 'id="flashes"' in part
    form = {**form, "text": "Hola"}
    assert SAID not in client.send("/send/", form, headers=HTMX).text


@pytest.mark.parametrize(
    ("chosen", "stored"),
    [("keep", "“Está”"), ("marks", "“Está”"), ("letters", '"Esta"')],
)
def test_a_campaign_has_its_text_as_chosen(
    client: Browser, db: Database, chosen: str, stored: str
) -> None:
    page = enter_campaign(client, text="“Está”", characters=chosen).text
    assert rows(db, CAMPAIGN)[0]["text"] == stored
    assert (SAID in page) == (chosen == "letters")


def test_texts_of_rows_are_replaced_too_and_counted(
    client: Browser, db: Database
) -> None:
    lines = ("600111222;“Hola” Ana", "600111333;Está “Luis”", "600111444;Hola")
    page = enter_campaign(client, *lines, text="").text
    texts = [row["text"] for row in rows(db, f"{MESSAGE} ORDER BY id")]
    assert texts == ['"Hola" Ana', "Está “Luis”", "Hola"]
    assert "Expensive characters were replaced in the messages of some rows: 1." in page


def test_the_setting_is_what_forms_begin_with(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"replace_characters": "keep"})
    assert '<option selected value="keep">' in client.page("/send/").html
    send(client, "“Hola”")
    assert rows(db, MESSAGE)[0]["text"] == "“Hola”"


def test_a_text_that_was_kept_stays_so_when_its_campaign_is_changed(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222", text="“Hola”")
    page = client.page(f"/campaigns/{campaign_id}/edit")
    assert '<option selected value="keep">' in page.html
    form = {"name": "Otoño", "text": "“Hola”", "trunk_id": "0", "characters": "marks"}
    after = client.send(f"/campaigns/{campaign_id}/edit", form, follow=True).text
    assert rows(db, CAMPAIGN)[0]["text"] == '"Hola"'
    assert SAID in after
