"""Holds the house to its rooms: imports point one way, tools stay in their room."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import pytest

from tests.architecture.source import (
    SERVICE,
    WEB,
    Module,
    imports,
    modules,
)

KINDS_OF_TRUNKS = {
    *("trunks.smpp", "trunks.script", "trunks.http", "trunks.modem"),
    "trunks.asterisk",
}
#: room -> the rooms of massivesms that it may import, beside itself.
MAY_IMPORT = {
    "": set(),
    "domain": set(),
    "errors": {"domain"},
    "config": {"domain", "errors"},
    "vault": {"domain", "errors"},
    "languages": {"domain"},
    "passwords": {"domain"},
    "handover": {"domain"},
    "script_files": set(),
    "store": {"domain", "errors", "config"},
    "background": {"domain", "errors", "store"},
    "intake": {"", "domain", "errors", "config", "store", "background"},
    "export": {
        *("domain", "errors", "config", "store", "background", "intake", "languages")
    },
    "event_log": {"domain", "errors"},
    "webhooks": {"", "domain"},
    "sources": {"domain", "errors", "intake", "webhooks"},
    "automatic": {
        *("", "domain", "errors", "config", "vault", "store", "intake", "sources"),
        "languages",
    },
    "webhook_drafts": {"domain", "errors", "store", "vault", "webhooks"},
    "trunk_drafts": {"domain", "errors", "store", "vault", "script_files"},
    "trunks": {"domain", "errors", "script_files", *KINDS_OF_TRUNKS},
    "trunks.http": {"", "domain", "errors", "trunks", "webhooks"},
    "trunks.smpp": {"domain", "errors", "trunks"},
    "trunks.script": {"domain", "errors", "trunks", "script_files"},
    "trunks.modem": {"domain", "errors", "trunks"},
    "trunks.asterisk": {"domain", "errors", "trunks"},
    "engine": {
        *("", "domain", "errors", "config", "vault", "store", "trunks"),
        *("event_log", "mail", "mail_drafts", "notices"),
        *("webhooks", "webhook_drafts", "automatic"),
    },
    "mail": {"domain", "errors"},
    "mail_drafts": {"domain", "errors", "store", "vault"},
    "notices": {"domain", "languages", "store"},
    "takeover": {
        *("domain", "errors", "config", "store"),
        *("vault", "script_files", "trunk_drafts"),
    },
    "backup": {"", "domain", "errors", "config", "store", "vault", "script_files"},
    "setup": {"domain", "errors", "config", "store"},
}
WEB_MAY_IMPORT = {
    *("domain", "store", "intake", "export", "background", "config", "errors"),
    *("vault", "passwords", "script_files", "trunk_drafts", "event_log", "handover"),
    *("languages", "notices", "mail_drafts"),
    *("webhooks", "webhook_drafts", "automatic", "sources"),
}
#: The outermost rooms: they join all others.
OUTERMOST = {"commands", "cli"}

PURE = {
    *("__future__", "collections", "dataclasses", "json", "enum", "types", "typing"),
    *("re", "math", "unicodedata", "functools", "itertools", "bisect", "string"),
    *("array", "datetime", "decimal", "difflib", "zoneinfo", "phonenumbers"),
    *("base64", "ipaddress", "urllib"),  # urllib.parse: see ONLY_IN
}
#: library -> the only rooms that may import it.
ONLY_IN = {
    "pymysql": {"store", "sources"},
    "psycopg": {"sources"},
    "smpplib": {"trunks.smpp"},
    "subprocess": {"trunks.script", "setup", "intake"},  # intake: book_process
    "python_calamine": {"intake"},
    "serial": {"trunks.modem"},
    "requests": {"trunks.http"},
    "urllib3": {"trunks.http"},
    "smtplib": {"mail"},
    "http.client": {"trunks.http", "webhooks"},
    "urllib.request": set(),
    "sqlite3": {"store", "sources"},
    "daemon": {"engine"},
    "argon2": {"passwords"},
    "cryptography": {"vault"},
    "prometheus_client": {"metrics"},  # of the web
    "xlsxwriter": {"export"},
}
SERVICE_MODULES = modules(SERVICE)
WEB_MODULES = modules(WEB)
ALL_ROOMS = {module.room for module in SERVICE_MODULES}


def ours(module: Module) -> set[str]:
    """The rooms of massivesms that a module imports."""
    found = set()
    for name in imports(module):
        package, _, rest = name.partition(".")
        if package == "massivesms":
            found.add(room_of(rest))
    return found


def room_of(rest: str) -> str:
    parts = rest.split(".")
    folder = ".".join(parts[:2])
    if parts[0] == "trunks" and folder in ALL_ROOMS:
        return folder
    return parts[0] if parts[0] in ALL_ROOMS else ""


def named(found: Iterable[Module]) -> list[object]:
    return [pytest.param(module, id=module.name) for module in found]


def test_every_room_of_the_service_has_its_rule() -> None:
    assert set(MAY_IMPORT) | OUTERMOST == ALL_ROOMS


@pytest.mark.parametrize(
    "module", named(m for m in SERVICE_MODULES if m.room not in OUTERMOST)
)
def test_a_room_imports_only_the_rooms_below_it(module: Module) -> None:
    assert ours(module) - {module.room} <= MAY_IMPORT[module.room]


def test_trunks_and_store_never_see_each_other() -> None:
    for module in SERVICE_MODULES:
        if module.room.startswith("trunks"):
            assert "store" not in ours(module), module.name
        if module.room in ("store", "intake", "trunk_drafts", "mail_drafts"):
            assert not any(r.startswith("trunks") for r in ours(module)), module.name


@pytest.mark.parametrize("module", named(SERVICE_MODULES))
def test_the_service_never_imports_the_web_module(module: Module) -> None:
    assert not [name for name in imports(module) if name.startswith("massivesms_web")]


def test_only_the_command_web_names_the_web_module() -> None:
    naming = {
        module.name
        for module in SERVICE_MODULES
        if any(
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("massivesms_web")
            for node in ast.walk(module.tree)
        )
    }
    assert naming == {"massivesms.commands.web"}


@pytest.mark.parametrize("module", named(WEB_MODULES))
def test_the_web_imports_only_what_it_shares_with_the_service(module: Module) -> None:
    assert ours(module) - {""} <= WEB_MAY_IMPORT


@pytest.mark.parametrize(
    "module", named(m for m in SERVICE_MODULES if m.room == "domain")
)
def test_the_domain_is_pure(module: Module) -> None:
    names = {name.split(".")[0] for name in imports(module)}
    assert names <= PURE | {"massivesms"}


@pytest.mark.parametrize(
    "module", named(m for m in SERVICE_MODULES if m.room == "domain")
)
def test_the_domain_asks_no_clock_and_opens_nothing(module: Module) -> None:
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
    }
    assert not called & {"now", "utcnow", "today", "open", "input", "print"}


@pytest.mark.parametrize("module", named([*SERVICE_MODULES, *WEB_MODULES]))
def test_a_tool_is_used_in_its_room_only(module: Module) -> None:
    for name in imports(module):
        for library, rooms in ONLY_IN.items():
            if name == library or name.startswith(f"{library}."):
                assert module.room in rooms, f"{module.name} imports {name}"
