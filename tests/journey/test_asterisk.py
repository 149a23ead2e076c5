"""Somebody makes a trunk of the PBX's modem: refused at first, helped, and sent."""

from __future__ import annotations

import pytest

from tests.fakes.asterisk.pbx import SECRET, USER
from tests.fakes.asterisk.server import Asterisk
from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack


@pytest.mark.parametrize("on_phone", [False, True], ids=["desk", "phone"])
def test_a_modem_of_asterisk_becomes_a_trunk(
    administrator: MakePerson, stack: Stack, on_phone: bool
) -> None:
    person = administrator("en", on_phone=on_phone)
    name, number = f"Asterisk {int(on_phone)}", f"69911000{int(on_phone)}"
    with Asterisk() as asterisk:
        person.open("/trunks/new")
        person.page.locator("a[href$='/trunks/new/asterisk']").click()
        person.look()
        person.fill("Name", name)
        person.fill("Devices", "dongle0")
        person.fill("Port", str(asterisk.port))
        person.fill("User of the manager interface", USER)
        person.fill("Its secret", "not this one")
        person.fill("Numbers that it serves", f"34{number}")
        person.press("Save the trunk")
        person.sees_state("Stopped")
        person.sees("What Asterisk needs")
        person.sees_own("write = call,reporting,message")
        person.look()

        person.follow("Change")
        person.fill("Its secret", SECRET)
        person.press("Save the trunk")
        if person.button("Start again").count():
            person.press("Start again")
        person.sees_state("Ready")
        assert not person.page.get_by_text("manager_custom.conf").count()
        person.press("Test")
        person.sees("The modem %(detail)s can send.",
                    detail="dongle0 (Movistar, -71 dBm)")  # fmt: skip
        person.sees("Passed: the trunk works.")
        person.look()

        stack.command("send", number, "¡Funciona!", "--trunk", name)
        assert [one.text for one in asterisk.sent] == ["¡Funciona!"]
        stack.command("trunk", "remove", name)
