"""The output queue and every other message: found, read, cancelled."""

from __future__ import annotations

import pytest

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.number_search import beginnings
from massivesms.store import message_search
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import (
    create_campaign,
    create_message,
    create_trunk,
    rows,
    settle,
    spain,
)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine does not make a page show less; see test_message_filters.py."""
    monkeypatch.setattr(message_search, "PATIENCE_S", 10)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("600", ("+600", "+34600"), id="local"),
        pytest.param("+34 600-11", ("+3460011",), id="international"),
        pytest.param("0034600", ("+34600",), id="two-zeros"),
        pytest.param("0600", ("+0600", "+340600", "+34600"), id="trunk-digit"),
        pytest.param("abc", ("none",), id="letters"),
        pytest.param("%", ("none",), id="wildcard"),
        pytest.param("1" * 16, ("none",), id="sixteen-digits"),
    ],
)
def test_digits_are_looked_for_as_people_know_them(
    db: Database, typed: str, found: tuple[str, ...]
) -> None:
    assert beginnings(typed, spain(db)) == found


def test_without_messages_the_page_says_what_to_do(client: Browser) -> None:
    page = client.page("/messages/")
    assert "No messages yet" in page.text
    assert "/send/" in page.links


def test_the_newest_message_comes_first(client: Browser, db: Database) -> None:
    for number in ("+34600000001", "+34600000002"):
        create_message(db, number)
    text = client.page("/messages/").text
    assert text.index("+34600000002") < text.index("+34600000001")


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("number=600000001", "+34600000001", "+34600000002"),
        ("number=%2B34600000002", "+34600000002", "+34600000001"),
        ("campaign=1", "+34600000001", "+34611111111"),
        ("campaign=1&state=delivered", "+34600000002", "+34600000001"),
        ("state=delivered", "+34600000002", "+34600000001"),
        ("state=delivered&state=queued", "+34600000001", "No message"),
        ("state=failed", "No message is like that", "+34600000001"),
        ("before=y", "+34611111111", "No message"),
        ("user=ana", "+34611111111", "+34600000002"),
        ("user=nobody", "No message is like that", "+34600000001"),
        ("result=nothing_has_it", "No message is like that", "+34600000001"),
        ("from=2020-01-01&to=2020-12-31", "No message is like that", "+34600000001"),
        ("from=2020-01-01", "+34600000001", "No message"),
        ("before=99999999999999999999999", "+34600000001", "No message"),
    ],
)
def test_filters_live_in_the_address(
    client: Browser, db: Database, query: str, there: str, absent: str
) -> None:
    spain(db)
    create_message(db, "+34600000001")
    settle(db, create_message(db, "+34600000002"), "delivered")
    create_campaign(db, "Otra", "611111111")
    text = client.page(f"/messages/?{query}").text
    assert there in text
    assert absent not in text


def test_more_messages_are_reached_by_key(client: Browser, db: Database) -> None:
    create_campaign(db, "Larga", *(f"6000000{n:02}" for n in range(60)))
    first = client.page("/messages/")
    (following,) = [link for link in first.links if "before=" in link]
    second = client.page(following)
    assert "+34600000059" in first.text and "+34600000000" not in first.text
    assert "+34600000000" in second.text and "+34600000059" not in second.text
    assert "Back to the beginning" in second.text


def test_a_message_shows_all_that_is_known(client: Browser, db: Database) -> None:
    trunk_id = create_trunk(db)
    message_id = create_message(db, text="Mañana, señor 😀", sender_id="TIENDA")
    settle(
        db,
        message_id,
        "rejected",
        trunk_id=trunk_id,
        smsc_message_id="0A1B",
        attempts=2,
        tried_trunks="987654",
        submitted_at="2026-07-01 10:00:00",
        result_code="smpp_0000000B",
    )
    text = client.page(f"/messages/{message_id}").text
    for words in ("Mañana, señor 😀", "Unicode", "TIENDA", "Operadora", "0A1B"):
        assert words in text
    assert "12:00:00" in text or "10:00:00" in text  # in the configured zone
    assert "#987654" in text


def test_times_are_those_of_the_configured_zone(client: Browser, db: Database) -> None:
    spain(db)
    message_id = create_message(db)
    settle(db, message_id, "submitted", submitted_at="2026-07-01 10:00:00")
    assert "12:00:00" in client.page(f"/messages/{message_id}").text


def test_markup_in_a_message_is_only_text(client: Browser, db: Database) -> None:
    payload = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    message_id = create_message(db, text=payload, sender_id="<b>x")
    settle(db, message_id, "failed", result_code="script_failed", result_detail=payload)
    for url in (f"/messages/{message_id}", "/messages/", "/campaigns/1"):
        page = client.page(url)
        assert "<script>alert" not in page.html
        assert "<img" not in page.html


def test_a_queued_message_says_why_it_waits(client: Browser, db: Database) -> None:
    message_id = create_message(db)
    assert "service massivesms start" in client.page(f"/messages/{message_id}").text


def test_a_message_of_a_paused_campaign_says_so(client: Browser, db: Database) -> None:
    create_campaign(db, "Otoño", "600111222")
    (message,) = rows(db, "SELECT id FROM message")
    assert "Its campaign is paused" in client.page(f"/messages/{message['id']}").text


def test_a_queued_message_can_be_cancelled(client: Browser, db: Database) -> None:
    message_id = create_message(db)
    answer = client.send(f"/messages/{message_id}/cancel")
    assert "it will not be sent" in answer.text
    (message,) = rows(db, "SELECT * FROM message")
    assert (message["state"], message["result_code"]) == ("cancelled", "cancelled")
    assert "administrator-user" in client.page(f"/messages/{message_id}").text
    (change,) = rows(db, "SELECT * FROM audit WHERE action = 'message.cancel'")
    assert change["subject"] == "+3460•••222"


def test_a_message_that_has_left_is_not_cancelled(
    client: Browser, db: Database
) -> None:
    message_id = create_message(db)
    settle(db, message_id, "submitting")
    answer = client.send(f"/messages/{message_id}/cancel")
    assert "It was too late" in answer.text
    assert rows(db, "SELECT state FROM message")[0]["state"] == "submitting"


def test_without_script_the_page_loads_itself_until_all_is_known(
    client: Browser, db: Database
) -> None:
    message_id = create_message(db)
    settle(db, message_id, "submitting")
    waiting = client.get(f"/messages/{message_id}?wait=1")
    assert waiting.headers["Refresh"]
    settle(db, message_id, "delivered")
    assert "Refresh" not in client.get(f"/messages/{message_id}?wait=1").headers


@pytest.mark.parametrize("path", ["/messages/99", "/messages/99/watch"])
def test_what_is_not_there_is_not_found(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404


def test_cancelling_what_is_not_there_is_not_found(client: Browser) -> None:
    assert client.send("/messages/99/cancel").status_code == 404


def test_an_operator_reads_messages(client_as: ClientAs, db: Database) -> None:
    message_id = create_message(db)
    browser = client_as("operator")
    assert "Output queue" in browser.page(f"/messages/{message_id}").text
    assert (
        f"/campaigns/{OUTPUT_QUEUE_ID}" in browser.page(f"/messages/{message_id}").links
    )
