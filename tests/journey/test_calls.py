"""From the calls of the PBX to a list: counted while one watches, then saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.call_tables import CallTable, call_tables
from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack
from tests.servers.mariadb import PrivateMariaDB

SLOW = """
CREATE VIEW cdr AS SELECT calldate, src, dst, disposition, billsec, did FROM calls
WHERE SLEEP(0.03) = 0"""


@pytest.fixture
def slow_calls(mariadb: PrivateMariaDB, stack: Stack) -> Iterator[CallTable]:
    """A hundred callers, from a PBX that takes three seconds to say who they were."""
    with call_tables(mariadb):
        table = CallTable(mariadb, "FreePBX 17")
        table.fill(100)
        table.write({"calldate": "2026-01-05", "src": "912345678"})
        table.run("RENAME TABLE cdr TO calls")
        table.run(SLOW)
        yield table
        table.close()


@pytest.mark.parametrize(
    ("language", "on_phone"),
    [("en", True), ("es", False)],
    ids=["English on a phone", "Spanish"],
)
def test_a_list_is_made_from_calls_while_one_watches(
    administrator: MakePerson, slow_calls: CallTable, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    name = f"Llamadas {language}"
    person.open("/lists/new")
    person.page.get_by_label(person.say("The PBX's call records"), exact=True).check()
    person.page.get_by_label(person.say("Answered"), exact=True).check()
    person.press("Count the numbers first")
    person.sees_title("Numbers from the call records")
    person.stays_on_this_page()
    reading = "Reading the call records: %(percent)s %% done, %(found)s different "
    person.sees(reading + "numbers until now.", percent=0, found=0)
    person.sees(
        "Mobile numbers that would be taken: %(n)s. Other numbers, which would not: "
        "%(refused)s.",
        n=100,
        refused=0,
    )
    assert person.has_stayed
    person.look()
    person.fill("Name", name)
    person.press("Create the list")
    person.page.locator("a", has_text=person.say("Open the list")).wait_for()
    person.look()
    person.follow("Open the list")
    person.sees_own("+34600000001")


def test_a_person_stops_the_reading(
    administrator: MakePerson, slow_calls: CallTable
) -> None:
    person = administrator()
    person.open("/lists/new")
    person.page.get_by_label("The PBX's call records", exact=True).check()
    person.fill("Name", "Nunca")
    person.press("Create the list")
    person.press("Stop reading")
    person.sees("It was stopped. Nothing was saved.")
    person.follow("Choose other calls")
    assert person.field("Name").input_value() == "Nunca"
