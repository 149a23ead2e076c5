"""A person takes the messages of a campaign away as a file, and sees it being made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack

MANY = 3000


def test_many_messages_are_exported_with_progress_and_downloaded(
    administrator: MakePerson,
    stack: Stack,
    csv: Callable[[str, str], Path],
    tmp_path: Path,
) -> None:
    numbers = "\n".join(f"6{55000000 + n}" for n in range(MANY))
    file = csv("numeros.csv", numbers)
    stack.command("campaign", "create", "Para exportar", "--message", "Adiós 😀",
                  "--csv", str(file))  # fmt: skip
    for person in (administrator(), administrator(on_phone=True)):
        person.open("/messages/?state=queued&number=655")
        person.look()
        person.page.get_by_label(person.say("Export"), exact=True).select_option("xlsx")
        person.press("Export these messages")
        person.page.get_by_role("link", name=person.say("Download")).wait_for()
        person.look()
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name=person.say("Download")).click()
    download.value.save_as(tmp_path / "got.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "got.xlsx", read_only=True).active
    found = list(sheet.values)
    assert len(found) == MANY + 1
    assert {row[6] for row in found[1:]} == {"Adiós 😀"}
    person.open("/messages/")
    person.look()
