"""Personal data: how long it is kept, and erasing one number by the page."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import create_list, csv, rows, spain

URL = "/configuration/privacy/"
NUMBER = "+34600111222"


@pytest.fixture
def known(client: Browser, db: Database) -> int:
    """A number in a list and in the queue; the list's id."""
    list_id = create_list(db, "Clientes", "600111222", "600111223")
    client.send("/send/", {"number": NUMBER, "text": "Hola", "how": "queue"})
    return list_id


def test_it_is_shown_before_anything_is_erased(
    client: Browser, known: int, db: Database
) -> None:
    text = client.send(f"{URL}look", {"number": "600 111 222"}).text
    assert f"Erase {NUMBER}?" in text
    assert "1 message: its number and text" in text and "1 list" in text
    assert "1 of the messages still waits" in text
    assert rows(db, f"SELECT 1 FROM contact WHERE number = '{NUMBER}'")


def test_an_erased_number_is_gone_and_refused_at_every_door(
    client: Browser, known: int, db: Database
) -> None:
    assert "is erased" in client.send(f"{URL}erase", {"number": NUMBER}).text
    assert not rows(db, f"SELECT 1 FROM contact WHERE number = '{NUMBER}'")
    (message,) = rows(db, "SELECT * FROM message")
    assert (message["number"], message["text"]) == ("", "")
    assert message["state"] == "cancelled"

    send = client.send("/send/", {"number": "600111222", "text": "x", "how": "queue"})
    assert "erased on request" in send.text
    add = client.send(f"/lists/{known}/contacts/", {"number": "600111222"})
    assert "erased on request" in add.text
    assert len(rows(db, "SELECT 1 FROM message")) == 1
    file = csv("600111222", "600111224", "+34 600 111 222")
    load = client.send(f"/lists/{known}/load", {"source": "file", "file": file})
    assert "Erased on request" in load.text, load.text
    numbers = [row["number"] for row in rows(db, "SELECT number FROM contact")]
    assert sorted(numbers) == ["+34600111223", "+34600111224"]
    assert "600111222" not in str(rows(db, "SELECT * FROM import_problem"))
    assert "600111222" not in str(rows(db, "SELECT * FROM audit"))


def test_it_can_be_let_in_again(client: Browser, known: int, db: Database) -> None:
    client.send(f"{URL}erase", {"number": NUMBER})
    text = client.send(f"{URL}look", {"number": NUMBER}).text
    assert "was erased before" in text
    assert "can be used again" in client.send(f"{URL}admit", {"number": NUMBER}).text
    client.send(f"/lists/{known}/contacts/", {"number": NUMBER})
    assert rows(db, f"SELECT 1 FROM contact WHERE number = '{NUMBER}'")
    answer = client.send(f"{URL}admit", {"number": NUMBER})
    assert answer.status_code == 422 and "was not erased" in answer.text


@pytest.mark.parametrize("where", ["look", "erase", "admit"])
def test_what_is_no_number_is_said(client: Browser, db: Database, where: str) -> None:
    spain(db)
    answer = client.send(f"{URL}{where}", {"number": "hello"})
    assert answer.status_code == 422 and "field-error" in answer.text


def test_how_long_messages_are_kept_is_saved_and_audited(
    client: Browser, db: Database
) -> None:
    assert "is saved" in client.send(f"{URL}keep", {"keep_days": "365"}).text
    assert 'value="365"' in client.page(URL).html
    (row,) = rows(db, "SELECT * FROM audit WHERE action = 'configuration.change'")
    assert row["details"] == '{"keep_days": ["", "365"]}'
    answer = client.send(f"{URL}keep", {"keep_days": "-1"})
    assert answer.status_code == 422 and "number of days" in answer.text


def test_what_was_purged_says_so(client: Browser, known: int, db: Database) -> None:
    client.send(f"{URL}erase", {"number": NUMBER})
    (message,) = rows(db, "SELECT id FROM message")
    assert "Purged" in client.page("/messages/").text
    page = client.page(f"/messages/{message['id']}")
    assert "Number and text were purged" in page.text and "Cancelled" in page.text
