"""Owns the ways of the tests through the import wizard, step by step."""

from __future__ import annotations

from typing import Any

from massivesms.store.db import Database, Row
from tests.web.browser import Browser, Page
from tests.web.sending import csv, rows

IMPORT = "/import/"
STAGED = "SELECT * FROM staged_load ORDER BY id"
LISTS = "SELECT * FROM list"
FILE = (
    "Teléfono;Nombre;Saldo pendiente",
    "600111222;Ana;12,50",
    "600111223;Luis;",
    "600111222;Ana otra vez;1",
    "no es;Eva;2",
)
NEW_LIST = {"target": "new_list", "name": "Clientes", "description": ""}


def staged(db: Database) -> Row:
    (row,) = rows(db, STAGED)
    return row


def choose(client: Browser, *lines: str) -> Page:
    return Page(client.send(IMPORT, {"file": csv(*(lines or FILE))}).text)


def step(client: Browser, db: Database, name: str, data: dict[str, Any]) -> Page:
    url = f"{IMPORT}{staged(db)['id']}/{name}"
    return Page(client.send(url, data).text)


def chosen(page: Page) -> dict[str, str]:
    """What the selects of the columns stand on."""
    found = {}
    for part in page.html.split("<select")[1:]:
        name = part.split('name="')[1].split('"')[0]
        options = part.split("</select>")[0].split("<option")[1:]
        on = [o.split('value="')[1].split('"')[0] for o in options if " selected" in o]
        found[name] = on[0] if on else ""
    return found


def up_to_summary(client: Browser, db: Database, *lines: str, **target: str) -> Page:
    columns = chosen(choose(client, *lines))
    step(client, db, "columns", columns)
    return step(client, db, "target", target or NEW_LIST)
