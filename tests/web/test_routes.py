"""What holds for every route: a noun of its own, and a permission."""

from __future__ import annotations

import re

from flask import Flask

from massivesms_web.pages import BLUEPRINTS
from tests.architecture.source import WEB
from tests.web.security.house import PUBLIC, rules


def test_every_noun_has_a_blueprint() -> None:
    names = {blueprint.name for blueprint in BLUEPRINTS}
    assert names >= {"home", "send", "campaigns", "lists", "messages", "trunks"}
    assert names >= {"configuration", "users", "roles", "account", "sign_in"}
    assert names >= {"audit", "event_log", "privacy"}


def test_every_route_has_a_permission_or_is_public(app: Flask) -> None:
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        assert (rule.endpoint in PUBLIC) != hasattr(view, "permission"), rule.endpoint


ADDRESS = re.compile(r"""url_for\(\s*["']([a-z_.]+)["']""")


def test_every_address_that_is_written_leads_somewhere(app: Flask) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    written = {
        (path.name, name)
        for path in (*WEB.rglob("*.html"), *WEB.rglob("*.py"))
        for name in ADDRESS.findall(path.read_text(encoding="utf-8"))
        if not name.startswith(".")  # of its own blueprint
    }
    assert len(written) > 100
    assert [pair for pair in written if pair[1] not in known] == []
