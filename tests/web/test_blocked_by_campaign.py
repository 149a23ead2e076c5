"""Blocked numbers by campaign, from files, many at once, and of a list."""

from __future__ import annotations

import csv
import io

import pytest

from massivesms.store import blocked_numbers
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import create_campaign, create_list, numbers_of, rows, spain
from tests.web.sending import csv as csv_file

PAGE = "/lists/blocked/"
BLOCKED = "SELECT * FROM blocked_number ORDER BY number"


@pytest.fixture(autouse=True)
def _in_spain(db: Database) -> None:
    spain(db)


def block(db: Database, *numbers: str) -> None:
    with db.transaction() as tx:
        blocked_numbers.add(tx, numbers, Actor("eva"))


def places(db: Database) -> list[tuple[str, int]]:
    return [(row["number"], row["campaign_id"]) for row in rows(db, BLOCKED)]


def test_a_number_is_blocked_for_one_campaign_and_filtered(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    block(db, "+34600111228")
    form = {"numbers": "600111222", "campaign_id": str(made)}
    page = client.send(PAGE, form).text
    assert "1 number is blocked now." in page
    assert "Blocked numbers of Oferta" in page and "+34600111228" not in page
    assert places(db) == [("+34600111222", made), ("+34600111228", 0)]
    every = client.page(PAGE).text
    assert "+34600111222" in every and "All campaigns" in every
    assert "+34600111222" not in client.page(f"{PAGE}?campaign=0").text
    assert "+34600111228" not in client.page(f"{PAGE}?source=file").text
    assert "+34600111228" in client.page(f"{PAGE}?source=manual&campaign=0").text
    gone = client.send(PAGE, {**form, "campaign_id": "77"}).text
    assert "There is no such campaign any more" in gone


def test_the_page_of_a_campaign_leads_to_its_blocked_numbers(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    link = f"{PAGE}?campaign={made}"
    assert link in client.page(f"/campaigns/{made}").links
    page = client.page(link)
    assert page.html.count(f'<option selected value="{made}"') == 2
    assert f"/campaigns/{made}" in page.links


def upload(client: Browser, *lines: str, **values: str) -> str:
    sent = {"file": csv_file(*lines), "campaign_id": "0", **values}
    return client.send(f"{PAGE}load", sent).text


def test_a_file_is_loaded_with_a_verdict_for_every_row(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    block(db, "+34600111001")
    page = upload(
        client,
        *("600111001;", "600111002;oferta;", "600111003;Nada;", "600111004;;", "hola;"),
    )
    assert "2 numbers are blocked now." in page
    assert "No such campaign" in page and "Blocked already" in page
    assert "There is no campaign called Nada." in page
    assert places(db)[1:] == [("+34600111002", made), ("+34600111004", 0)]
    again = client.page(PAGE)
    (bad,) = [link for link in again.links if "/blocked/loads/" in link]
    table = list(csv.reader(io.StringIO(got(client, f"{bad}/rows.csv"))))
    assert table[0] == ["line", "number", "campaign", "verdict"]
    assert table[2][:3] == ["3", "600111003", "Nada"]


def test_the_rows_not_taken_are_repaired_and_loaded_again(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    upload(client, "600111003;Ofreta;", "600111004;;")
    (bad,) = [link for link in client.page(PAGE).links if "/blocked/loads/" in link]
    repaired = got(client, f"{bad}/rows.csv").replace("Ofreta", "Oferta")
    assert "1 number is blocked now." in upload(client, *repaired.splitlines())
    assert ("+34600111003", made) in places(db)


def test_a_file_of_one_campaign_needs_no_column_for_it(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    page = upload(client, "600111003", "600111004", campaign_id=str(made))
    assert "Blocked numbers of Oferta" in page
    assert {campaign_id for _number, campaign_id in places(db)} == {made}
    assert (
        "Choose the file to load."
        in client.send(f"{PAGE}load", {"campaign_id": "0"}).text
    )
    assert "field-error" in upload(client, "hola", "adios")


def test_what_is_downloaded_can_be_loaded_again(client: Browser, db: Database) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    upload(client, "600111003;Oferta;", "600111004;;")
    before = places(db)
    text = exported(client)
    assert "600111004" not in exported(client, campaign=made)
    client.send(f"{PAGE}remove-all", {})
    assert places(db) == []
    upload(client, *text.splitlines())
    assert places(db) == before


def test_several_that_are_ticked_are_let_go_after_a_question(
    client: Browser, db: Database
) -> None:
    block(db, "+34600111001", "+34600111002", "+34600111003")
    query = "one=%2B34600111001:0&one=%2B34600111002:0"
    question = client.page(f"{PAGE}remove?{query}").text
    assert "Let 2 numbers get messages again?" in question
    ticked = {"one": ["+34600111001:0", "+34600111002:0"]}
    assert (
        "2 numbers are no longer blocked." in client.send(f"{PAGE}remove", ticked).text
    )
    assert places(db) == [("+34600111003", 0)]
    assert (
        "Tick at least one" in client.get(f"{PAGE}remove", follow_redirects=True).text
    )


def test_all_of_a_filter_are_let_go_after_a_question_that_counts_them(
    client: Browser, db: Database
) -> None:
    made = create_campaign(db, "Oferta", "600111222")
    upload(client, "600111003;Oferta;", "600111004;;", "600111005;Oferta")
    question = client.page(f"{PAGE}remove-all?campaign={made}").text
    assert "Let 2 numbers get messages again?" in question and "Oferta" in question
    done = client.send(f"{PAGE}remove-all", {"campaign": str(made)}).text
    assert "2 numbers are no longer blocked." in done
    assert places(db) == [("+34600111004", 0)]


def test_a_number_blocked_for_single_messages_gets_none(
    client: Browser, db: Database
) -> None:
    form = {"numbers": "600111222", "campaign_id": "1"}
    assert "Output queue" in client.send(PAGE, form).text
    single = {"number": "600111222", "text": "Hola", "trunk_id": "0", "how": "now"}
    assert "+34600111222 is blocked" in client.send("/send/", single).text


# --- of a list ----------------------------------------------------------------------


def test_the_blocked_numbers_of_a_list_are_counted_and_excluded(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Clientes", "600111001", "600111002", "600111003")
    made = create_campaign(db, "Oferta", "600111222")
    block(db, "+34600111001", "+34600999999")
    upload(client, "600111002;Oferta;")
    url = f"/lists/{list_id}/blocked"
    assert f"{url}/" in client.page(f"/lists/{list_id}").links
    assert "Exclude 1 number" in client.page(f"{url}/").text
    assert "Exclude 2 numbers" in client.page(f"{url}/?campaign_id={made}").text
    page = client.send(f"{url}/exclude", {"campaign_id": str(made)}).text
    assert "2 numbers were excluded: they are blocked." in page
    assert numbers_of(db, list_id) == ["+34600111003"]
    shown = client.page(f"/lists/{list_id}?excluded=blocked").text
    assert "+34600111001" in shown and "+34600111003" not in shown
    assert "Use them again" in client.page(f"{url}/").text
    assert "2 numbers are in use again." in client.send(f"{url}/include").text
    assert len(numbers_of(db, list_id)) == 3
    assert client.get("/lists/77/blocked/").status_code == 404


def got(client: Browser, url: str) -> str:
    return client.get(url).data.decode("utf-8-sig")


def exported(client: Browser, **values: object) -> str:
    return client.send(f"{PAGE}blocked.csv", values).data.decode("utf-8-sig")
