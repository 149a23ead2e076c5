"""A modem in front of a person: found, live, its balance, a call."""

from __future__ import annotations

import pytest

from tests.fakes.modem.server import Modem
from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack


@pytest.mark.parametrize("on_phone", [False, True], ids=["desk", "phone"])
def test_a_modem_is_watched_asked_and_called(
    administrator: MakePerson, stack: Stack, on_phone: bool
) -> None:
    person = administrator("en", on_phone=on_phone)
    name, caller = f"Stick {int(on_phone)}", f"+3465990011{int(on_phone)}"
    with Modem() as modem:
        values = ("--set", f"port={modem.path}", "--set", "balance_code=*133#")
        # It serves nobody: the messages of other journeys are not for it.
        stack.command(
            "trunk", "add", name, "--type", "modem", "--prefixes", "999", *values
        )
        try:
            person.open("/trunks/")
            person.follow_own(name)
            person.stays_on_this_page()
            person.sees("Registered in its own network")
            person.sees_own("Movistar")
            person.look()
            for _ in range(2):
                person.press("Ask for the balance")
                person.sees_own(modem.stick.behaviour.balance)
            person.page.locator("#balance canvas").wait_for()
            assert person.has_stayed
            person.look()

            modem.do(lambda stick: stick.ring(caller))
            person.open("/incoming/")
            person.sees_own(caller)
            person.sees("Called, and wrote nothing")
            person.look()
        finally:
            stack.command("trunk", "remove", name)


def test_ports_are_looked_at_in_front_of_a_person(
    administrator: MakePerson, stack: Stack
) -> None:
    person = administrator("en")
    person.open("/trunks/modems")
    person.press("Look for modems")
    person.page.locator("#found:not([hx-get])").wait_for()
    person.look()
