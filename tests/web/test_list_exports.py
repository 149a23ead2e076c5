"""Lists as files: whoever may see a list may take it along, in the reader's form."""

from __future__ import annotations

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import create_list, spain


def test_a_list_is_exported_as_csv_and_as_a_workbook(
    client: Browser, db: Database
) -> None:
    spain(db)
    list_id = create_list(db, "Clientes / Área", "600111222", "600111333")
    page = client.get(f"/lists/{list_id}").text
    assert f'action="/lists/{list_id}/export"' in page
    for name, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        values = {"format": name, "csrf_token": client.token()}
        got = client.post(f"/lists/{list_id}/export", data=values)
        assert got.data.startswith(start)
        assert "attachment" in got.headers["Content-Disposition"]
    values = {"format": "exe", "csrf_token": client.token()}
    assert client.post(f"/lists/{list_id}/export", data=values).status_code == 400


def test_the_sample_is_in_the_reader_s_language(client: Browser, db: Database) -> None:
    spain(db)
    assert "sample.csv" in "".join(client.page("/lists/new").links)
    assert client.get("/lists/sample.csv").text.startswith("\ufeffNumber,First name")
    client.send("/language", {"language": "es"})
    assert client.get("/lists/sample.csv").text.startswith("\ufeffNúmero;")
