"""Edit as new: only the fields of the recipients that are chosen are there."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack


def test_numbers_of_another_campaign_ask_for_neither_file_nor_list(
    administrator: MakePerson, stack: Stack
) -> None:
    file = stack.scripts.parent / "copied.csv"
    file.write_text("657100001\n657100002\n")
    made = ("campaign", "create", "Copiada", "--message", "Hola", "--csv", str(file))
    stack.command(*made)
    person = administrator("en")
    person.open("/campaigns/")
    person.follow_own("Copiada")
    person.follow("Edit as new")
    page = person.page
    for kind in ("undelivered", "all", "file", "list"):
        page.check(f"[name=recipients][value={kind}]")
        for fields in ("file", "list"):
            field = page.locator(f"[data-when={fields}]")
            expect(field).to_be_visible(visible=kind == fields)
    page.check("[name=recipients][value=all]")
    person.look()
    person.press("Create the campaign")
    person.sees_title("Copiada (2)")
    assert stack.ask("campaign", "show", "Copiada (2)")["total"] == 2
