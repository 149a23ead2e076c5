"""The test console: it asks before it sends, sends once, and shows each step."""

from __future__ import annotations

import re

import pytest

from massivesms.store import trunks
from massivesms.store.db import Database, Row
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import create_trunk, rows, spain, start_service

PART = {"HX-Request": "true"}
FORM = {"number": "600111222", "text": "@£$€{}[]ñÇ_ massivesms"}


@pytest.fixture
def trunk(db: Database) -> Row:
    spain(db)
    trunk_id = create_trunk(db, ready=True)
    start_service(db)
    with db.transaction() as tx:
        tx.execute("UPDATE trunk SET cost_per_segment = 0.05")
        return trunks.by_id(tx, trunk_id) or {}


@pytest.fixture
def console(trunk: Row) -> str:
    return f"/trunks/{trunk['id']}/console"


def sent(client: Browser, console: str) -> int:
    """Sends a probe as a person does; its id."""
    once = re.search(r'name="once"[^>]*value="([^"]+)"', client.get(console).text)
    assert once
    form = {**FORM, "once": once[1]}
    client.send(console, {**form, "confirmed": "yes"})
    answer = client.send(console, {**form, "confirmed": "yes"})  # pressed twice
    found = re.search(r"/console/(\d+)", answer.text)
    assert found, answer.text
    return int(found[1])


def settle(db: Database, state: str, **values: object) -> None:
    given = {"claimed_at": "2026-03-04 12:00:00", "submitted_at": "2026-03-04 12:00:01"}
    values = {**given, "settled_at": "2026-03-04 12:00:04", "state": state, **values}
    fields = ", ".join(f"{name} = %({name})s" for name in values)
    with db.transaction() as tx:
        tx.execute(f"UPDATE message SET {fields}", values)


def test_the_trunks_page_leads_to_it(client: Browser, trunk: Row, console: str) -> None:
    assert console in client.get(f"/trunks/{trunk['id']}").text
    text = client.page(console).text
    assert "1. Connect" in text and "2. Send a message" in text
    assert FORM["text"] in text


def test_it_says_what_would_be_sent_and_what_it_costs_first(
    client: Browser, console: str, db: Database
) -> None:
    text = client.send(console, FORM).text
    assert "Really send it?" in text
    assert "+34600111222" in text and "0.05" in text and "GSM, 7 bits" in text
    assert rows(db, "SELECT id FROM message") == []
    assert rows(db, "SELECT id FROM trunk_probe") == []


def test_confirmed_it_is_queued_once_for_this_trunk_alone(
    client: Browser, console: str, db: Database, trunk: Row
) -> None:
    sent(client, console)
    [message] = rows(db, "SELECT * FROM message")
    assert (message["route_trunk_id"], message["pinned"]) == (trunk["id"], 1)
    assert (message["state"], message["text"]) == ("queued", FORM["text"])
    assert len(rows(db, "SELECT id FROM trunk_probe")) == 1
    [row] = rows(db, "SELECT * FROM audit WHERE action = 'trunk.probe'")
    assert "600111222" not in str(row) and "massivesms" not in row["details"]


def test_the_steps_refresh_until_all_is_known(
    client: Browser, console: str, db: Database
) -> None:
    path = f"{console}/{sent(client, console)}"
    waiting = client.get(path, headers=PART).text
    assert "every 1s" in waiting and "<html" not in waiting
    assert "waits for its turn" in waiting and "Cancel it" in waiting
    settle(db, "submitted", smsc_message_id="ID7")
    answered = client.get(path, headers=PART).text
    assert "took it after 1000 ms, with the id ID7" in answered
    assert "The receipt is awaited" in answered or "No receipt came" in answered
    settle(db, "delivered", smsc_message_id="ID7")
    done = client.get(path, headers=PART).text
    assert "it arrived, 4000 ms after it was sent" in done
    assert "every 1s" not in done
    assert client.page(path).h1


def test_a_refusal_is_said_in_words(
    client: Browser, console: str, db: Database
) -> None:
    path = f"{console}/{sent(client, console)}"
    code = {"result_code": "smpp_0x0B", "submitted_at": None}
    settle(db, "rejected", **code)
    text = client.page(path).text
    assert "It was not taken." in text
    assert "What does the phone show?" not in text


def test_what_the_phone_shows_tells_the_alphabet(
    client: Browser, console: str, db: Database, trunk: Row
) -> None:
    path = f"{console}/{sent(client, console)}"
    settle(db, "submitted", smsc_message_id="ID7")
    assert "What does the phone show?" in client.page(path).text
    client.send(f"{path}/seen", {"seen": "latin1"})
    text = client.page(path).text
    assert "The operator reads the text as Latin-1 (ISO 8859-1)" in text
    assert f"/trunks/{trunk['id']}/edit" in client.get(path).text
    client.send(f"{path}/seen", {"seen": "gsm7"})
    assert "the alphabet is right" in client.page(path).text
    client.send(f"{path}/seen", {"seen": "other"})
    assert "ASCII is safe everywhere" in client.page(path).text
    answer = client.send(f"{path}/seen", {"seen": "klingon"})
    assert answer.status_code == 400


def test_a_purged_message_is_said(client: Browser, console: str, db: Database) -> None:
    path = f"{console}/{sent(client, console)}"
    with db.transaction() as tx:
        tx.execute("DELETE FROM message")
    assert "was purged since" in client.page(path).text
    assert "was purged since" in client.page(console).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE trunk SET active = 0", "turned off"),
        ("UPDATE trunk SET stopped_code = 'x'", "was stopped"),
        ("DELETE FROM service_instance", "The service is not running"),
    ],
    ids=["off", "stopped", "no service"],
)
def test_where_nothing_can_be_sent_nothing_is_written(
    client: Browser, console: str, db: Database, change: str, words: str
) -> None:
    with db.transaction() as tx:
        tx.execute(change)
    assert words in client.page(console).text
    answer = client.send(console, {**FORM, "confirmed": "yes"})
    assert answer.status_code == 422
    assert words in answer.text
    assert rows(db, "SELECT id FROM message") == []


def test_a_bad_number_is_said_beside_the_field(
    client: Browser, console: str, db: Database
) -> None:
    values = {**FORM, "number": "hola", "confirmed": "yes"}
    answer = client.send(console, values)
    assert answer.status_code == 422
    assert "field-error" in answer.text and "Really send it?" not in answer.text
    assert rows(db, "SELECT id FROM message") == []


def test_another_trunks_probe_is_not_shown(
    client: Browser, console: str, db: Database
) -> None:
    probe_id = sent(client, console)
    other = create_trunk(db, "Otra")
    client.page(f"/trunks/{other}/console/{probe_id}", status=404)
    answer = client.send(f"/trunks/{other}/console/{probe_id}/seen", {"seen": "gsm7"})
    assert answer.status_code == 404


def test_a_removed_trunk_takes_its_probes_along(
    client: Browser, console: str, db: Database, trunk: Row
) -> None:
    sent(client, console)
    with db.transaction() as tx:
        tx.execute("UPDATE message SET state = 'cancelled'")
    client.send(f"/trunks/{trunk['id']}/remove")
    assert rows(db, "SELECT id FROM trunk_probe") == []


def test_only_who_may_send_messages_may_send_a_probe(
    client: Browser, client_as: ClientAs, console: str, db: Database
) -> None:
    probe_id = sent(client, console)
    client.send("/roles/new", {"name": "technician", "permissions": ["trunks"]})
    technician = client_as("technician")
    page = technician.get(console)
    assert page.status_code == 200
    assert "1. Connect" in page.text and "2. Send a message" not in page.text
    assert "Details of the message" not in page.text
    assert technician.get(f"{console}/{probe_id}").status_code == 200
    answer = technician.send(console, {**FORM, "confirmed": "yes"})
    assert answer.status_code == 403
    assert len(rows(db, "SELECT id FROM message")) == 1
