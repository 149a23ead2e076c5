"""An operator who takes messages and never answers: a person decides about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fakes.smsc import Behaviour, Smsc
from tests.journey.conftest import MakePerson
from tests.journey.person import PATIENCE_MS, Person
from tests.journey.stack import Stack

TRUNK = "Mudo"
TWICE = "Whoever has got the message already gets it twice. This cannot be taken back."
WAYS = pytest.mark.parametrize(
    ("language", "on_phone", "code"),
    [("en", False, 51), ("es", True, 52)],
    ids=["English", "Spanish on a phone"],
)


@pytest.fixture(scope="module")
def silent(stack: Stack) -> Iterator[Smsc]:
    """An operator that answers the sign-in and nothing else, and a trunk to it."""
    with Smsc(Behaviour(system_id=None, drop_answer_share=1.0)) as smsc:
        values = [f"host={smsc.host}", f"port={smsc.port}", "system_id=m"]
        values += ["password=x", "answer_timeout_s=2"]
        pairs = [part for value in values for part in ("--set", value)]
        how = ("--type", "smpp", "--append-country-code", "--priority", "9")
        stack.command("trunk", "add", TRUNK, *how, *pairs)
        yield smsc
        stack.command("trunk", "disable", TRUNK)


@WAYS
def test_a_person_settles_what_was_never_answered(
    administrator: MakePerson,
    stack: Stack,
    silent: Smsc,
    csv: Callable[[str, str], Path],
    language: str,
    on_phone: bool,
    code: int,
) -> None:
    person = administrator(language, on_phone=on_phone)
    name = f"Dudas {code}"
    numbers = [f"6{code}00000{n}" for n in range(1, 4)]
    file = csv(f"dudas{code}.csv", "\n".join(numbers))
    how = ("--csv", str(file), "--trunk", TRUNK, "--run")
    stack.command("campaign", "create", name, "--message", "¿Llegó?", *how)
    person.open("/campaigns/")
    person.follow_own(name)
    _are_in_doubt(person, 3)
    person.go_to("In doubt")
    person.follow_own(name)
    person.sees_title("In doubt: %(name)s", name=name)

    person.page.get_by_label(
        person.say("Tick the message to %(number)s", number=f"+34{numbers[0]}")
    ).check()
    person.press("Take the ticked ones as sent")
    assert len(person.table()) == 2

    person.press("Send again")
    person.sees(TWICE)
    person.press("Send again")
    person.open("/campaigns/")
    person.follow_own(name)
    _are_in_doubt(person, 2)
    sent = sorted(one.number.removeprefix("34") for one in silent.submissions)
    assert [n for n in sent if n in numbers] == sorted([*numbers, numbers[1]])

    person.follow("Decide what becomes of them")
    person.press("Take all of them as sent")
    person.sees_state("Finished", "#live")
    shown = stack.ask("campaign", "show", name)
    assert (shown["counts"]["submitted"], shown["counts"]["in_doubt"]) == (3, 0)


def _are_in_doubt(person: Person, number: int) -> None:
    """Waits for the page to count them, which it does by itself."""
    shown = person.page.locator("#of-no_answer")
    expect(shown).to_have_text(str(number), timeout=PATIENCE_MS)
