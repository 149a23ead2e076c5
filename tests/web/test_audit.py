"""The log of changes: found by who, what, when; before and after in words."""

from __future__ import annotations

import csv
import io
import json

import pytest

from massivesms.store import audit
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import spain

URL = "/configuration/log/"


@pytest.fixture
def changes(db: Database) -> None:
    """Three changes of two people on two days, in Spain's clock."""
    spain(db)
    with db.transaction() as tx:
        tx.execute("DELETE FROM audit")  # how the reader came here
        audit.record(tx, Actor("ana", "10.0.0.1"), "list.create", "Clientes de 2%")
        audit.record(tx, Actor("ana"), "list.exclude", "Clientes", {"a": [1, 2]})
        audit.record(tx, Actor("luis"), "trunk.enable", "Salida", {"active": [0, 1]})
        tx.execute(
            "UPDATE audit SET at = CASE action"
            " WHEN 'list.create' THEN '2026-07-01 21:59:59'"
            " WHEN 'list.exclude' THEN '2026-07-01 22:00:00'"
            " ELSE '2026-07-02 22:00:00' END"
        )


def subjects(client: Browser, query: str) -> list[str]:
    """The subjects of the changes that the file has, oldest first."""
    text = client.get(f"{URL}changes.csv?{query}").data.decode("utf-8-sig")
    listed = list(csv.reader(io.StringIO(text)))[1:]
    return [row[4] for row in listed][::-1]


CREATED, EXCLUDED, ENABLED = "Clientes de 2%", "Clientes", "Salida"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [CREATED, EXCLUDED, ENABLED]),
        ("user=ana", [CREATED, EXCLUDED]),
        ("user=nobody", []),
        ("action=list.create", [CREATED]),
        ("action=list.", [CREATED, EXCLUDED]),
        ("action=drop table", [CREATED, EXCLUDED, ENABLED]),
        ("text=cliente", [CREATED, EXCLUDED]),
        ("text=2%25", [CREATED]),
        ("text=_", []),
        ("from=2026-07-02", [EXCLUDED, ENABLED]),
        ("to=2026-07-01", [CREATED]),
        ("from=2026-07-02&to=2026-07-02", [EXCLUDED]),
        ("from=2026-07-02&user=ana", [EXCLUDED]),
        ("from=yesterday", [CREATED, EXCLUDED, ENABLED]),
    ],
)
def test_filters_are_in_the_address(
    client: Browser, changes: None, query: str, found: list[str]
) -> None:
    assert subjects(client, query) == found
    page = client.page(f"{URL}?{query}")
    for subject in (CREATED, EXCLUDED, ENABLED):
        assert (f">{subject}</td>" in page.html) is (subject in found)


def test_before_and_after_are_in_words(client: Browser) -> None:
    client.send("/roles/new", {"name": "Recepción", "permissions": ["send"]})
    text = " ".join(client.page(URL).text.split())
    assert "Role created" in text and "May open: send" in text and "{" not in text
    client.send("/sending", {"sending": "no"})
    text = " ".join(client.page(URL).text.split())
    assert "Sending: yes → no" in text


def test_nothing_found_leads_back(client: Browser) -> None:
    assert "No change is like that" in client.page(f"{URL}?text=zzz").text


def test_the_file_has_no_formula_and_numbers_stay(
    client: Browser, db: Database
) -> None:
    cells = ["=1+1", "@x", "-2", "+34600111222", "\tx", '=HYPERLINK("http://x")']
    with db.transaction() as tx:
        for cell in cells:
            audit.record(tx, Actor("=ana"), "list.create", cell, {"source": cell})
    text = client.get(f"{URL}changes.csv?action=list.create").data.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert table[0][:3] == ["When", "Who", "From"]
    for row in table[1:]:
        assert not any(cell.startswith(("=", "@", "-", "\t")) for cell in row), row
    assert "+34600111222" in [row[4] for row in table]


def test_a_trunk_s_change_is_told_without_its_password(
    client: Browser, db: Database
) -> None:
    values = {
        "name": "Uno", "priority": "1", "active": "y", "host": "smsc.example",
        "port": "2775", "system_id": "ana", "password": "pl4nted-s3cret",
        "bind_mode": "transceiver",
    }  # fmt: skip
    client.send("/trunks/new/smpp", values)
    with db.transaction() as tx:
        trunk_id = tx.value("SELECT id FROM trunk")
    assert trunk_id
    changed = {**values, "host": "other.example", "password": "an0ther-s3cret"}
    client.send(f"/trunks/{trunk_id}/edit", changed)
    with db.transaction() as tx:
        stored = tx.rows(
            "SELECT details FROM audit WHERE action LIKE 'trunk.%' ORDER BY id"
        )
    details = json.loads(stored[-1]["details"])
    assert details["host"] == ["smsc.example", "other.example"]
    assert details["password"] == [None, "•••"]
    assert set(details) <= {"host", "password", "append_country_code"}, details
    assert "s3cret" not in str(stored)
