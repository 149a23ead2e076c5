"""The history of imports: what was loaded where, and deleted again when asked."""

from __future__ import annotations

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import (
    create_campaign,
    create_list,
    numbers_of,
    rows,
    spain,
)


def test_the_history_shows_where_each_import_went(
    client: Browser, db: Database
) -> None:
    assert "No imports yet" in client.page("/lists/imports/").text
    spain(db)
    list_id = create_list(db, "Clientes", "600111222")
    campaign_id = create_campaign(db, "Oferta", "600111224")
    page = client.page("/lists/imports/")
    assert f"/lists/{list_id}" in page.links
    assert f"/campaigns/{campaign_id}" in page.links
    ids = [row["id"] for row in rows(db, "SELECT id FROM import ORDER BY id")]
    assert all(f"#{one}" in page.text for one in ids)
    assert any(f"/messages/?import={ids[1]}" in link for link in page.links)


def test_what_an_import_brought_is_deleted_after_a_confirmation(
    client: Browser, db: Database
) -> None:
    spain(db)
    list_id = create_list(db, "Clientes", "600111222", "600111223")
    url = f"/lists/imports/{rows(db, 'SELECT id FROM import')[0]['id']}/undo"
    assert "2 numbers with their fields" in client.page(url).text
    assert len(numbers_of(db, list_id)) == 2
    page = client.send(url, {}).text
    assert "2 numbers were deleted" in page and "2 deleted again by" in page
    assert numbers_of(db, list_id) == []
    assert "Nothing of this import is left" in client.get(
        url, follow_redirects=True
    ).get_data(as_text=True)


def test_waiting_messages_of_an_import_are_cancelled(
    client: Browser, db: Database
) -> None:
    spain(db)
    create_campaign(db, "Oferta", "600111224")
    url = f"/lists/imports/{rows(db, 'SELECT id FROM import')[0]['id']}/undo"
    assert "1 message that waits" in client.page(url).text
    assert "1 message was cancelled" in client.send(url, {}).text
    assert [row["state"] for row in rows(db, "SELECT state FROM message")] == [
        "cancelled"
    ]


def test_rows_that_were_not_taken_are_reached_from_the_history(
    client: Browser, db: Database
) -> None:
    spain(db)
    list_id = create_list(db, "Clientes", "600111222", "nada")
    create_list(db, "Buena", "600111222")
    ids = [row["id"] for row in rows(db, "SELECT id FROM import ORDER BY id")]
    page = client.page("/lists/imports/")
    assert page.text.count("See the rows not taken") == 1
    assert f"/lists/{list_id}/loads/{ids[0]}" in page.links


def test_an_import_that_is_not_there_is_not_found(client: Browser) -> None:
    client.page("/lists/imports/99/undo", status=404)
