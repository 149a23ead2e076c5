"""Roles and ids: what a role does not open it neither sees nor changes.

Nothing in massivesms belongs to one user: lists, campaigns and messages are the
house's, and who has the permission may open all of them. What does belong to
something, a load to its list, is found under that only.
"""

from __future__ import annotations

import pytest
from flask import Flask

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.security.house import (
    PUBLIC,
    ROLES,
    WATCHED,
    House,
    checksums,
    methods,
    needed,
    rules,
)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_pages_and_no_others(
    app: Flask, client_as: ClientAs, house: House, role: str
) -> None:
    browser = client_as(role)
    for rule in rules(app):
        if "GET" in methods(rule) and rule.endpoint not in WATCHED:
            wanted = needed(app, rule)
            is_allowed = not wanted or bool(wanted & ROLES[role])
            status = browser.get(house.address(app, rule)).status_code
            assert (status == 403) is not is_allowed, (rule.rule, status)
            assert status in (200, 302, 403, 404), (rule.rule, status)


@pytest.mark.parametrize("role", ["supervisor", "operator", "nothing"])
def test_a_role_changes_nothing_that_it_may_not(
    app: Flask,
    client: Browser,
    client_as: ClientAs,
    db: Database,
    house: House,
    role: str,
) -> None:
    if role == "nothing":
        client.send("/roles/new", {"name": "nothing", "permissions": []})
    browser = client_as(role)
    token = browser.token()
    before = checksums(db)
    for rule in rules(app):
        wanted = needed(app, rule)
        if "POST" in methods(rule) and wanted and not wanted & ROLES.get(role, set()):
            data = {"csrf_token": token}
            status = browser.post(house.address(app, rule), data=data).status_code
            assert status == 403, rule.rule
    assert checksums(db) == before


def test_nobody_opens_a_page_without_signing_in(
    app: Flask, anonymous: Browser, house: House
) -> None:
    for rule in rules(app):
        if rule.endpoint not in PUBLIC and "GET" in methods(rule):
            answer = anonymous.get(house.address(app, rule))
            assert answer.status_code == 302, rule.rule
            assert answer.location.startswith("/sign-in"), rule.rule


def test_nobody_changes_anything_without_signing_in(
    app: Flask, anonymous: Browser, db: Database, house: House
) -> None:
    token = anonymous.token()
    before = checksums(db)
    for rule in rules(app):
        if rule.endpoint not in PUBLIC and "POST" in methods(rule):
            data = {"csrf_token": token}
            answer = anonymous.post(house.address(app, rule), data=data)
            assert answer.status_code == 302, rule.rule
            assert answer.location.startswith("/sign-in"), rule.rule
    assert checksums(db) == before


def test_a_load_is_found_under_its_own_list_or_campaign_only(
    client: Browser, house: House
) -> None:
    lists, campaigns = house.ids["import_id"], house.ids["campaigns.load:import_id"]
    a_list, campaign = house.ids["list_id"], house.ids["campaign_id"]
    for end in ("", "/rows.csv"):
        assert client.get(f"/lists/{a_list}/loads/{lists}{end}").status_code == 200
        assert client.get(f"/lists/{a_list}/loads/{campaigns}{end}").status_code == 404
        url = f"/campaigns/{campaign}/loads"
        assert client.get(f"{url}/{campaigns}{end}").status_code == 200
        assert client.get(f"{url}/{lists}{end}").status_code == 404
    trunk, test = house.ids["trunk_id"], house.ids["test_id"]
    assert client.get(f"/trunks/{trunk}/test/{test}").status_code == 200
    assert client.get(f"/trunks/{int(trunk) + 1}/test/{test}").status_code == 404


STRANGE = ["0", "-1", "9" * 30, "1e1", "1%00", "1;", "1'"]


@pytest.mark.parametrize("number", STRANGE)
def test_an_id_that_is_none_leads_nowhere(
    app: Flask, client: Browser, house: House, number: str
) -> None:
    for rule in rules(app):
        if "GET" in methods(rule) and rule.arguments - {"kind_name"}:
            made = house.address(app, rule).split("/")
            strange = "/".join(number if part.isdecimal() else part for part in made)
            if strange != "/".join(made):
                status = client.get(strange).status_code
                assert status in (302, 404), (rule.rule, number)
