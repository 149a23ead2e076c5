"""From nothing to the last number: a trunk, a list, a campaign, its end.

The main line, in both languages, at a desk and on a phone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journey.conftest import MakePerson
from tests.journey.person import Person
from tests.journey.stack import ADMINISTRATOR, PASSWORD, Stack

GOOD = 12
TEXT = "Año nuevo, café a 2 € 😀"
WAYS = pytest.mark.parametrize(
    ("language", "on_phone", "code"),
    [("en", False, 11), ("es", False, 12), ("es", True, 13)],
    ids=["English", "Spanish", "Spanish on a phone"],
)


def numbers_of(code: int) -> list[str]:
    return [f"6{code}{n:06}" for n in range(1, GOOD + 1)]


def create_trunk(person: Person, stack: Stack, name: str, user: str) -> None:
    person.go_to("Trunks")
    person.follow("New trunk")
    person.page.locator("a[href$='/new/smpp']").click()
    person.look()
    person.fill("Name", name)
    person.choose("Provider", person.say("Simulator on this machine"))
    assert person.field("Server").input_value() == "127.0.0.1"
    assert person.field("Port").input_value() == "2775"
    person.fill("Port", str(stack.smsc.port))
    person.fill("User", user)
    person.fill("Password", "secreta")
    person.tick("Put the country code before local numbers")
    person.press("Save the trunk")
    person.sees_title("Trunk %(name)s", name=name)
    person.sees_state("Ready", "#live")


def create_list(person: Person, name: str, file: Path) -> None:
    person.go_to("Lists")
    person.page.locator("a[href$='/lists/new']").first.click()
    person.look()
    person.fill("Name", name)
    person.upload("CSV file or workbook", file)
    person.press("Create the list")


def create_campaign(person: Person, name: str, list_name: str, trunk: str) -> None:
    person.go_to("Campaigns")
    person.page.locator("a[href$='/campaigns/new']").first.click()
    person.look()
    person.fill("Name", name)
    person.page.get_by_label(person.say("One of the lists"), exact=True).check()
    person.choose("List", list_name)
    person.fill("Message", TEXT)
    person.choose("Trunk", trunk)
    assert person.field("Create it paused").is_checked()
    person.press("Create the campaign")


@WAYS
def test_from_a_trunk_to_the_last_receipt(
    stranger: MakePerson,
    stack: Stack,
    csv: Callable[[str, str], Path],
    language: str,
    on_phone: bool,
    code: int,
) -> None:
    person = stranger(language, on_phone=on_phone)
    person.sign_in(ADMINISTRATOR, PASSWORD)
    trunk, clients, sale = f"Troncal {code}", f"Clientes {code}", f"Rebajas {code}"

    create_trunk(person, stack, trunk, f"u{code}")
    person.press("Test")
    person.sees("Passed: the trunk works.")
    person.sees_own(person.say("Signed in at the operator. %(detail)s", detail=""))

    numbers = numbers_of(code)
    rows = ["móvil", *numbers, numbers[0], "912345678", "sin número"]
    create_list(person, clients, csv(f"altas-{code}.csv", "\n".join(rows) + "\n"))
    person.sees_title("Loaded into %(name)s", name=clients)
    assert [row.split()[0] for row in person.table()] == ["14", "15", "16"]
    saved = person.download("Download the rows not taken")
    assert "912345678" in saved
    assert numbers[1] not in saved

    create_campaign(person, sale, clients, trunk)
    person.sees_state("Paused", "#live")
    assert len(person.table()) == GOOD
    person.stays_on_this_page()
    person.press("Resume")
    person.stays_on_this_page()
    person.sees_state("Finished", "#live")
    person.page.locator("#figure-delivered", has_text=str(GOOD)).wait_for()
    assert person.has_stayed

    person.choose("State", person.say("Delivered"))
    person.press("Filter")
    listed = person.table()
    assert len(listed) == GOOD
    assert all(person.say("Delivered") in row for row in listed)
    person.follow_own(f"+34{numbers[0]}")
    person.sees("The message is on the phone.")
    came = [one for one in stack.smsc.messages() if one.number[3:5] == str(code)]
    assert {(one.number, one.text) for one in came} == {
        (f"34{number}", TEXT) for number in numbers
    }
    assert len(came) == GOOD


def test_a_campaign_can_be_stopped_and_goes_on_where_it_was(
    administrator: MakePerson, stack: Stack, csv: Callable[[str, str], Path]
) -> None:
    stack.add_smpp_trunk("Lenta", "--rate", "8", "--priority", "9", user="lenta")
    numbers = [f"621{n:06}" for n in range(40)]
    file = csv("lenta.csv", "\n".join(numbers) + "\n")
    how = ("--message", "despacio", "--trunk", "Lenta", "--run")
    stack.command("campaign", "create", "Despacio", "--csv", str(file), *how)
    person = administrator()
    person.open("/campaigns/")
    person.follow_own("Despacio")
    person.sees_state("Running", "#live")
    person.press("Stop")
    person.sees_state("Paused", "#live")
    person.sees("It is paused: press Resume to send it.")
    # What is on the wire is finished; nothing else leaves.
    waiting = stack.ask("campaign", "show", "Despacio")["counts"]
    assert 0 < waiting["queued"] < len(numbers)
    person.page.wait_for_timeout(1500)
    counts = stack.ask("campaign", "show", "Despacio")["counts"]
    assert counts["queued"] == waiting["queued"]
    person.press("Resume")
    person.sees_state("Finished", "#live")
    came = [one.number for one in stack.smsc.messages() if one.text == "despacio"]
    assert sorted(came) == [f"34{number}" for number in numbers]
