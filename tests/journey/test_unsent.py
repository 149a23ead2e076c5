"""A campaign ended by hand: some blocked from a file, the rest discarded."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack

BLOCKED = {
    "en": "2 numbers are blocked now.",
    "es": "2 números se han añadido a la lista negra.",
}


@pytest.mark.parametrize(
    ("language", "on_phone"),
    [("en", False), ("es", True)],
    ids=["English", "Spanish on a phone"],
)
def test_some_are_blocked_for_a_campaign_and_the_rest_is_discarded(
    administrator: MakePerson, stack: Stack, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    start = f"65200{1 if on_phone else 2}"
    name = f"Aviso {start}"
    file = stack.scripts.parent / f"{start}.csv"
    file.write_text("".join(f"{start}{n:03}\n" for n in range(40)))
    stack.command("campaign", "create", name, "--message", "Hola", "--csv", str(file),
                  "--deadline", "2035-07-01 20:00")  # fmt: skip

    person.open("/campaigns/")
    person.follow_own(name)
    person.follow("Blocked numbers of this campaign")
    person.page.locator("details.fold summary").nth(1).click()
    rows = f"{start}000;\n{start}001;{name.upper()};\n{start}002;Otra;\n".encode()
    person.upload(
        "CSV file or workbook",
        FilePayload(name="b.csv", mimeType="text/csv", buffer=rows),
    )
    person.press("Block these numbers")
    person.sees_own(BLOCKED[language])
    person.sees("There is no campaign called %(name)s.", name="Otra")

    person.go_to("Campaigns")
    person.follow_own(name)
    person.sees_own("1 Jul 2035, 20:00" if language == "en" else "1 jul 2035, 20:00")
    person.follow("Discard what is not sent yet")
    assert "40" in person.page.inner_text("#content")
    person.press("Discard it")
    person.sees_state("Finished")
    person.look()
    shown = stack.ask("campaign", "show", name)
    assert shown["counts"]["cancelled"] == shown["total"] == 40
    assert not [
        one for one in stack.smsc.submissions if one.number[2:].startswith(start)
    ]
