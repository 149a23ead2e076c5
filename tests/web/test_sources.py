"""The pages of automatic loads: entered, tried, run, and what is never shown."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from massivesms.config import Config
from massivesms.store import settings
from massivesms.store.db import Database
from tests.web.browser import Browser

URL = "/configuration/sources"
FORM = {
    "name": "ERP", "kind": "sqlite", "query": "SELECT * FROM cuotas", "run_at": "08:00",
    "text": "Hola <nombre>", "days": ["0", "1"], "most_rows": "100", "timeout_s": "10",
    "password": "not to be seen", "active": "y",
}  # fmt: skip


@pytest.fixture
def file(config: Config, db: Database) -> Path:
    with db.transaction() as tx:
        settings.save(tx, {"country_code": "34", "mobile_prefixes": "6,7"})
    config.sources_dir.mkdir(parents=True)
    path = config.sources_dir / "erp.db"
    with sqlite3.connect(path) as erp:
        erp.execute("CREATE TABLE cuotas (celular, nombre)")
        erp.execute(
            "INSERT INTO cuotas VALUES ('600111222', '<b>Ana'), ('hola', 'Eva')"
        )
    erp.close()
    return path


def make(client: Browser, path: Path, **values: Any) -> str:
    given = {**FORM, "place": str(path), **values}
    answer = client.send(f"{URL}/new", given, follow=False)
    assert answer.status_code == 302, answer.text[:3000]
    return str(answer.location)


def test_a_source_is_made_changed_and_removed_and_its_password_never_shown(
    client: Browser, file: Path, db: Database
) -> None:
    url = make(client, file)
    for page in (URL + "/", url, url + "/edit"):
        text = client.get(page).text
        assert "ERP" in text and "not to be seen" not in text
    given = {**FORM, "place": str(file), "password": "", "name": "Deudas"}
    assert client.send(url + "/edit", given, follow=False).status_code == 302
    with db.transaction() as tx:
        assert tx.value("SELECT name FROM source") == "Deudas"
    client.send(url + "/remove", {})
    assert client.get(url).status_code == 404


def test_what_is_wrong_is_said_beside_the_field(client: Browser, file: Path) -> None:
    given = {**FORM, "place": "erp.db", "query": "DROP TABLE a", "days": []}
    given |= {"run_at": "25:00", "most_rows": "x", "mail_to": "nobody"}
    answer = client.send(f"{URL}/new", given, follow=False)
    assert answer.status_code == 422
    for words in (
        "begins with /", "begins with SELECT", "at least one day", "HH:MM", "1000000",
    ):  # fmt: skip
        assert words in answer.text


@pytest.mark.parametrize("page", ["new", "edit"])
def test_a_trunk_that_is_gone_is_refused(
    page: str, client: Browser, file: Path, db: Database
) -> None:
    url = f"{URL}/new" if page == "new" else make(client, file) + "/edit"
    given = {**FORM, "place": str(file), "name": "Deudas", "trunk_id": "99"}
    answer = client.send(url, given, follow=False)
    assert answer.status_code == 422
    assert "no such trunk any more" in answer.text
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM source WHERE name = 'Deudas'") == 0


def test_a_kind_that_is_none_is_said_once(client: Browser, file: Path) -> None:
    given = {**FORM, "place": str(file), "kind": "oracle"}
    answer = client.send(f"{URL}/new", given, follow=False)
    assert answer.status_code == 422
    assert "Choose where the rows come from" in answer.text
    assert "Not a valid choice" not in answer.text


def test_a_trial_shows_messages_and_bad_rows_and_stores_nothing(
    client: Browser, file: Path, db: Database
) -> None:
    url = make(client, file)
    text = client.send(url + "/test", {"day": "", "send_on": ""}, follow=False).text
    assert "Hola &lt;b&gt;Ana" in text and "hola" in text
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM import") == 0


def test_a_trial_that_fails_says_why(client: Browser, file: Path) -> None:
    url = make(client, file, query="SELECT * FROM deudas")
    answer = client.send(url + "/test", {"day": ""}, follow=False)
    assert answer.status_code == 422 and "no such table: deudas" in answer.text
    assert "YYYY-MM-DD" in client.send(url + "/test", {"day": "x"}, follow=False).text


def test_a_run_waits_for_the_service(client: Browser, file: Path, db: Database) -> None:
    url = make(client, file)
    client.send(url + "/run", {"day": "", "send_on": ""})
    assert "Waiting" in client.get(url).text
    with db.transaction() as tx:
        assert tx.value("SELECT state FROM source_run") == "waiting"


def test_a_day_of_sending_far_away_is_refused_beside_its_field(
    client: Browser, file: Path, db: Database
) -> None:
    url = make(client, file)
    answer = client.send(url + "/run", {"day": "", "send_on": "9999-12-31"})
    assert answer.status_code == 422
    before, _, after = answer.text.partition('name="send_on"')
    assert "within a year" not in before and "within a year" in after
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM source_run") == 0


def test_a_source_is_turned_off_and_on_from_its_page(
    client: Browser, file: Path, db: Database
) -> None:
    url = make(client, file)
    text = client.send(url + "/disable", {}).text
    assert "Only by hand" in text and url + "/enable" in text
    with db.transaction() as tx:
        assert not tx.value("SELECT active FROM source")
    assert "Only by hand" in client.get(URL + "/").text
    assert url + "/disable" in client.send(url + "/enable", {}).text
    with db.transaction() as tx:
        assert tx.value("SELECT active FROM source")


def test_a_field_says_for_which_kinds_it_is(client: Browser, file: Path) -> None:
    """The stylesheet hides those of other kinds; a place in a text is seen as such."""
    text = client.get(f"{URL}/new").text
    for kinds in ("mysql postgresql", "mysql postgresql sqlite", "sqlite folder url"):
        assert f'data-kinds="{kinds}"' in text
    assert "Dear &lt;first_name&gt;" in text
