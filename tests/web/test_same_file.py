"""The same file again on the same day is asked about, and loaded when it is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.intake.same_file import loaded_today
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import CAMPAIGN_FORM, create_list, csv, numbers_of, rows, spain

LINES = ("number", "600111222", "600111333")
LISTS = "SELECT id FROM list"
ASKED = "This same file was loaded today"


@pytest.fixture(autouse=True)
def first_load(client: Browser, db: Database) -> None:
    spain(db)
    new_list(client, "Uno")


def new_list(client: Browser, name: str, **more: object) -> str:
    values = {"name": name, "source": "file", "file": csv(*LINES), **more}
    return client.send("/lists/new", values).text


def test_a_new_list_of_the_same_file_is_asked_about(
    client: Browser, db: Database
) -> None:
    page = new_list(client, "Dos")
    assert ASKED in page and "into Uno" in page and 'name="again"' in page
    assert len(rows(db, LISTS)) == 1
    new_list(client, "Dos", again="y")
    assert len(rows(db, LISTS)) == 2


def test_the_same_file_into_an_old_list_is_asked_about(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Otra", "600111999")
    url = f"/lists/{list_id}/load"
    values = {"source": "file", "file": csv(*LINES)}
    assert ASKED in client.send(url, values).text
    assert len(numbers_of(db, list_id)) == 1
    client.send(url, {**values, "file": csv(*LINES), "again": "y"})
    assert len(numbers_of(db, list_id)) == 3


def test_the_same_file_for_a_campaign_is_asked_about(
    client: Browser, db: Database
) -> None:
    values = {**CAMPAIGN_FORM, "file": csv(*LINES)}
    page = client.send("/campaigns/new", values).text
    assert ASKED in page and 'name="again"' in page
    again = {**CAMPAIGN_FORM, "file": csv(*LINES), "again": "y"}
    client.send("/campaigns/new", again)
    assert len(rows(db, "SELECT id FROM message")) == 2


def test_a_file_that_is_not_the_same_is_not_asked_about(
    client: Browser, db: Database
) -> None:
    values = {"name": "Dos", "source": "file", "file": csv(*LINES, "600111444")}
    assert ASKED not in client.send("/lists/new", values).text
    page = client.send("/lists/new", {**values, "name": "", "file": csv(*LINES)})
    assert 'name="again"' not in page.text


def test_a_load_that_was_undone_or_of_yesterday_is_not_asked_about(
    db: Database,
) -> None:
    zone, now = ZoneInfo("Europe/Madrid"), datetime.now(UTC)
    digest = rows(db, "SELECT digest FROM import")[0]["digest"]
    assert loaded_today(db, digest, zone, now)
    assert not loaded_today(db, digest, zone, now + timedelta(days=1))
    assert not loaded_today(db, None, zone, now)
    with db.transaction() as tx:
        tx.execute("UPDATE import SET undone_at = UTC_TIMESTAMP(3)")
    assert not loaded_today(db, digest, zone, now)
