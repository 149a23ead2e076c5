"""The contacts of a list: shown with their fields, found, changed and taken out."""

from __future__ import annotations

import pytest

from massivesms.domain.numbers import Number
from massivesms.domain.recipients import Recipient
from massivesms.store import contacts, lists
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from tests.web.browser import Browser
from tests.web.sending import spain

ANA = Actor("ana")


@pytest.fixture
def list_id(db: Database) -> int:
    """A list of three contacts, of whom two have fields."""
    spain(db)
    people = [
        {"first_name": "José", "last_name": "Núñez", "saldo_pendiente": "10,50"},
        {"first_name": "<b>Eva</b>", "email": "eva@example.com"},
        None,
    ]
    with db.transaction() as tx:
        made = lists.create(tx, "Clientes", "", ANA)
        lists.lock(tx, made)
        rows = [
            Recipient(Number(f"+3460011122{n}", True), None, n, one)
            for n, one in enumerate(people)
        ]
        lists.add_new_contacts(tx, made, rows)
    return made


def all_of(db: Database, list_id: int) -> list[Row]:
    with db.transaction() as tx:
        return lists.contacts(tx, list_id)


def test_a_list_shows_names_and_fields_as_texts(client: Browser, list_id: int) -> None:
    page = client.page(f"/lists/{list_id}").text
    assert "José Núñez" in page and "Saldo pendiente: 10,50" in page
    assert "<b>Eva</b>" in page and "eva@example.com" in page


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("text=nunez", "600111220", "600111221"),
        ("text=10,5", "600111220", "600111221"),
        ("text=EVA&number=600", "600111221", "600111220"),
        ("text=eva&number=700", "No number of the list is like that", "600111221"),
        ("text=eva&excluded=yes", "No number of the list is like that", "600111221"),
        ("text=%25", "No number of the list is like that", "600111221"),
    ],
)
def test_contacts_are_found_by_any_part_of_a_field(
    client: Browser, list_id: int, query: str, there: str, absent: str
) -> None:
    page = client.page(f"/lists/{list_id}?{query}").text
    assert there in page and f"+34{absent}" not in page


def test_a_contact_is_added_with_fields_and_one_of_its_own(
    client: Browser, db: Database, list_id: int
) -> None:
    form = client.page(f"/lists/{list_id}/contact/new").text
    assert "Saldo pendiente" in form, "what the list has is asked for"
    sent = {
        "number": "600 111 229",
        "field_first_name": " Ana ",
        "field_saldo_pendiente": "",
        "new_name": "Código de cliente",
        "new_value": "A-1",
    }
    client.send(f"/lists/{list_id}/contact/new", sent)
    made = all_of(db, list_id)[-1]
    assert made["number"] == "+34600111229"
    assert made["fields"] == {"first_name": "Ana", "codigo_de_cliente": "A-1"}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"number": "600111220"}, "in the list already"),
        ({"number": "911"}, "field-error"),
        ({"number": ""}, "field-error"),
        ({"new_value": "x"}, "Say what the field is called"),
        ({"new_name": "123", "new_value": "x"}, "Say what the field is called"),
        ({"field_email": "x" * 501}, "longer than 500 characters"),
    ],
)
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "old"])
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Browser,
    db: Database,
    list_id: int,
    sent: dict[str, str],
    words: str,
    is_new: bool,
) -> None:
    before = all_of(db, list_id)
    place = "new" if is_new else before[1]["id"]
    good = {"number": "600111225", "field_address": "Calle Mayor 1"}
    page = client.send(f"/lists/{list_id}/contact/{place}", {**good, **sent}).text
    assert words in page and "Calle Mayor 1" in page
    assert all_of(db, list_id) == before


def test_a_contact_is_changed_and_what_was_emptied_is_gone(
    client: Browser, db: Database, list_id: int
) -> None:
    contact = all_of(db, list_id)[0]
    url = f"/lists/{list_id}/contact/{contact['id']}"
    page = client.get(url).text
    assert 'value="10,50"' in page and 'value="+34600111220"' in page
    sent = {"number": "+34600111220", "field_first_name": "Pepe"}
    client.send(url, sent)
    assert all_of(db, list_id)[0]["fields"] == {"first_name": "Pepe"}
    client.send(url, {**sent, "number": "600111229"})
    changed = all_of(db, list_id)[0]
    assert (changed["id"], changed["number"]) == (contact["id"], "+34600111229")


def test_a_number_that_would_not_be_taken_today_stays_when_a_name_is_changed(
    client: Browser, db: Database, list_id: int
) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE contact SET number = '+34911222333' WHERE fields IS NULL")
    contact = all_of(db, list_id)[2]
    sent = {"number": "+34911222333", "field_first_name": "Fijo"}
    client.send(f"/lists/{list_id}/contact/{contact['id']}", sent)
    assert all_of(db, list_id)[2]["fields"] == {"first_name": "Fijo"}


def test_a_contact_is_taken_out_after_a_confirmation(
    client: Browser, db: Database, list_id: int
) -> None:
    contact = all_of(db, list_id)[0]
    url = f"/lists/{list_id}/contact/{contact['id']}/remove"
    assert "+34600111220" in client.page(url).text
    assert len(all_of(db, list_id)) == 3
    client.send(url, {})
    assert len(all_of(db, list_id)) == 2
    assert client.get(url).status_code == 404


def test_a_contact_of_another_list_is_not_shown(
    client: Browser, db: Database, list_id: int
) -> None:
    with db.transaction() as tx:
        other = lists.create(tx, "Otra", "", ANA)
    contact = all_of(db, list_id)[0]
    client.page(f"/lists/{other}/contact/{contact['id']}", status=404)


def test_a_long_search_offers_to_go_on(
    client: Browser, list_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "LOOKED_AT_ONCE", 1)
    monkeypatch.setattr(contacts.search, "__kwdefaults__", {
        **(contacts.search.__kwdefaults__ or {}), "looked_at": 1,
    })  # fmt: skip
    page = client.page(f"/lists/{list_id}?text=eva")
    assert "Go on searching" in page.text
    (url,) = [link for link in page.links if "after=" in link and "text=" in link]
    assert "600111221" in client.page(url).text
