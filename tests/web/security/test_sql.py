"""SQL: whatever an address or a form says is a value, never a statement."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

import pytest
from flask import Flask

import massivesms_web
from massivesms.domain import message_filters
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.security.house import WATCHED, House, checksums, methods, rules

PAGES = Path(massivesms_web.__file__).parent / "pages"
ASKED = re.compile(r'(?:args|chosen)\.get\(\s*"(\w+)"|^FILTERS = \(([^)]*)\)', re.M)
HOSTILE = [
    "'",
    "' OR '1'='1",
    "1; DROP TABLE user; --",
    "1 UNION SELECT password_hash FROM user",
    "\\",
    "%",
    "%' AND SLEEP(5) -- ",
    "0x27",
    "\x00",
    "\ud7ff\U0001f600",
    "-1",
    "9" * 40,
    "a" * 5000,
    "1.2.3.2026-01-01.4' OR 1=1",
    "%s %d",
    "{also}",
]


def parameters() -> set[str]:
    """Everything that the pages take from an address."""
    found: set[str] = set()
    for file in PAGES.glob("*.py"):
        for name, listed in ASKED.findall(file.read_text(encoding="utf-8")):
            found |= {name} if name else set(re.findall(r"\w+", listed))
    return found.union(message_filters.NAMES) - {""}


def test_the_parameters_are_found() -> None:
    assert {"after", "before", "number", "state", "campaign", "user"} <= parameters()


@pytest.mark.parametrize("turn", range(4))
def test_no_parameter_of_an_address_reaches_a_statement(
    app: Flask, client: Browser, db: Database, house: House, turn: int
) -> None:
    """Each address with as many different values as it takes parameters."""
    before = checksums(db)
    hostile = HOSTILE[turn * 4 :] + HOSTILE[: turn * 4]
    query = dict(zip(sorted(parameters()), cycle(hostile), strict=False))
    one_campaign = {**query, "campaign": str(house.ids["campaign_id"])}
    for rule in rules(app):
        if "GET" in methods(rule) and rule.endpoint != "lists.loads.count_calls":
            url = house.address(app, rule)
            expected = (403, 503) if rule.endpoint in WATCHED else (200, 302, 404)
            for values in (query, one_campaign):
                answer = client.get(url, query_string=values)
                assert answer.status_code in expected, (rule.rule, answer.status)
                assert "$argon2" not in answer.text
    assert checksums(db) == before


@pytest.mark.parametrize("sort", ["state", "number", "after", "before"])
def test_a_filter_with_a_pattern_finds_no_more_than_it_says(
    client: Browser, house: House, sort: str
) -> None:
    page = client.page(f"/lists/{house.ids['list_id']}?number=%25&{sort}=1")
    assert "+34600111222" not in page.text


@pytest.mark.parametrize("hostile", HOSTILE[:6])
def test_no_field_of_a_form_reaches_a_statement(
    client: Browser, db: Database, house: House, hostile: str
) -> None:
    client.send("/lists/new", {"name": hostile, "source": "file"})
    client.send(f"/lists/{house.ids['list_id']}/edit", {"name": hostile})
    client.send("/roles/new", {"name": hostile, "permissions": []})
    client.send("/sign-in", {"name": hostile, "password": hostile})
    exclude = f"/lists/{house.ids['list_id']}/contacts/exclude"
    assert client.send(exclude, {"number": hostile}).status_code == 404
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM user") == 2
        assert tx.value("SELECT COUNT(*) FROM contact WHERE excluded = 1") == 0
        assert tx.value("SELECT name FROM list") == hostile
        assert tx.value("SELECT 1 FROM role WHERE name = %s", (hostile,)) == 1
