"""Sending one message: in the queue or at once, once, and what is wrong said."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.store import campaigns
from massivesms.store.db import Database
from massivesms_web import once
from tests.web.browser import Browser
from tests.web.sending import (
    ANA,
    create_trunk,
    rows,
    settle,
    spain,
    start_service,
)

HTMX = {"HX-Request": "true"}
GOOD = {"number": "600 111 222", "text": "Hola, José", "trunk_id": "0", "how": "now"}
QUEUED = "SELECT * FROM message"


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def once_of(client: Browser) -> str:
    """The one-time token of the form that the page shows."""
    found = re.search(r'name="once"[^>]*value="([^"]+)"', client.get("/send/").text)
    assert found
    return found[1]


def test_a_message_goes_into_the_express_lane_and_its_page_follows(
    client: Browser, db: Database
) -> None:
    answer = client.send("/send/", {**GOOD, "sender_id": "TIENDA"}, follow=False)

    (message,) = rows(db, QUEUED)
    assert answer.location == f"/messages/{message['id']}?wait=1"
    assert (message["number"], message["is_local"]) == ("+34600111222", 1)
    assert (message["text"], message["segments"]) == ("Hola, José", 1)
    assert (message["lane"], message["sender_id"]) == (0, "TIENDA")
    assert message["campaign_id"] == OUTPUT_QUEUE_ID


def test_in_its_turn_is_the_normal_lane(client: Browser, db: Database) -> None:
    client.send("/send/", {**GOOD, "how": "queue"})
    assert rows(db, QUEUED)[0]["lane"] == 2


def test_a_chosen_trunk_is_kept_for_the_message(client: Browser, db: Database) -> None:
    trunk_id = create_trunk(db)
    client.send("/send/", {**GOOD, "trunk_id": str(trunk_id)})
    (message,) = rows(db, QUEUED)
    assert (message["route_trunk_id"], message["pinned"]) == (trunk_id, 1)


def test_lines_end_as_phones_want_them(client: Browser, db: Database) -> None:
    client.send("/send/", {**GOOD, "text": "uno\r\ndos\r\n"})
    assert rows(db, QUEUED)[0]["text"] == "uno\ndos\n"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"number": ""}, "number", id="no-number"),
        pytest.param({"number": "911223344"}, "not a mobile", id="not-a-mobile"),
        pytest.param({"number": "6001"}, "too short", id="short"),
        pytest.param({"number": "<b>x</b>"}, "not a phone number", id="no-digits"),
        pytest.param({"text": ""}, "message is empty", id="no-text"),
        pytest.param({"text": "a\x00b"}, "U+0000", id="nul"),
        pytest.param({"text": "a" * 1531}, "11 segments", id="too-long"),
        pytest.param({"sender_id": "MUYLARGOSENDER"}, "14 characters", id="sender"),
        pytest.param({"sender_id": "1" * 15}, "15 digits", id="sender-digits"),
        pytest.param({"trunk_id": "999"}, "no such trunk", id="unknown-trunk"),
        pytest.param({"trunk_id": "x"}, "no such trunk", id="trunk-nonsense"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client: Browser, db: Database, changed: dict[str, str], words: str
) -> None:
    answer = client.send("/send/", {**GOOD, **changed})

    assert "field-error" in answer.text
    assert words in answer.text
    kept = {**GOOD, **changed}["text"].replace("\x00", "")[:20]
    assert kept in answer.text.replace("\x00", "")
    assert rows(db, QUEUED) == []


def test_errors_come_back_as_the_panel_alone_for_htmx(client: Browser) -> None:
    answer = client.send("/send/", {**GOOD, "number": ""}, headers=HTMX)
    assert answer.text.lstrip().startswith('<div id="panel"')
    assert "field-error" in answer.text


def test_pressed_twice_one_message_is_sent(client: Browser, db: Database) -> None:
    form = {**GOOD, "once": once_of(client)}
    first = client.send("/send/", form, follow=False)
    second = client.send("/send/", form, follow=False)
    assert first.location == second.location
    assert len(rows(db, QUEUED)) == 1


def test_pressed_twice_at_the_same_moment_one_message_is_sent(
    app: Flask, client: Browser, db: Database
) -> None:
    token = client.token()
    form: dict[str, Any] = {**GOOD, "once": once_of(client), "csrf_token": token}
    cookie = client.get_cookie("massivesms")
    assert cookie is not None

    def press(_: int) -> str:
        with app.test_client() as another:
            another.set_cookie("massivesms", cookie.value)
            return another.post("/send/", data=form).location

    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(press, range(4)))
    assert len(places) == 1
    assert len(rows(db, QUEUED)) == 1


def test_a_new_form_sends_the_same_text_again(client: Browser, db: Database) -> None:
    for _ in range(2):
        client.send("/send/", {**GOOD, "once": once_of(client)})
    assert len(rows(db, QUEUED)) == 2


@pytest.mark.parametrize("token", ["", "x" * 65], ids=["none", "long"])
def test_without_a_token_nothing_is_remembered(
    app: Flask, db: Database, token: str
) -> None:
    with app.test_request_context(), db.transaction() as tx:
        once.remember(tx, token, 7)
        assert once.earlier(tx, token) is None


def test_at_once_the_page_follows_the_message(client: Browser, db: Database) -> None:
    trunk_id = create_trunk(db, ready=True)
    start_service(db)
    answer = client.send("/send/", GOOD, headers=HTMX)
    (message,) = rows(db, QUEUED)
    watch = f"/messages/{message['id']}/watch"
    assert f'hx-get="{watch}"' in answer.text
    assert "Waiting to be sent" in answer.text

    settle(db, message["id"], "submitting", trunk_id=trunk_id)
    assert "Sending …" in client.get(watch, headers=HTMX).text

    settle(db, message["id"], "submitted", trunk_id=trunk_id, smsc_message_id="5F3A")
    done = client.get(watch, headers=HTMX).text
    assert "hx-get" not in done
    for words in ("The operator took the message", "Operadora", "5F3A"):
        assert words in done


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ("delivered", None, "on the phone"),
        ("rejected", "smpp_0000000B", "refused the message"),
        ("failed", "no_trunk_left", "No other trunk is left"),
        ("in_doubt", "answer_timeout", "did not answer in time"),
    ],
)
def test_the_outcome_is_said_in_words(
    client: Browser, db: Database, state: str, code: str | None, words: str
) -> None:
    client.send("/send/", GOOD, headers=HTMX)
    (message,) = rows(db, QUEUED)
    settle(db, message["id"], state, result_code=code)
    page = client.get(f"/messages/{message['id']}/watch", headers=HTMX).text
    assert words in page
    assert "hx-get" not in page


def test_what_waits_too_long_may_be_left_or_cancelled(
    client: Browser, db: Database
) -> None:
    create_trunk(db, ready=True)
    start_service(db)
    client.send("/send/", GOOD, headers=HTMX)
    (message,) = rows(db, QUEUED)
    watch = f"/messages/{message['id']}/watch"
    assert "Cancel it" not in client.get(watch).text

    with db.transaction() as tx:
        tx.execute("UPDATE message SET created_at = created_at - INTERVAL 31 SECOND")
    late = client.get(watch).text
    assert "more than 30 seconds" in late
    assert "Leave it" in late
    cancelled = client.send(f"/messages/{message['id']}/cancel", headers=HTMX).text
    assert "The message was cancelled" in cancelled
    assert rows(db, QUEUED)[0]["state"] == "cancelled"


def test_the_page_says_that_the_service_is_stopped(
    client: Browser, db: Database
) -> None:
    create_trunk(db)
    assert "service massivesms start" in client.page("/send/").text


def test_the_page_says_that_no_trunk_can_send(client: Browser, db: Database) -> None:
    start_service(db)
    assert "There is no trunk yet" in client.page("/send/").text
    create_trunk(db)
    assert "no connection: Operadora" in client.page("/send/").text


def test_nothing_is_said_when_a_trunk_is_ready(client: Browser, db: Database) -> None:
    start_service(db)
    create_trunk(db, ready=True)
    assert "would wait" not in client.page("/send/").text


def test_a_paused_output_queue_is_named(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        queue = campaigns.by_id(tx, OUTPUT_QUEUE_ID)
        assert queue is not None
        campaigns.set_paused(tx, queue, True, ANA)
    assert "output queue is paused" in client.page("/send/").text


def test_a_number_may_come_with_the_address(client: Browser) -> None:
    assert 'value="+34600111222"' in client.page("/send/?number=%2B34600111222").html
