"""Lists: loaded from files and call records, searched, and changed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from massivesms.domain import numbers, recipients, segments
from massivesms.intake import files
from massivesms.store.db import Database
from massivesms_web.pages.imports import REASON_LABELS
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import create_list, csv, numbers_of, rows, spain

GOOD: Mapping[str, Any] = {"name": "Clientes", "source": "file"}
LISTS = "SELECT * FROM list"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def create(client: Browser, *lines: str, **changed: Any) -> TestResponse:
    """Presses Create with a file of these lines, GOOD but for what is changed."""
    file = {"file": csv(*(lines or ("600111222", "600111333")))}
    return client.send("/lists/new", {**GOOD, **file, **changed})


def test_every_reason_has_few_words() -> None:
    tables = (
        numbers.PROBLEMS,
        recipients.PROBLEMS,
        segments.PROBLEMS,
        files.PROBLEMS,
    )
    of_the_plan = ("country_code_", "prefix_", "length_")
    codes = {"place_left"} | {
        code for table in tables for code in table if not code.startswith(of_the_plan)
    }
    assert codes <= set(REASON_LABELS)


def test_without_lists_the_page_says_what_to_do(client: Browser) -> None:
    page = client.page("/lists/")
    assert "No lists yet" in page.text
    assert "/lists/new" in page.links


def test_a_list_is_created_from_a_file_with_a_verdict_for_each_row(
    client: Browser, db: Database
) -> None:
    page = create(client, "600111222", "4.4791E+11", "600111222", "+34600111333")
    (row,) = rows(db, LISTS)
    assert (row["name"], row["included"]) == ("Clientes", 2)
    assert numbers_of(db, row["id"]) == ["+34600111222", "+34600111333"]
    plain = page.text.replace("<b>", "").replace("</b>", "")
    for words in ("Accepted 2", "Duplicates 1", "Refused 1", "Spoilt by a spreadsheet"):
        assert words in plain


def test_a_list_without_bad_rows_is_shown_at_once(
    client: Browser, db: Database
) -> None:
    page = create(client)
    assert page.request.path == f"/lists/{rows(db, LISTS)[0]['id']}"
    assert "+34600111222" in page.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"name": " "}, "A name is missing", id="no-name"),
        pytest.param({"name": "n" * 121}, "120 are the most", id="long-name"),
        pytest.param({"description": "d" * 256}, "255 characters", id="description"),
        pytest.param({"file": (csv()[0], "")}, "Choose the file", id="no-file"),
        pytest.param({"file": csv("")}, "field-error", id="empty"),
        pytest.param({"file": csv("\x00\x01\x02ELF")}, "field-error", id="binary"),
        pytest.param({"file": csv("abc", "def")}, "field-error", id="no-numbers"),
        pytest.param({"file": csv("911223344")}, "None of its 1", id="no-mobile"),
        pytest.param({"source": "x"}, "field-error", id="unknown-source"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    client: Browser, db: Database, changed: dict[str, Any], words: str
) -> None:
    page = create(client, **changed)
    assert "field-error" in page.text
    assert words in page.text
    assert rows(db, LISTS) == rows(db, "SELECT * FROM import") == []
    if "name" not in changed:
        assert 'value="Clientes"' in page.text


def test_a_taken_name_is_refused(client: Browser, db: Database) -> None:
    create(client)
    page = create(client).text
    assert "already a list called Clientes" in page
    (row,) = rows(db, LISTS)
    assert f'href="/lists/{row["id"]}"' in page


def test_more_numbers_are_loaded_and_known_ones_counted(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    file = csv("600111222", "600111333", "x1")
    page = client.send(f"/lists/{list_id}/load", {"source": "file", "file": file})
    assert numbers_of(db, list_id) == ["+34600111222", "+34600111333"]
    assert "in the list already" in page.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"source": "file"}, "Choose the file"),
        ({"source": "file", "file": ("911223344", "x.csv")}, "None of its 1"),
    ],
    ids=["no-file", "no-mobile"],
)
def test_a_wrong_load_is_refused(
    client: Browser, db: Database, form: dict[str, Any], words: str
) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    if "file" in form:
        form = {**form, "file": csv(form["file"][0])}
    page = client.send(f"/lists/{list_id}/load", form)
    assert words in page.text and "field-error" in page.text
    assert len(rows(db, "SELECT * FROM import")) == 1


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("number=600000001", "+34600000001", "+34600000002"),
        ("excluded=yes", "+34600000002", "+34600000001"),
        ("excluded=no", "+34600000001", "+34600000002"),
        ("excluded=x&after=y", "+34600000001", "No number"),
        ("number=7", "No number of the list is like that", "+34600000001"),
        ("number=%25", "No number of the list is like that", "+34600000001"),
    ],
)
def test_numbers_are_filtered_in_the_address(
    client: Browser, db: Database, query: str, there: str, absent: str
) -> None:
    list_id = create_list(db, "Clientes", "600000001", "600000002")
    client.send(f"/lists/{list_id}/contacts/exclude", {"number": "+34600000002"})
    client.get("/lists/")  # a message of the last page is shown once
    text = client.page(f"/lists/{list_id}?{query}").text
    assert there in text
    assert absent not in text


def test_numbers_are_paged_by_key(client: Browser, db: Database) -> None:
    list_id = create_list(db, "Larga", *(f"6000000{n:02}" for n in range(60)))
    first = client.page(f"/lists/{list_id}")
    (following,) = [link for link in first.links if "after=" in link]
    second = client.page(following)
    assert "+34600000059" in second.text and "+34600000000" not in second.text


def test_lists_are_paged_by_name(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        for n in range(60):
            tx.execute(
                "INSERT INTO list (name, created_by, created_at)"
                " VALUES (%s, 'ana', UTC_TIMESTAMP(3))",
                (f"L-{n:02} & más",),
            )
    first = client.page("/lists/")
    (following,) = [link for link in first.links if "after=" in link]
    second = client.page(following)
    assert "L-00" in first.text and "L-59" in second.text and "L-49" not in second.text


def test_a_number_is_searched_across_lists(client: Browser, db: Database) -> None:
    create_list(db, "Clientes", "600111222")
    create_list(db, "Empleados", "600111222", "600111333")
    page = client.page("/lists/?number=600111222")
    assert "Clientes" in page.text and "Empleados" in page.text
    assert "+34600111333" not in page.text
    assert "No list has such a number" in client.page("/lists/?number=7").text


def test_a_number_is_added_once(client: Browser, db: Database) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    url = f"/lists/{list_id}/contacts/"
    assert "+34600111333 was added" in client.send(url, {"number": "600 111 333"}).text
    assert "in the list already" in client.send(url, {"number": "600111333"}).text
    assert rows(db, LISTS)[0]["included"] == 2


@pytest.mark.parametrize(
    ("number", "words"),
    [("911223344", "not a mobile"), ("", "number"), ("x<y", "no digits")],
)
def test_a_wrong_number_is_not_added(
    client: Browser, db: Database, number: str, words: str
) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    page = client.send(f"/lists/{list_id}/contacts/", {"number": number})
    assert "field-error" in page.text and words in page.text
    assert rows(db, LISTS)[0]["included"] == 1


def test_a_number_is_excluded_and_included_without_script(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    here = f"/lists/{list_id}?number=600"
    form = {"number": "+34600111222", "next": here}
    page = client.send(f"/lists/{list_id}/contacts/exclude", form)
    assert page.request.full_path == here
    assert "is excluded now" in page.text
    assert numbers_of(db, list_id) == []
    client.send(f"/lists/{list_id}/contacts/include", form)
    assert numbers_of(db, list_id) == ["+34600111222"]


def test_with_script_only_the_row_and_the_figures_change(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Clientes", "600111222", "600111333")
    answer = client.send(
        f"/lists/{list_id}/contacts/exclude",
        {"number": "+34600111222"},
        headers=HTMX,
    )
    assert answer.text.strip().startswith("<tr")
    assert "Include" in answer.text and "hx-swap-oob" in answer.text


def test_a_number_that_is_not_in_the_list_is_not_found(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    answer = client.send(f"/lists/{list_id}/contacts/exclude", {"number": "+34699"})
    assert answer.status_code == 404


def test_a_list_is_renamed(client: Browser, db: Database) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    create_list(db, "Empleados", "600111222")
    url = f"/lists/{list_id}/edit"
    assert 'value="Clientes"' in client.page(url).html
    taken = client.send(url, {"name": "Empleados", "description": ""})
    assert "already a list called Empleados" in taken.text
    client.send(url, {"name": "Tienda", "description": "<b>de Gràcia</b>"})
    page = client.page(f"/lists/{list_id}")
    assert page.h1 == ["Tienda"]
    assert "<b>de Gràcia</b>" in page.text
    assert "A name is missing" in client.send(url, {"name": ""}).text


def test_deleting_names_how_many_numbers_are_lost(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Clientes", "600111222", "600111333")
    url = f"/lists/{list_id}/delete"
    assert "2 numbers" in client.page(url).text
    assert len(rows(db, LISTS)) == 1
    assert "The list Clientes was deleted." in client.send(url).text
    assert rows(db, LISTS) == rows(db, "SELECT * FROM contact") == []


def test_the_rows_not_taken_come_back_as_a_file_that_can_be_loaded(
    client: Browser, db: Database
) -> None:
    lines = ["600111222", *(f"91122{n:04}" for n in range(150))]
    create(client, *lines)
    (load,) = rows(db, "SELECT * FROM import")
    url = f"/lists/{load['list_id']}/loads/{load['id']}"
    page = client.page(url)
    (following,) = [link for link in page.links if "after=" in link]
    assert "911220149" in client.page(following).text
    file = client.get(f"{url}/rows.csv").get_data()
    text = file.decode("utf-8-sig").replace("91122", "60022")
    again = csv(*text.splitlines())
    client.send(f"/lists/{load['list_id']}/load", {"source": "file", "file": again})
    assert rows(db, LISTS)[0]["included"] == 151


def test_repaired_rows_come_with_their_fields(client: Browser, db: Database) -> None:
    lines = ["Teléfono;Nombre;Saldo", "600111222;Ana;1", "60011;Eva;2", "600111222;Li;"]
    create(client, *lines)
    (load,) = rows(db, "SELECT * FROM import")
    url = f"/lists/{load['list_id']}/loads/{load['id']}/rows.csv"
    text = client.get(url).get_data().decode("utf-8-sig")
    assert text.splitlines()[0] == "line,number,message,First name,saldo,reason"
    repaired = csv(*text.replace("60011,", "600111333,").splitlines())
    client.send(f"/lists/{load['list_id']}/load", {"source": "file", "file": repaired})
    found = rows(db, "SELECT number, fields FROM contact ORDER BY id")
    assert [json.loads(row["fields"]) for row in found] == [
        {"first_name": "Ana", "saldo": "1"},
        {"first_name": "Eva", "saldo": "2"},
    ]


@pytest.mark.parametrize(
    "path", ["", "/edit", "/delete", "/load", "/loads/1", "/loads/1/rows.csv"]
)
def test_what_is_not_there_is_not_found(client: Browser, path: str) -> None:
    assert client.get(f"/lists/99{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["edit", "delete", "load", "contacts/", "contacts/exclude"]
)
def test_nothing_is_done_to_what_is_not_there(client: Browser, path: str) -> None:
    answer = client.send(f"/lists/99/{path}", {"number": "600111222"})
    assert answer.status_code == 404


def test_an_operator_works_with_lists(client_as: ClientAs, db: Database) -> None:
    create_list(db, "Clientes", "600111222")
    assert "Clientes" in client_as("operator").page("/lists/").text
