"""The pages, one module for each noun; a new one is added to this tuple."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Blueprint

NAMES = (
    *("home", "sign_in", "sso", "language", "account"),
    *("send", "campaigns", "lists", "templates", "messages", "inbound", "doubts"),
    *("trunks", "trunk_tests", "trunk_probes", "modems"),
    *("configuration", "users", "roles", "pbx_groups", "privacy", "audit", "event_log"),
    *("mail", "mail_tests", "notices"),
    *("webhooks", "webhook_deliveries", "monitoring", "metrics", "health"),
    "provider_calls",
    *("answers", "timetables", "holidays", "wizard", "sources"),
)


def _blueprint(name: str) -> Blueprint:
    found: Blueprint = import_module(f"{__name__}.{name}").blueprint
    return found


BLUEPRINTS = tuple(
    _blueprint(name) for name in NAMES if find_spec(f"{__name__}.{name}")
)
