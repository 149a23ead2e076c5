"""CSRF: no change without the token of the own session, and looking changes nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.security.house import SIGNED, House, checksums, methods, rules


@pytest.mark.parametrize("token", [None, "made-up", "foreign"])
def test_every_change_needs_the_token_of_its_session(
    app: Flask,
    client: Browser,
    client_as: ClientAs,
    db: Database,
    house: House,
    token: str | None,
) -> None:
    if token == "foreign":
        token = client_as("operator").token()
    data = {"csrf_token": token} if token else {}
    headers = {"X-CSRFToken": token} if token else {}
    before = checksums(db)
    seen = 0
    for rule in (rule for rule in rules(app) if rule.endpoint not in SIGNED):
        for method in methods(rule) - {"GET"}:
            url = house.address(app, rule)
            for sent in ({"data": data}, {"headers": headers}):
                answer = client.open(url, method=method, **sent)
                assert answer.status_code == 400, (rule.rule, method)
                seen += 1
    assert seen > 60
    assert checksums(db) == before


def test_nobody_signs_another_in_without_a_token(anonymous: Browser) -> None:
    values = {"name": "ana", "password": "x"}
    assert anonymous.post("/sign-in", data=values).status_code == 400


def test_looking_changes_nothing(
    app: Flask, client: Browser, db: Database, house: House
) -> None:
    before = checksums(db)
    found = 0
    for rule in rules(app):
        if "GET" in methods(rule):
            url = house.address(app, rule)
            found += client.get(url).status_code == 200
            client.get(url, headers={"HX-Request": "true"})
            client.head(url)
    assert found > 30, "the addresses lead nowhere"
    assert checksums(db) == before


def test_a_change_by_get_is_no_change(
    app: Flask, client: Browser, db: Database, house: House
) -> None:
    token = client.token()
    before = checksums(db)
    for rule in rules(app):
        if "GET" not in methods(rule):
            url = f"{house.address(app, rule)}?csrf_token={token}"
            assert client.get(url).status_code < 500, rule.rule
    assert checksums(db) == before
