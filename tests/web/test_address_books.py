"""The PBX's address book beside the send form: found, offered, or said why not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import spain

HTMX = {"HX-Request": "true"}
BOX = "Find in the PBX"
FIND = "/send/address-book/"
Contacts = Callable[..., None]


@pytest.fixture(autouse=True)
def _in_spain(db: Database) -> None:
    spain(db)


@pytest.fixture
def book(app: Flask, tmp_path: Path) -> Contacts:
    """An Issabel with an address book; adds contacts to it."""
    file = tmp_path / "address_book.db"
    house = app.extensions["massivesms"]
    pbx = replace(house.config.pbx, kind="issabel", address_book=file)
    config = replace(house.config, pbx=pbx)
    app.extensions["massivesms"] = replace(house, config=config)
    with closing(sqlite3.connect(file)) as base:
        base.execute(
            "CREATE TABLE contact (id INTEGER PRIMARY KEY, name, last_name, telefono,"
            " cell_phone, iduser INTEGER, status, directory)"
        )

    def add(name: str, number: str, iduser: int = 1, status: str = "isPublic") -> None:
        with closing(sqlite3.connect(file)) as base, base:
            base.execute(
                "INSERT INTO contact (name, cell_phone, iduser, status, directory)"
                " VALUES (?, ?, ?, ?, 'external')",
                (name, number, iduser, status),
            )

    return add


def found(client: Browser, typed: str) -> str:
    return client.get(FIND, query_string={"q": typed}, headers=HTMX).text


def test_a_contact_fills_the_number_in(client: Browser, book: Contacts) -> None:
    book("José Muñoz", "600 111 222")
    assert BOX in client.page("/send/").text
    part = found(client, "munoz jose")
    assert "José Muñoz" in part and 'data-value="+34600111222"' in part
    assert 'href="/send/?number=%2B34600111222"' in part
    page = client.page(FIND, query_string={"q": "JOSE"})
    assert "José Muñoz" in page.text and "/send/?number=%2B34600111222" in page.links


def test_one_that_cannot_be_sent_to_says_so(client: Browser, book: Contacts) -> None:
    book("Oficina <b>", "911223344")
    part = found(client, "oficina")
    assert "Oficina &lt;b&gt;" in part and "not a mobile number" in part
    assert "data-fill" not in part


def test_nobody_found_and_too_little_typed(client: Browser, book: Contacts) -> None:
    book("Ana", "600111222")
    assert "Nobody in the address book" in found(client, "zz")
    assert found(client, "a").strip() == found(client, "").strip() == ""


def test_twenty_are_shown(client: Browser, book: Contacts) -> None:
    for n in range(25):
        book(f"Ana {n}", f"6001112{n:02}")
    part = found(client, "ana")
    assert part.count("data-fill") == 20
    assert "There may be more" in part


def test_users_see_their_own_contacts_and_public_ones(
    client: Browser, db: Database, book: Contacts
) -> None:
    book("Ana pública", "600111221")
    book("Ana privada", "600111222", 7, "isPrivate")
    assert "privada" not in found(client, "ana")
    with db.transaction() as tx:
        tx.execute("UPDATE user SET source = 'issabel', pbx_id = '7'")
    assert "privada" in found(client, "ana")
    with db.transaction() as tx:
        tx.execute("UPDATE user SET source = 'freepbx'")
    assert "privada" not in found(client, "ana"), "7 is another one there"


def test_a_book_that_cannot_be_read_says_so_and_sending_goes_on(
    client: Browser, db: Database, book: Contacts, tmp_path: Path
) -> None:
    (tmp_path / "address_book.db").write_bytes(b"no database" * 99)
    part = found(client, "ana")
    assert "You can write the number" in part and "address_book.db" in part
    form = {"number": "600111222", "text": "Hola", "trunk_id": "0", "how": "queue"}
    client.send("/send/", form)
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM message") == 1


def test_without_a_pbx_there_is_no_box(client: Browser) -> None:
    assert BOX not in client.page("/send/").text
    assert client.get(FIND).status_code == 404


def test_who_may_not_send_does_not_look(client_as: ClientAs, db: Database) -> None:
    browser = client_as("operator")
    with db.transaction() as tx:
        tx.execute("INSERT INTO role (name, permissions) VALUES ('lister', 'lists')")
        tx.execute("UPDATE user SET role_id = (SELECT MAX(id) FROM role)")
    assert browser.get(FIND).status_code == 403
