"""A number from the PBX's address book, by keyboard and by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack


@pytest.fixture(scope="module", autouse=True)
def _book(stack: Stack) -> None:
    with closing(sqlite3.connect(stack.address_book)) as book, book:
        book.execute(
            "CREATE TABLE contact (id INTEGER PRIMARY KEY, name, last_name, telefono,"
            " cell_phone, iduser, status, directory)"
        )
        book.executemany(
            "INSERT INTO contact (name, last_name, telefono, cell_phone, iduser,"
            " status, directory) VALUES (?, ?, ?, ?, 1, 'isPublic', 'external')",
            [
                ("María José", "Núñez <b>", "912345678", "652000001"),
                ("Mariano", "Ruiz", "", "652000002"),
                ("Mariscos del Sur, S.A.", "", "912345678", ""),
            ],
        )


def test_the_keyboard_finds_a_contact_and_goes_on_to_the_text(
    administrator: MakePerson, stack: Stack
) -> None:
    person = administrator("es")
    person.open("/send/")
    expect(person.field("Number")).to_be_focused()
    keyboard = person.page.keyboard
    keyboard.press("Shift+Tab")
    expect(person.field("Find in the PBX's address book")).to_be_focused()
    hits = person.page.locator("#book-hits li")
    keyboard.type("ruiz")
    keyboard.press("Enter")  # looks; nothing is sent
    expect(hits).to_have_count(1)
    person.field("Find in the PBX's address book").fill("mari")
    expect(hits).to_have_count(3)
    person.look()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(person.field("Number")).to_have_value("+34652000001")
    expect(person.field("Message")).to_be_focused()
    expect(hits).to_have_count(0)
    keyboard.type("de la agenda")
    person.press("Send")
    person.sees("The message is on the phone.")
    received = [m.number for m in stack.smsc.messages() if m.text == "de la agenda"]
    assert received == ["34652000001"]


def test_on_a_phone_a_contact_is_touched_and_the_text_stays(
    administrator: MakePerson,
) -> None:
    person = administrator("en", on_phone=True)
    person.open("/send/")
    person.fill("Message", "se queda")
    person.page.get_by_label(person.say("Find in the PBX's address book")).fill("RUIZ")
    person.page.locator("#book-hits a").tap()
    expect(person.field("Number")).to_have_value("+34652000002")
    expect(person.field("Message")).to_have_value("se queda")
    person.look()
    person.page.get_by_label(person.say("Find in the PBX's address book")).fill("zzz")
    person.sees("Nobody in the address book is like that.")
