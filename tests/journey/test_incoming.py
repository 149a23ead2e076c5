"""Somebody answers: it comes in by itself, is read beside what was sent, answered."""

from __future__ import annotations

import pytest

from tests.engine.world import wait_until
from tests.journey.conftest import MakePerson
from tests.journey.stack import TRUNK, Stack


@pytest.mark.parametrize("on_phone", [False, True], ids=["desk", "phone"])
def test_an_answer_comes_in_and_is_answered(
    administrator: MakePerson, stack: Stack, on_phone: bool
) -> None:
    person = administrator("en", on_phone=on_phone)
    number = f"65990000{int(on_phone)}"
    asked, said = f"¿Viene usted, {number}?", f"Sí, voy 🙂 {number}"
    stack.command("send", number, asked)

    person.open("/incoming/")
    person.stays_on_this_page()
    stack.smsc.deliver(f"34{number}", "5000", said, data_coding=8)
    person.sees_own(said)
    assert person.has_stayed
    (row,) = [row for row in person.table() if said in row]
    assert asked in row
    assert TRUNK in row
    person.look()

    person.follow_own(f"+34{number}")
    person.sees_title("Message from %(sender)s", sender=f"+34{number}")
    person.sees_own(asked)
    person.look()
    person.follow("Answer")
    assert person.field("Number").input_value() == f"+34{number}"
    assert TRUNK in person.page.locator("#trunk_id option:checked").inner_text()
    person.fill("Message", "Muy bien")
    person.press("Send")
    wait_until(lambda: _got(stack, number, "Muy bien"), 15)

    person.open("/incoming/")
    person.follow_own(f"+34{number}")
    person.page.locator(".talk-ours").nth(1).wait_for()
    parts = [f"{number} parte {n}. ".encode() for n in (1, 2, 3)]
    stack.smsc.deliver_long(f"34{number}", "5000", parts, order=[3, 1, 2])
    person.page.locator(".talk-theirs").nth(1).wait_for()
    talk = [one.strip() for one in person.page.locator(".talk-text").all_inner_texts()]
    assert talk == [asked, said, "Muy bien", b"".join(parts).decode().strip()]
    person.look()


def _got(stack: Stack, number: str, text: str) -> bool:
    got = [one.text for one in stack.smsc.messages() if one.number == f"34{number}"]
    return text in got
