"""Every page that a person can reach by links, full of hostile words.

Each page is looked at in both languages, at a desk and on a phone; person.py knows
what must hold on all of them, test_stored_xss.py has planted the words.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from tests.journey.conftest import MakePerson
from tests.journey.person import Person

ENOUGH_OF_A_KIND = 2
MOST_PAGES = 90


@pytest.mark.parametrize(
    ("language", "on_phone"),
    [("en", False), ("en", True), ("es", False), ("es", True)],
    ids=["English", "English on a phone", "Spanish", "Spanish on a phone"],
)
def test_every_page_holds(
    administrator: MakePerson, hostile: str, language: str, on_phone: bool
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
