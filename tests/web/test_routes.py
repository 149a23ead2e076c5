"""What holds for every route: permission, token, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from massivesms.domain.permissions import Permission
from massivesms.store.db import Database
from massivesms_web.pages import BLUEPRINTS
from tests.web.browser import Browser
from tests.web.conftest import ClientAs

#: What may be opened without signing in.
PUBLIC = {
    *("sign_in.show", "sign_in.enter", "sign_in.leave", "language.choose"),
    "sso.enter",
}
#: What carries a signature of the PBX's instead of our token: tests/web/test_sso.py.
SIGNED = {"sso.enter"}
FILES = {"static", "bootstrap.static"}
ROLES = {
    "administrator": set(Permission),
    "supervisor": {
        Permission.SEND,
        Permission.CAMPAIGNS,
        Permission.LISTS,
        Permission.TRUNKS,
    },
    "operator": {Permission.SEND, Permission.CAMPAIGNS, Permission.LISTS},
}
#: Tables that a look may touch: the session's own life.
UNWATCHED = {"web_session", "schema_migration"}


def rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint not in FILES)


def address(app: Flask, rule: Rule) -> str:
    """An address of the rule; nothing has the id 7, so that it may be a 404."""
    values = {name: "smpp" if name == "kind_name" else 7 for name in rule.arguments}
    url = app.url_map.bind("localhost").build(rule.endpoint, values)
    return str(url).partition("?")[0]


def methods(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def test_every_noun_has_a_blueprint() -> None:
    names = {blueprint.name for blueprint in BLUEPRINTS}
    assert names >= {"home", "send", "campaigns", "lists", "messages", "trunks"}
    assert names >= {"configuration", "users", "roles", "account", "sign_in"}


def test_every_route_has_a_permission_or_is_public(app: Flask) -> None:
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        assert (rule.endpoint in PUBLIC) != hasattr(view, "permission"), rule.endpoint


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_pages_and_no_others(
    app: Flask, client_as: ClientAs, role: str
) -> None:
    browser = client_as(role)
    for rule in rules(app):
        wanted = getattr(app.view_functions[rule.endpoint], "permission", ())
        is_allowed = not wanted or bool(set(wanted) & ROLES[role])
        if "GET" in methods(rule):
            status = browser.get(address(app, rule)).status_code
            assert (status == 403) is not is_allowed, (rule.rule, status)
            assert status in (200, 302, 403, 404), (rule.rule, status)


@pytest.mark.parametrize("role", ["operator"])
def test_a_role_changes_nothing_that_it_may_not(
    app: Flask, client_as: ClientAs, role: str
) -> None:
    browser = client_as(role)
    token = browser.token()
    for rule in rules(app):
        wanted = set(getattr(app.view_functions[rule.endpoint], "permission", ()))
        if "POST" in methods(rule) and wanted and not wanted & ROLES[role]:
            data = {"csrf_token": token}
            status = browser.post(address(app, rule), data=data).status_code
            assert status == 403, rule.rule


def test_nobody_opens_a_page_without_signing_in(app: Flask, anonymous: Browser) -> None:
    for rule in rules(app):
        if rule.endpoint in PUBLIC:
            continue
        if "GET" in methods(rule):
            answer = anonymous.get(address(app, rule))
            assert answer.status_code == 302, rule.rule
            assert answer.location.startswith("/sign-in"), rule.rule


@pytest.mark.parametrize("token", [None, "made-up", "foreign"])
def test_every_change_needs_the_token_of_its_session(
    app: Flask, client: Browser, client_as: ClientAs, token: str | None
) -> None:
    if token == "foreign":
        token = client_as("operator").token()
    data = {"csrf_token": token} if token else {}
    for rule in (rule for rule in rules(app) if rule.endpoint not in SIGNED):
        for method in methods(rule) - {"GET"}:
            answer = client.open(address(app, rule), method=method, data=data)
            assert answer.status_code == 400, (rule.rule, method)


def test_looking_changes_nothing(app: Flask, client: Browser, db: Database) -> None:
    before = checksums(db)
    for rule in rules(app):
        if "GET" in methods(rule):
            client.get(address(app, rule))
            client.get(address(app, rule), headers={"HX-Request": "true"})
    assert checksums(db) == before


def checksums(db: Database) -> dict[str, int]:
    with db.transaction() as tx:
        tables = [table for (table,) in tx.tuples("SHOW TABLES")]
        watched = ", ".join(f"`{t}`" for t in tables if t not in UNWATCHED)
        return dict(tx.tuples(f"CHECKSUM TABLE {watched}"))
