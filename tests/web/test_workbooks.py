"""Workbooks on the pages: loaded wherever a CSV is, with what they hide said."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
import pytest

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import CAMPAIGN_FORM, rows, spain

Rows = Sequence[Sequence[object]]
CLIENTS: Rows = [["Nombre", "Teléfono"], ["Ana", 600111222], ["Eva", 600111333]]
HIDDEN = "Hidden rows of the sheet were read too: 1."


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def workbook(rows_of: Rows) -> tuple[io.BytesIO, str]:
    """A workbook to upload; its last row is hidden."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows_of:
        sheet.append(row)
    sheet.row_dimensions[len(rows_of)].hidden = True
    out = io.BytesIO()
    book.save(out)
    return io.BytesIO(out.getvalue()), "clientes.xlsx"


def test_a_list_is_made_of_a_workbook_and_gets_more(
    client: Browser, db: Database
) -> None:
    form = {"name": "Clientes", "source": "file", "file": workbook(CLIENTS)}
    page = client.send("/lists/new", form)
    assert HIDDEN in page.text
    (row,) = rows(db, "SELECT * FROM list")
    assert row["included"] == 2
    more = {"source": "file", "file": workbook([["movil"], [600111444]])}
    client.send(f"/lists/{row['id']}/load", more)
    assert rows(db, "SELECT included FROM list") == [{"included": 3}]


def test_a_campaign_is_made_of_a_workbook_with_own_messages(
    client: Browser, db: Database
) -> None:
    texts = [["movil", "mensaje"], [600111222, "Hola Ana"], [600111333, "Hola Eva"]]
    page = client.send(
        "/campaigns/new", {**CAMPAIGN_FORM, "text": "", "file": workbook(texts)}
    )
    assert HIDDEN in page.text
    found = rows(db, "SELECT number, text FROM message ORDER BY id")
    assert [row["text"] for row in found] == ["Hola Ana", "Hola Eva"]


def test_numbers_of_a_workbook_are_blocked(client: Browser, db: Database) -> None:
    blocked = [["numero", "campaña"], [600111222, ""], [600111333, "*"]]
    form = {"file": workbook(blocked), "campaign_id": "0"}
    page = client.send("/lists/blocked/load", form)
    assert HIDDEN in page.text
    found = rows(db, "SELECT number FROM blocked_number ORDER BY number")
    assert [row["number"] for row in found] == ["+34600111222", "+34600111333"]


def test_a_workbook_that_cannot_be_read_is_said_beside_the_field(
    client: Browser, db: Database
) -> None:
    content, name = workbook(CLIENTS)
    half = io.BytesIO(content.getvalue()[:3000])
    form = {"name": "Clientes", "source": "file", "file": (half, name)}
    page = client.send("/lists/new", form)
    assert "The workbook is damaged" in page.text
    assert rows(db, "SELECT id FROM list") == []
