"""One message to one number, as a person sends it and sees what came of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fakes.smsc import Received
from tests.journey.conftest import MakePerson
from tests.journey.person import Person
from tests.journey.stack import ADMINISTRATOR, PASSWORD, REFUSED, Stack

BOTH = pytest.mark.parametrize("language", ["en", "es"])


def send(person: Person, number: str, text: str, *, queue: bool = False) -> None:
    person.go_to("Send")
    person.fill("Number", number)
    person.fill("Message", text)
    if queue:
        person.tick("In its turn, through the output queue")
    person.press("Send")


def received(stack: Stack, text: str) -> list[Received]:
    return [one for one in stack.smsc.messages() if one.text == text]


@BOTH
def test_at_once_shows_the_operators_id(
    administrator: MakePerson, stack: Stack, language: str
) -> None:
    person = administrator(language)
    text = f"¡ahora! {language} ñ"
    person.open("/")
    send(person, "631000001", text)
    person.sees("The message is on the phone.")
    assert [one.number for one in received(stack, text)] == ["34631000001"]
    sent = [one for one in stack.smsc.submissions if one.number == "34631000001"][-1]
    person.sees("Operator's id")
    facts = person.page.locator("#panel dl.facts dd").all_inner_texts()
    assert sent.message_id in facts
    assert {"Operador", "Troncal 11", "Troncal 12", "Troncal 13"} & set(facts)
    person.look()


@BOTH
def test_the_queue_takes_it_and_sends_it_in_its_turn(
    administrator: MakePerson, stack: Stack, language: str
) -> None:
    person = administrator(language)
    text = f"en su turno {language}"
    person.open("/")
    send(person, "+34 631 000 002", text, queue=True)
    person.sees("The message is on the phone.")
    assert len(received(stack, text)) == 1
    person.follow("Details")
    person.sees_own(text)
    person.go_to("Messages")
    assert "+34631000002" in person.table()[0]


@BOTH
def test_the_operators_refusal_is_said_in_words(
    administrator: MakePerson, stack: Stack, language: str
) -> None:
    person = administrator(language)
    person.open("/")
    send(person, f"{REFUSED}000003", "hola")
    person.sees("The operator refused the message.")
    person.sees("The operator does not know this number.")
    person.look()


@BOTH
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    administrator: MakePerson, stack: Stack, language: str
) -> None:
    person = administrator(language)
    person.open("/")
    before = len(stack.smsc.submissions)
    send(person, "912345678", "no se pierde")
    person.sees("This is not a mobile number: messages only reach mobile phones.")
    assert person.field("Message").input_value() == "no se pierde"
    assert person.field("Number").get_attribute("aria-invalid") == "true"
    person.look()
    assert len(stack.smsc.submissions) == before


@BOTH
def test_a_stopped_service_is_said_before_anything_is_sent(
    administrator: MakePerson, stack: Stack, language: str
) -> None:
    person = administrator(language)
    stack.stop_service()
    try:
        person.open("/")
        person.sees("The service is not running")
        person.go_to("Send")
        person.sees("A message would wait now.")
        person.sees(
            "The service is not running. On the server: service massivesms start"
        )
    finally:
        stack.start_service()
    person.open("/send/")
    said = person.say("A message would wait now.")
    assert said not in person.page.locator("#content").inner_text()


def test_keyboard_alone_signs_in_and_sends(stranger: MakePerson, stack: Stack) -> None:
    person = stranger()
    person.open("/")
    keyboard = person.page.keyboard
    expect(person.field("User")).to_be_focused()
    keyboard.type(ADMINISTRATOR)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    person.page.wait_for_url(person.url + "/")
    _tab_to(person, "Send")
    keyboard.press("Enter")
    person.sees_title("Send a message")
    expect(person.field("Number")).to_be_focused()
    keyboard.type("631000004")
    keyboard.press("Tab")
    keyboard.type("solo con el teclado")
    _tab_to(person, "Send")
    keyboard.press("Enter")
    person.sees("The message is on the phone.")
    assert len(received(stack, "solo con el teclado")) == 1


def _tab_to(person: Person, name: str) -> None:
    """With Tab only, and never to a place that cannot be seen."""
    for _ in range(40):
        person.page.keyboard.press("Tab")
        words, is_visible = person.page.evaluate(
            """() => { const e = document.activeElement;
              return [e.textContent.trim(), e.checkVisibility()]; }"""
        )
        assert is_visible, words
        if words == name:
            return
    raise AssertionError(f"Tab never came to {name}")
