"""The test console, as a person tries out a new trunk with a phone at hand."""

from __future__ import annotations

import pytest

from tests.journey.conftest import MakePerson
from tests.journey.person import Person
from tests.journey.stack import REFUSED, TRUNK, Stack

BOTH = pytest.mark.parametrize(
    ("language", "on_phone"), [("en", False), ("es", True)], ids=["en", "es"]
)


def open_console(person: Person) -> None:
    person.open("/trunks/")
    person.follow_own(TRUNK)
    person.follow("Test console")


@BOTH
def test_each_step_is_shown_as_it_happens(
    administrator: MakePerson, stack: Stack, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    open_console(person)
    person.press("Test the connection")
    person.sees("Passed: the trunk works.")
    number = "+3463300000" + ("1" if on_phone else "2")
    person.fill("Number", number)
    person.press("Continue")
    person.sees("Really send it?")
    person.look()
    assert not [one for one in stack.smsc.messages() if one.number == number[1:]]
    person.press("Send it")
    person.sees("The characters arrive as they were written: the alphabet is right.")
    person.sees_own(number)
    person.look()
    came = [one.text for one in stack.smsc.messages() if one.number == number[1:]]
    assert came == ["@£$€{}[]ñÇ_ massivesms"]
    person.tick("Something else")
    person.press("That is what it shows")
    person.follow("Change the trunk")


@BOTH
def test_a_refusal_is_said_in_words(
    administrator: MakePerson, stack: Stack, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    open_console(person)
    person.fill("Number", f"{REFUSED}00000" + ("4" if on_phone else "5"))
    person.fill("Message", "Hola")
    person.press("Continue")
    person.press("Send it")
    person.page.locator("#probe .step-wrong").wait_for()
    person.look()
