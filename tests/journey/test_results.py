"""The figures on a campaign's page are those of the operator's own log.

A campaign of mixed ends goes through the simulator; its page, which nobody loads
again, comes to show what became of each message.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fakes.smsc import Receipts
from tests.journey.conftest import MakePerson
from tests.journey.person import PATIENCE_MS, Person
from tests.journey.stack import MANNERS, Stack

CODE = "641"
NUMBERS = [f"{CODE}{n:06}" for n in range(1, 41)]
BLOCKED = NUMBERS[39]
#: how a number ends -> what the operator says of it later
ENDS = {"1": "UNDELIV", "2": "EXPIRED", "3": "REJECTD"}
REFUSED = "4"
FIGURES = {
    "DELIVRD": "delivered",
    "UNDELIV": "undelivered",
    "EXPIRED": "expired",
    "REJECTD": "rejected",
}


@pytest.fixture
def mixed(stack: Stack) -> Iterator[None]:
    """The simulator refuses some numbers at once and others later."""
    states = {f"^34{CODE}.*{end}$": stat for end, stat in ENDS.items()}
    stack.smsc.behaviour = dataclasses.replace(
        MANNERS,
        reject={**MANNERS.reject, f"^34{CODE}.*{REFUSED}$": 0x0B},
        receipts=Receipts(delay_s=0.2, states=states, errors={"UNDELIV": "021"}),
    )
    yield
    stack.smsc.behaviour = MANNERS


def of_the_log(stack: Stack) -> dict[str, int]:
    """What the operator did with each number, by the figure that it belongs to."""
    found: Counter[str] = Counter()
    for one in stack.smsc.submissions:
        if one.number.startswith(f"34{CODE}"):
            stat = ENDS.get(one.number[-1], "DELIVRD")
            found["refused" if one.verdict else FIGURES[stat]] += 1
    return dict(found)


def shown(person: Person) -> dict[str, int]:
    """The figures of the page that have any messages."""
    cells = person.page.locator("#figures [id^=figure-]")
    return {
        str(one.get_attribute("id")).removeprefix("figure-"): int(one.inner_text())
        for one in cells.all()
    }


def test_the_figures_are_those_of_the_operators_log(
    administrator: MakePerson,
    stack: Stack,
    mixed: None,
    csv: Callable[[str, str], Path],
) -> None:
    stack.command("blocked", "add", BLOCKED)
    file = csv("mixtos.csv", "\n".join([*NUMBERS, "sin número"]) + "\n")
    how = ("--message", "resultados mezclados", "--csv", str(file))
    stack.command("campaign", "create", "Mezclada", *how)
    person = administrator()
    person.open("/campaigns/")
    person.follow_own("Mezclada")
    person.press("Resume")
    person.stays_on_this_page()
    person.sees_state("Finished", "#live")
    accepted = person.page.locator("#figures .figures-part", has_text="Accepted by")
    zero = re.compile(r"Accepted by the operator\s+0\s")
    expect(accepted).to_have_text(zero, timeout=PATIENCE_MS)
    assert person.has_stayed

    log = of_the_log(stack)
    assert log == {
        "delivered": 23,
        "undelivered": 4,
        "expired": 4,
        "rejected": 4,
        "refused": 4,
    }
    assert shown(person) == {**log, "blocked": 1, "invalid_number": 1}
    assert person.page.locator("#of-sent").inner_text() == "35"
    assert person.page.locator("#figures-total").inner_text() == "41"
    found = stack.ask("campaign", "show", "Mezclada")["results"]
    assert found["sent"]["messages"] == 35 and found["failed"]["messages"] == 4

    # Each figure leads on; both charts are drawn.
    for canvas in person.page.locator("[data-chart-of] canvas").all():
        expect(canvas).to_be_visible(timeout=PATIENCE_MS)
    person.page.locator("#figure-undelivered").click()
    person.look()
    assert "state=undelivered" in person.page.url
    assert len(person.table()) == 4


def test_one_message_more_goes_out_within_its_campaign(
    administrator: MakePerson, stack: Stack, csv: Callable[[str, str], Path]
) -> None:
    file = csv("una.csv", "642000001\n")
    how = ("--message", "la campaña", "--csv", str(file), "--run")
    stack.command("campaign", "create", "Con una más", *how)
    person = administrator()
    person.open("/campaigns/")
    person.follow_own("Con una más")
    person.sees_state("Finished", "#live")
    person.page.locator("#single summary").click()
    person.fill("To number", "642000002")
    person.fill("Text", "una más")
    person.press("Send this one")
    person.sees("The message is on the phone.")
    came = {one.text for one in stack.smsc.messages() if one.number == "34642000002"}
    assert came == {"una más"}
    counts = stack.ask("campaign", "show", "Con una más")["counts"]
    assert counts["delivered"] == 2
