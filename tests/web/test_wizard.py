"""The import wizard: steps are kept, nothing is loaded before yes, a stop is whole."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask

from massivesms import background
from massivesms.config import Config
from massivesms.intake import wizard
from massivesms.store import roles
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms_web.job_runner import carriers
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, ClientAs, add_user
from tests.web.sending import create_list, rows, spain
from tests.web.wizard_steps import (
    IMPORT,
    LISTS,
    NEW_LIST,
    STAGED,
    choose,
    chosen,
    staged,
    step,
    up_to_summary,
)


@pytest.fixture
def carry_out(db: Database, config: Config) -> Callable[[], bool]:
    return lambda: background.run_next(
        db, "the test", threading.Event(), carriers(config)
    )


@pytest.fixture(autouse=True)
def here(db: Database) -> None:
    spain(db)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is chosen counts as a large file."""
    monkeypatch.setattr(wizard, "AT_ONCE_BYTES", 0)


def test_columns_are_found_by_their_titles_and_the_first_rows_shown(
    client: Browser, db: Database
) -> None:
    page = choose(client)
    assert chosen(page) == {
        "column-0": "number", "column-1": "first_name", "column-2": "saldo_pendiente",
    }  # fmt: skip
    assert "Ana otra vez" in page.text
    assert rows(db, LISTS) == []
    again = client.page(f"{IMPORT}{staged(db)['id']}/columns")
    assert chosen(again) == chosen(page), "a reload loses nothing"


def test_columns_without_titles_are_found_by_what_stands_in_them(
    client: Browser,
) -> None:
    page = choose(client, "ana@example.org;600111222", "luis@example.org;600111223")
    assert chosen(page) == {"column-0": "email", "column-1": "number"}


def test_the_summary_says_in_words_what_would_become_of_the_rows(
    client: Browser, db: Database
) -> None:
    page = up_to_summary(client, db)
    words = " ".join(page.text.split())
    assert "4 rows: 2 new, 1 duplicate, 1 invalid." in words
    assert "Row 5:" in words
    assert "no es" in words and "The new list Clientes" in words
    assert rows(db, LISTS) == []


def test_a_large_file_is_counted_in_the_background(
    client: Browser, db: Database, large: None, carry_out: Callable[[], bool]
) -> None:
    page = up_to_summary(client, db)
    assert "hx-get" in page.html and "Looking at every row" in page.text
    assert carry_out()
    url = f"{IMPORT}{staged(db)['id']}/summary"
    words = " ".join(client.page(url, headers={"HX-Request": "true"}).text.split())
    assert "2 new, 1 duplicate, 1 invalid" in words


def test_what_was_counted_for_another_choice_is_not_kept(
    client: Browser, db: Database, large: None, carry_out: Callable[[], bool]
) -> None:
    up_to_summary(client, db)
    step(client, db, "columns", {"column-0": "number"})
    assert not carry_out()
    assert staged(db)["checked"] is None


def test_a_discarded_file_is_gone(
    client: Browser, db: Database, config: Config
) -> None:
    choose(client)
    (file,) = (config.exports_dir / "staged").iterdir()
    assert file.stat().st_mode & 0o077 == 0, "for its owner alone"
    step(client, db, "discard", {})
    assert rows(db, STAGED) == [] and not file.exists()


def test_a_file_of_another_user_is_not_found(
    client: Browser, client_as: ClientAs, db: Database
) -> None:
    choose(client)
    other = client_as("supervisor")
    for name in ("sheet", "columns", "target", "summary", "campaign", "progress"):
        other.page(f"{IMPORT}{staged(db)['id']}/{name}", status=404)
    assert "numbers.csv" not in other.page(IMPORT).text
    assert "numbers.csv" in client.page(IMPORT).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choose the file to load."),
        ({"file": (io.BytesIO(b""), "a.csv")}, "The file is empty"),
        ({"file": (io.BytesIO(b"%PDF-1.4 x"), "a.csv")}, "not a text file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(
    client: Browser, db: Database, config: Config, data: dict[str, Any], said: str
) -> None:
    assert said in client.send(IMPORT, data).text
    assert rows(db, STAGED) == []
    directory = config.exports_dir / "staged"
    assert not directory.exists() or not list(directory.iterdir())


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"column-1": "first_name"}, "Choose the column that holds the numbers."),
        ({"column-0": "number", "column-1": "number"}, "Another column is that"),
        ({"column-0": "x"}, "Choose the column that holds the numbers."),
    ],
)
def test_a_choice_of_columns_that_cannot_be_is_refused(
    client: Browser, db: Database, columns: dict[str, str], said: str
) -> None:
    choose(client)
    assert said in step(client, db, "columns", columns).text


@pytest.mark.parametrize("name", ["columns", "target", "summary", "campaign"])
def test_a_step_leads_back_to_what_was_not_chosen(
    client: Browser, db: Database, name: str
) -> None:
    choose(client)
    answer = client.get(f"{IMPORT}{staged(db)['id']}/{name}", follow_redirects=True)
    assert answer.request.path.endswith("/columns")


def test_a_name_that_a_list_has_is_refused_beside_its_field(
    client: Browser, db: Database
) -> None:
    create_list(db, "Clientes", "600111222")
    page = up_to_summary(client, db)
    assert "There is already a list called Clientes." in page.text


def test_files_and_choices_of_yesterday_are_gone(
    client: Browser, db: Database, config: Config
) -> None:
    choose(client)
    staged_id = staged(db)["id"]
    rows_before = list((config.exports_dir / "staged").iterdir())
    with db.transaction() as tx:
        tx.execute(
            "UPDATE staged_load SET created_at = UTC_TIMESTAMP(3) - INTERVAL 25 HOUR"
        )
    client.page(f"{IMPORT}{staged_id}/columns", status=404)
    os.utime(rows_before[0], (0, 0))
    wizard.tidy(db, config)
    assert rows(db, STAGED) == []
    assert list((config.exports_dir / "staged").iterdir()) == []


def three_sheets() -> io.BytesIO:
    """A workbook of three sheets, the first of which is hidden."""
    book = openpyxl.Workbook()
    for name in ("Oculta", "Enero", "Febrero"):
        sheet = book.create_sheet(name)
        sheet.append(["Móvil", "Nombre"])
        sheet.append([600111222, name])
    del book["Sheet"]
    book["Oculta"].sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_a_sheet_of_several_is_chosen(client: Browser, db: Database) -> None:
    page = Page(client.send(IMPORT, {"file": (three_sheets(), "libro.xlsx")}).text)
    assert page.html.index("Febrero") < page.html.index("Oculta"), "hidden ones last"
    assert "(hidden)" in page.text
    assert "Choose a sheet." in step(client, db, "sheet", {"sheet": "Marzo"}).text
    page = step(client, db, "sheet", {"sheet": "Febrero"})
    assert chosen(page) == {"column-0": "number", "column-1": "first_name"}
    assert "Febrero" in page.text
    page = step(client, db, "sheet", {"sheet": "Enero"})
    assert "Febrero" not in page.text


def test_who_may_make_no_lists_is_offered_a_campaign_alone(
    client: Browser, app: Flask, db: Database
) -> None:
    create_list(db, "Secreta", "600111222")
    with db.transaction() as tx:
        roles.create(tx, "Envíos", ["campaigns"], Actor("ana"))
    add_user(db, "eva", "Envíos")
    eva = app.test_client()
    assert isinstance(eva, Browser)
    eva.sign_in("eva", PASSWORD)
    page = choose(eva)
    step(eva, db, "columns", chosen(page))
    page = eva.page(f"{IMPORT}{staged(db)['id']}/target")
    assert "A new campaign" in page.text
    assert "Secreta" not in page.text and "A new list" not in page.text
    page = step(eva, db, "target", NEW_LIST)
    assert page.title.startswith("Into which"), "what is not offered is refused"
    page = step(eva, db, "target", {"target": "campaign"})
    assert "Write the campaign" in page.text


def test_the_same_file_is_said_before_it_is_loaded_again(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    page = up_to_summary(client, db)
    assert "This same file was loaded today" not in page.text
    step(client, db, "summary", {})
    assert carry_out()
    db.atomically(lambda tx: tx.execute("DELETE FROM staged_load"))
    made = str(rows(db, LISTS)[0]["id"])
    page = up_to_summary(client, db, target="list", list_id=made)
    assert "This same file was loaded today" in page.text


def test_what_a_workbook_hides_is_said_before_it_is_loaded(
    client: Browser, db: Database
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in (["Móvil", "Nombre"], [600111222, "Ana"], [600111223, "Eva"]):
        sheet.append(cells)
    sheet.row_dimensions[3].hidden = True
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    page = Page(client.send(IMPORT, {"file": (file, "libro.xlsx")}).text)
    step(client, db, "columns", chosen(page))
    page = step(client, db, "target", NEW_LIST)
    assert "2 new" in page.text
    assert "Hidden rows of the sheet were read too: 1." in page.text


def test_what_was_said_of_a_load_stays_with_it(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    up_to_summary(client, db, "Móvil;Nombre", "6,00111222E+08;Ana", "600111223;Eva")
    step(client, db, "summary", {})
    assert carry_out()
    said = "Numbers that a spreadsheet had stored as 6,00111222E+08 or the like"
    assert said in client.page(f"{IMPORT}{staged(db)['id']}/progress").text
    (row,) = rows(db, "SELECT id, list_id FROM import")
    assert said in client.page(f"/lists/{row['list_id']}/loads/{row['id']}").text
