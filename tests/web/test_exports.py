"""Exports by the pages: small ones at once, others with progress; for who asked."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable

import openpyxl
import pytest

from massivesms import background
from massivesms.config import Config
from massivesms.store.db import Database
from massivesms_web.job_runner import carriers
from massivesms_web.pages import exports
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import create_campaign, create_message, rows, settle, spain

EXPORT = "/messages/exports/"
JOBS = "SELECT * FROM load_job"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is exported counts as much, so that it is done in the background."""
    monkeypatch.setattr(exports, "AT_ONCE_ROWS", 0)


@pytest.fixture
def carry_out(db: Database, config: Config) -> Callable[[], bool]:
    return lambda: background.run_next(
        db, "the test", threading.Event(), carriers(config)
    )


def table(data: bytes, separator: str = ",") -> list[list[str]]:
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter=separator))


def test_what_the_filter_shows_is_downloaded_at_once(
    client: Browser, db: Database
) -> None:
    spain(db)
    sent = create_message(db, "+34600000001", text="=1+1\nMañana 😀")
    settle(db, sent, "delivered", submitted_at="2026-07-01 10:00:00")
    create_message(db, "+34600000002")
    got = client.send(EXPORT, {"format": "csv", "state": "delivered"})
    head, row = table(got.data)
    assert head[:4] == ["Created", "Sent", "Outcome", "Number"]
    assert row[1] == "2026-07-01 12:00:00", "in the configured zone"
    assert row[3:5] == ["+34600000001", "Delivered"]
    assert row[6] == "'=1+1\nMañana 😀"
    assert row[8] == "Output queue"
    assert ".csv" in got.headers["Content-Disposition"]
    assert rows(db, JOBS) == []
    (change,) = rows(db, "SELECT * FROM audit WHERE action = 'message.export'")
    assert change["user_name"] == "administrator-user"
    page = client.page("/configuration/log/")
    assert "Messages exported" in page.text


@pytest.mark.parametrize(
    ("format_name", "separator"), [("csv", ","), ("csv_semicolons", ";")]
)
def test_a_csv_has_the_separator_that_was_chosen(
    client: Browser, db: Database, format_name: str, separator: str
) -> None:
    create_message(db, "+34600000001")
    got = client.send(EXPORT, {"format": format_name})
    assert table(got.data, separator)[1][3] == "+34600000001"


def test_a_reader_of_spanish_is_offered_semicolons_first(
    client: Browser, db: Database
) -> None:
    create_message(db)
    html = client.page("/messages/").html
    assert html.index('value="csv"') < html.index('value="csv_semicolons"')
    client.send("/account/language", {"language": "es"})
    html = client.page("/messages/").html
    assert html.index('value="csv_semicolons"') < html.index('value="csv"')


def test_a_large_one_is_written_in_the_background(
    client: Browser, db: Database, slow: None, carry_out: Callable[[], bool]
) -> None:
    spain(db)
    made = create_campaign(db, "Otoño", "600111222", "600111333")
    client.send("/account/language", {"language": "es"})
    answer = client.send(EXPORT, {"format": "xlsx", "campaign": str(made)})
    assert "hx-get" in answer.text
    (job,) = rows(db, JOBS)
    assert carry_out()
    url = f"{EXPORT}{job['id']}"
    assert f"{url}/file" in client.page(url).links
    got = client.get(f"{url}/file")
    sheet = openpyxl.load_workbook(io.BytesIO(got.data)).active
    head, *found = sheet.values
    assert [row[3] for row in found] == ["+34600111222", "+34600111333"]
    assert "Número" in head, "in the language of who asked"
    assert f"/messages/exports/{job['id']}" in client.page("/messages/").links


def test_only_who_asked_for_a_file_gets_it(
    client: Browser,
    client_as: ClientAs,
    db: Database,
    slow: None,
    carry_out: Callable[[], bool],
) -> None:
    create_message(db)
    client.send(EXPORT, {"format": "csv"})
    carry_out()
    (job,) = rows(db, JOBS)
    other = client_as("supervisor")
    for path in ("", "/file"):
        assert client.get(f"{EXPORT}{job['id']}{path}").status_code == 200
        assert other.get(f"{EXPORT}{job['id']}{path}").status_code == 404
    assert other.send(f"{EXPORT}{job['id']}/cancel").status_code == 404


def test_after_a_day_the_page_says_that_the_file_is_gone(
    client: Browser, db: Database, slow: None, carry_out: Callable[[], bool]
) -> None:
    create_message(db)
    client.send(EXPORT, {"format": "csv"})
    carry_out()
    (job,) = rows(db, JOBS)
    with db.transaction() as tx:
        tx.execute("UPDATE load_job SET finished_at = '2026-01-01'")
    page = client.get(f"{EXPORT}{job['id']}/file", follow_redirects=True)
    assert "no longer kept" in page.text


def test_one_that_waits_can_be_stopped(
    client: Browser, db: Database, slow: None, carry_out: Callable[[], bool]
) -> None:
    create_message(db)
    client.send(EXPORT, {"format": "csv"})
    (job,) = rows(db, JOBS)
    assert "was stopped" in client.send(f"{EXPORT}{job['id']}/cancel").text
    assert not carry_out()


def test_a_wrong_filter_exports_nothing(client: Browser, db: Database) -> None:
    create_message(db)
    answer = client.send(EXPORT, {"format": "csv", "state": "nonsense"})
    assert "choose among these" in answer.text
    assert client.send(EXPORT, {"format": "docx"}).status_code == 400
    assert rows(db, "SELECT * FROM audit WHERE action LIKE 'message.%'") == []


FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_an_export_is_a_formula(
    client: Browser, db: Database, formula: str
) -> None:
    message_id = create_message(db, text=formula, sender_id=formula[:20])
    values = {"result_code": "script_failed", "result_detail": formula}
    settle(db, message_id, "failed", smsc_message_id=formula, **values)
    for row in table(client.send(EXPORT, {"format": "csv"}).data):
        for cell in row:
            is_number = cell.startswith("+") and cell[1:].isdecimal()
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    got = client.send(EXPORT, {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(got.data)).active
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n", "d"}
