"""A campaign from its expensive text to the test message, the check and the start."""

from __future__ import annotations

import pytest

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack


@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_a_text_is_made_cheaper_checked_tried_and_sent(
    administrator: MakePerson, stack: Stack, on_phone: bool
) -> None:
    person = administrator("en", on_phone=on_phone)
    start = f"65300{1 if on_phone else 2}"
    name = f"Recordatorio {start}"
    file = stack.scripts.parent / f"{start}.csv"
    file.write_text("".join(f"{start}{n:03}\n" for n in range(3)))

    person.open("/campaigns/new")
    page = person.page
    page.fill("#name", name)
    page.set_input_files("#file", str(file))
    page.fill("#text", f"“Recuerde” su cita – mañana… {'a' * 60}")
    assert page.locator("[data-smart-text] mark").count() == 4
    assert page.text_content("[data-count=segments]") == "2"
    page.click("[data-smart-take]")
    assert page.text_content("[data-count=segments]") == "1"
    person.press("Create it paused and check it")

    person.sees("Try it with yourself")
    assert '"Recuerde" su cita - mañana...' in page.inner_text("#content")
    person.look()
    page.fill("#number", f"{start}900")
    page.locator("button[name=message_id]").nth(1).click()
    page.wait_for_url("**/messages/*")

    person.go_to("Campaigns")
    person.follow_own(name)
    person.follow("Check before sending")
    person.press("Start the campaign")
    person.sees_state("Finished")
    shown = stack.ask("campaign", "show", name)
    assert shown["total"] == 3
    sent = {one.number[2:] for one in stack.smsc.submissions}
    assert {f"{start}{n:03}" for n in range(3)} | {f"{start}900"} <= sent
