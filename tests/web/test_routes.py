"""What holds for every route: a noun of its own, and a permission."""

from __future__ import annotations

from flask import Flask

from massivesms_web.pages import BLUEPRINTS
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
