"""Every page that a person can reach by links, full of hostile words.

Names, texts, files and answers of a script that try to break out of the page
show as they are. Each page is looked at in both languages, at a desk and on a
phone; person.py knows what must hold on all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload

from tests.journey.conftest import MakePerson
from tests.journey.person import Person
from tests.journey.stack import Stack

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'"
SENDER = "<b>'\"&x"
TRUNK = "<i onclick=alert(3)>x</i>"
TEXT = f"{HOSTILE} {{{{ 7*7 }}}} ñ"
NUMBERS = ["641000001", "641000002"]
SCRIPT = """#!/bin/sh
printf '%s\\n' '7;<img src=x onerror=alert(4)>"\\'\\'';0;1'
""".replace("\\'\\''", "")
ENOUGH_OF_A_KIND = 2
MOST_PAGES = 90


@pytest.fixture(scope="module")
def hostile(stack: Stack) -> None:
    """A script trunk whose script answers with markup."""
    stack.add_script("hostil", SCRIPT)
    how = ("--type", "script", "--set", "script=hostil", "--priority", "9")
    stack.command("trunk", "add", TRUNK, *how)


def test_hostile_words_show_as_they_are(
    administrator: MakePerson, stack: Stack, hostile: None
) -> None:
    person = administrator()
    rows = "\n".join(["móvil", *NUMBERS, f'"{HOSTILE.replace(chr(34), chr(34) * 2)}"'])
    file = FilePayload(
        name="x'><img src=x onerror=alert(5)>.csv",
        mimeType="text/csv",
        buffer=rows.encode(),
    )
    person.open("/lists/new")
    person.fill("Name", HOSTILE)
    person.fill("Description", HOSTILE)
    person.upload("CSV file", file)
    person.press("Create the list")
    person.sees_title("Loaded into %(name)s", name=HOSTILE)
    person.sees_own("onerror=alert(5)")

    person.open("/campaigns/new")
    person.fill("Name", HOSTILE)
    person.page.get_by_label("One of the lists", exact=True).check()
    person.choose("List", HOSTILE)
    person.fill("Message", TEXT)
    person.fill("Sender", SENDER)
    person.choose("Trunk", TRUNK)
    person.tick("Create it paused", on=False)
    person.press("Create the campaign")
    person.sees_state("Finished", "#live")
    person.sees_own(TEXT)
    person.follow("Load again")
    for row in person.table():
        assert "<img src=x onerror=alert(4)>" in row


@pytest.mark.parametrize(
    ("language", "on_phone"),
    [("en", False), ("en", True), ("es", False), ("es", True)],
    ids=["English", "English on a phone", "Spanish", "Spanish on a phone"],
)
def test_every_page_holds(
    administrator: MakePerson, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    seen: Counter[str] = Counter()
    waiting = ["/"]
    wrong: list[str] = []
    while waiting and seen.total() < MOST_PAGES:
        path = waiting.pop(0)
        kind = re.sub(r"\d+", "N", urlsplit(path).path)
        if seen[kind] >= ENOUGH_OF_A_KIND:
            continue
        seen[kind] += 1
        try:
            person.open(path)
        except AssertionError as error:  # all of it in one run
            wrong.append(str(error))
            person.faults.clear()
        waiting += [link for link in _links(person) if link not in waiting]
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 25, sorted(seen)


def _links(person: Person) -> list[str]:
    """Addresses of ours that a page leads to; no files to save, and none that
    only people without script come to see."""
    found = person.page.evaluate(
        """() => Array.from(document.querySelectorAll("a[href]:not([download])"))
             .filter((a) => !a.closest("[hx-trigger=load]")).map((a) => a.href)"""
    )
    paths = [
        link.removeprefix(person.url).split("#")[0]
        for link in found
        if link.startswith(person.url + "/")
    ]
    return list(dict.fromkeys(paths))
