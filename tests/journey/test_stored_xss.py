"""Stored XSS: what came in from anywhere shows as it is, in a real browser.

Texts, also those that came in, CSV header, cells and file name, sender, script
message, why a script stopped its trunk, names of lists, campaigns, trunks and users,
and what the logs say of them. person.py notices a dialog and whatever the policy
blocked; test_every_page.py goes over every page with these words on it.
"""

from __future__ import annotations

from playwright.sync_api import FilePayload

from tests.journey.conftest import MakePerson
from tests.journey.hostile import FILE, HOSTILE, NUMBERS, SENDER, TEXT, TRUNK, USER
from tests.journey.stack import Stack


def test_hostile_words_show_as_they_are(
    administrator: MakePerson, stack: Stack, hostile: str
) -> None:
    person = administrator()
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    header = '"móvil <img src=x onerror=alert(8)>",nota'
    value = '"' + TEXT.replace('"', '""') + '"'
    rows = [f"{number},{value}" for number in NUMBERS]
    file = FilePayload(
        name=FILE,
        mimeType="text/csv",
        buffer="\n".join([header, *rows, quoted]).encode(),
    )
    person.open("/lists/new")
    person.fill("Name", HOSTILE)
    person.fill("Description", HOSTILE)
    person.upload("CSV file or workbook", file)
    person.press("Create the list")
    person.sees_title("Loaded into %(name)s", name=HOSTILE)
    person.sees_own("onerror=alert(5)")
    person.open("/lists/")
    person.follow_own(HOSTILE)
    person.follow_own("+34641000001")
    assert person.field("Nota").input_value() == TEXT

    person.open("/campaigns/new")
    person.fill("Name", HOSTILE)
    person.page.get_by_label("One of the lists", exact=True).check()
    person.choose("List", HOSTILE)
    person.fill("Message", "<nota>")
    person.fill("Sender", SENDER)
    person.choose("Trunk", TRUNK)
    person.tick("Create it paused", on=False)
    person.press("Create the campaign")
    person.sees_state("Finished", "#live")
    person.sees_own("<nota>")
    person.follow("Load again")
    for row in person.table():
        assert "<img src=x onerror=alert(4)>" in row


def test_what_came_in_shows_as_it_is(
    administrator: MakePerson, stack: Stack, hostile: str
) -> None:
    person = administrator()
    person.open("/incoming/")
    person.sees_own(TEXT)
    person.follow_own("<img src=x onerror=0>")
    person.sees_own(f"{TEXT} \\u202e\\x00.")


def test_the_logs_show_them_as_they_are(
    administrator: MakePerson, stack: Stack, hostile: str
) -> None:
    person = administrator()
    person.open("/configuration/log/?action=user.create")
    person.sees_own(USER)
    person.open("/configuration/log/?action=trunk.create")
    person.sees_own(TRUNK)
    person.open("/configuration/events/")
    person.sees_own("<svg onload=alert(6)>")


def test_a_refused_name_at_the_sign_in_is_shown_as_it_is(
    administrator: MakePerson, stranger: MakePerson, stack: Stack
) -> None:
    visitor = stranger()
    visitor.expected_statuses = {401}
    visitor.sign_in("<img src=x onerror=alert(9)>", "wrong wrong wrong")
    person = administrator()
    person.open("/configuration/events/?kind=sign_in")
    person.sees_own("onerror=alert(9)")
