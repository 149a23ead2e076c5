"""A single message within a campaign: its own, beside those of the list."""

from __future__ import annotations

from typing import Any

import pytest

from massivesms.store import blocked_numbers, campaigns
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import ANA, create_campaign, rows, spain

BLOCKED = "600111200"


@pytest.fixture
def campaign_id(db: Database) -> int:
    """A campaign that is under way, while a number is blocked."""
    spain(db)
    with db.transaction() as tx:
        blocked_numbers.add(tx, [f"+34{BLOCKED}"], ANA)
    return create_campaign(db, "Otoño", "600111201", "600111202", paused=False)


def single(client: Browser, campaign_id: int, **changed: str) -> Any:
    form = {"number": "600 111 299", "text": "Solo para usted", "once": "x1"}
    address = f"/campaigns/{campaign_id}/single"
    return client.send(
        address, {**form, **changed}, follow=False, headers={"HX-Request": "true"}
    )


def last_message(db: Database) -> dict[str, Any]:
    return rows(db, "SELECT * FROM message ORDER BY id DESC LIMIT 1")[0]


def test_a_single_message_goes_out_within_the_campaign(
    client: Browser, campaign_id: int, db: Database
) -> None:
    answer = single(client, campaign_id)
    assert 'id="panel"' in answer.text and "Waiting to be sent" in answer.text
    message = last_message(db)
    assert message["campaign_id"] == campaign_id and message["lane"] == 0
    assert (message["number"], message["text"]) == ("+34600111299", "Solo para usted")
    (audited,) = rows(db, "SELECT * FROM audit WHERE action = 'message.send'")
    assert audited["subject"] == "+3460•••299" and "Otoño" in audited["details"]


def test_the_campaigns_own_text_is_not_stored_again(
    client: Browser, campaign_id: int, db: Database
) -> None:
    text = rows(db, f"SELECT text FROM campaign WHERE id = {campaign_id}")[0]["text"]
    single(client, campaign_id, text=text)
    assert last_message(db)["text"] is None


def test_pressed_twice_it_is_sent_once(
    client: Browser, campaign_id: int, db: Database
) -> None:
    single(client, campaign_id)
    single(client, campaign_id)
    sql = "SELECT id FROM message WHERE number = '+34600111299'"
    assert len(rows(db, sql)) == 1


def test_an_ended_campaign_is_open_again(
    client: Browser, campaign_id: int, db: Database
) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE campaign SET open = 0")
    single(client, campaign_id)
    with db.transaction() as tx:
        row = campaigns.by_id(tx, campaign_id)
    assert row is not None and row["open"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": "mal"}, "no digits"),
        ({"text": ""}, "message"),
        ({"number": BLOCKED}, "blocked"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    client: Browser,
    campaign_id: int,
    db: Database,
    changed: dict[str, str],
    said: str,
) -> None:
    before = last_message(db)["id"]
    answer = single(client, campaign_id, **changed)
    assert "field-error" in answer.text and said in answer.text
    assert last_message(db)["id"] == before


def test_without_scripts_what_was_typed_stays_on_an_error(
    client: Browser, campaign_id: int
) -> None:
    form = {"number": "mal", "text": "Solo para usted", "once": "x1"}
    answer = client.send(f"/campaigns/{campaign_id}/single", form, follow=False)
    assert answer.status_code == 422
    assert "<h1" in answer.text and "field-error" in answer.text
    assert "Solo para usted</textarea>" in answer.text
    assert 'value="mal"' in answer.text and 'value="x1"' in answer.text


def test_a_number_blocked_in_this_campaign_alone_is_refused(
    client: Browser, campaign_id: int, db: Database
) -> None:
    with db.transaction() as tx:
        blocked_numbers.add(tx, ["+34600999000"], ANA, campaign_id=campaign_id)
    answer = single(client, campaign_id, number="600999000")
    assert "field-error" in answer.text and "blocked" in answer.text
    with db.transaction() as tx:
        tx.execute("UPDATE blocked_number SET campaign_id = %s", (campaign_id + 1,))
    answer = single(client, campaign_id, number="600999000")
    assert "field-error" not in answer.text


def test_a_paused_campaign_says_that_the_message_waits(
    client: Browser, campaign_id: int, db: Database
) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE campaign SET paused = 1")
    page = client.get(f"/campaigns/{campaign_id}").text
    assert "The campaign is paused: the message waits" in page


def test_the_output_queue_has_its_own_page_for_that(client: Browser) -> None:
    answer = single(client, 1)
    assert answer.status_code == 302 and answer.location.endswith("/send/")
