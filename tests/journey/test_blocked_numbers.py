"""Somebody wants no messages: blocked by a person, left out by the service."""

from __future__ import annotations

import pytest

from tests.engine.world import wait_until
from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack

BLOCKED = "/lists/blocked/"


@pytest.mark.parametrize(
    ("language", "on_phone"), [("en", False), ("es", True)], ids=["desk", "phone"]
)
def test_a_blocked_number_gets_nothing_until_it_is_let_go(
    administrator: MakePerson, stack: Stack, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    number = f"6510000{'12' if on_phone else '34'}"
    stack.command("list", "create", f"De {number}", "--csv", _csv(stack, number))

    person.open(BLOCKED)
    if person.page.get_by_label(person.say("Numbers to block")).is_hidden():
        person.page.locator("details.fold summary").first.click()
    person.fill("Numbers to block", f"{number}\n911")
    person.fill("Reason", "lo pidió")
    person.press("Block")
    person.sees_own("lo pidió")
    assert person.field("Numbers to block").input_value() == "911"
    person.look()

    stack.command("campaign", "create", f"A {number}", "--message", "No",
                  "--list", f"De {number}", "--run")  # fmt: skip
    person.open("/send/")
    person.fill("Number", number)
    person.fill("Message", "hola")
    person.press("Send")
    person.sees(
        "%(number)s is blocked: nothing is sent to it. Take it off the blocked numbers"
        " first if you may write to it.",
        number=f"+34{number}",
    )
    wait_until(lambda: _counts(stack, number).get("skipped") == 1, 20)

    person.open(f"{BLOCKED}?number={number}")
    person.page.locator("td.tight a").click()
    person.look()
    person.press("Take it off the blocked numbers")
    person.sees("%(number)s gets messages again.", number=f"+34{number}")
    assert [one for one in stack.smsc.submissions if one.number == f"34{number}"] == []


def _counts(stack: Stack, number: str) -> dict[str, int]:
    shown = stack.ask("campaign", "show", f"A {number}")
    return dict(shown["counts"])


def _csv(stack: Stack, number: str) -> str:
    file = stack.scripts.parent / f"{number}.csv"
    file.write_text(f"number\n{number}\n")
    return str(file)
