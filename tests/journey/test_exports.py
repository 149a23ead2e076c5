"""A person takes the messages of a campaign away as a file, and sees it being made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
from playwright.sync_api import expect

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


def test_a_list_is_exported_again_without_loading_its_page_anew(
    administrator: MakePerson, stack: Stack, csv: Callable[[str, str], Path]
) -> None:
    file = csv("dos.csv", "Nombre;Celular\nAna;655000001\nEva;655000002\n")
    stack.command("list", "create", "Dos veces", "--csv", str(file))
    person = administrator()
    person.open("/lists/")
    person.follow_own("Dos veces")
    for _ in range(2):
        person.choose("Export the list as", "CSV")
        with person.page.expect_download() as download:
            person.press("Export")
        text = download.value.path().read_text(encoding="utf-8-sig")
        assert "655000001" in text and "Eva" in text
        # The form opens again a little after it was sent.
        expect(person.page.locator("form[data-sent]")).to_have_count(0)
