"""Before sending: each message, what all cost and when they are done, and a test."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.store import send_plans, trunks
from massivesms.store.db import Database
from massivesms.store.trunks import TrunkDraft
from tests.web.browser import Browser
from tests.web.sending import (
    ANA,
    create_campaign,
    enter_campaign,
    rows,
    settle,
    spain,
)

LONG = "a" * 200


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def trunk(db: Database, name: str, **values: object) -> int:
    with db.transaction() as tx:
        return trunks.create(tx, TrunkDraft(name, "smpp", **values), ANA)  # type: ignore[arg-type]


def text_of(client: Browser, campaign_id: int, more: str = "") -> str:
    """The words of the page before sending."""
    html = client.page(f"/campaigns/{campaign_id}/preview{more}").html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_every_message_is_shown_with_its_own_segments(
    client: Browser, db: Database
) -> None:
    lines = ("600111222;Hola Ana", f"600111333;{LONG}", "600111444;Está")
    campaign_id = create_campaign(db, "Otoño", *lines, text="")
    page = text_of(client, campaign_id)
    assert "+34600111222 Hola Ana 1 GSM, 7 bits" in page
    assert f"+34600111333 {LONG} 2 GSM, 7 bits" in page
    assert "+34600111444 Está 1 Unicode" in page
    assert f"The longest message {LONG} To +34600111333 · Segments: 2" in page
    assert "Messages 3 Segments 4" in page


def test_totals_are_by_trunk_with_routing_and_prices(
    client: Browser, db: Database
) -> None:
    trunk(db, "España", prefixes="34", cost_per_segment=Decimal("0.0400"))
    trunk(db, "Mundo", priority=2, cost_per_segment=Decimal("0.0900"))
    campaign_id = create_campaign(db, "O", "600111222", "600111333", "+393331234567")
    page = text_of(client, campaign_id)
    assert "España 2 2 0.08" in page
    assert "Mundo 1 1 0.09" in page
    assert "Cost 0.17" in page


def test_what_no_trunk_takes_is_said(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222")
    page = text_of(client, campaign_id)
    assert "1 messages have no trunk that takes them" in page
    assert "None takes them now 1 1 –" in page


def test_a_deadline_that_cannot_be_met_is_warned_of(
    client: Browser, db: Database
) -> None:
    trunk(db, "Lenta", rate_per_s=0.001)
    numbers = [f"6001112{n:02}" for n in range(20)]
    deadline = datetime.now(UTC) + timedelta(hours=1)
    campaign_id = create_campaign(db, "Otoño", *numbers, deadline_at=deadline)
    assert "The deadline cannot be met: about 3 of 20 messages" in text_of(
        client, campaign_id
    )


def test_the_shares_of_a_large_campaign_are_said_to_be_about(
    client: Browser, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    trunk(db, "España", cost_per_segment=Decimal("0.0400"))
    campaign_id = create_campaign(db, "O", *[f"6001112{n:02}" for n in range(10)])
    monkeypatch.setattr(send_plans, "LOOKED_AT", 5)
    page = text_of(client, campaign_id)
    assert "About: worked out from the first 5 messages." in page
    assert "España 10 10 0.40" in page


def test_the_messages_come_in_pages(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "O", *[f"6001112{n:02}" for n in range(26)])
    first = client.page(f"/campaigns/{campaign_id}/preview").html
    following = re.search(r"preview\?after=(\d+)", first)
    assert following and first.count("Send it to me") == 25
    rest = text_of(client, campaign_id, f"?after={following[1]}")
    assert rest.count("Send it to me") == 1 and "Back to the beginning" in rest


def test_sending_is_started_there(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222")
    assert "Check before sending" in client.page(f"/campaigns/{campaign_id}").html
    assert "Start the campaign" in text_of(client, campaign_id)
    client.send(f"/campaigns/{campaign_id}/resume")
    page = text_of(client, campaign_id)
    assert "Start the campaign" not in page and "It is not paused" in page


def test_a_new_campaign_is_created_paused_and_checked(
    client: Browser, db: Database
) -> None:
    page = enter_campaign(client, check="yes", paused="").text
    assert "Before sending Otoño" in page
    assert rows(db, "SELECT paused FROM campaign WHERE id > 1")[0]["paused"] == 1


def test_a_row_is_sent_to_oneself_once_without_touching_the_campaign(
    client: Browser, db: Database
) -> None:
    lines = ("600111222;Hola Ana", "600111333;Hola Luis")
    trunk_id = trunk(db, "España")
    campaign_id = create_campaign(
        db, "Otoño", *lines, text="", sender_id="ACME", trunk_id=trunk_id
    )
    luis = rows(db, "SELECT id FROM message ORDER BY id")[1]["id"]
    html = client.page(f"/campaigns/{campaign_id}/preview").html
    once = re.search(r'name="once"[^>]*value="([^"]+)"', html)
    assert once
    form = {"number": "600999888", "message_id": str(luis), "once": once[1]}
    for _press in range(2):
        client.send(f"/campaigns/{campaign_id}/preview/test", form)
    (made,) = rows(db, "SELECT * FROM message WHERE campaign_id = 1")
    shown = client.page(f"/messages/{made['id']}?wait=1&tried={campaign_id}")
    assert f"/campaigns/{campaign_id}/preview" in shown.links
    assert (made["number"], made["text"]) == ("+34600999888", "Hola Luis")
    assert (made["campaign_id"], made["lane"]) == (OUTPUT_QUEUE_ID, 0)
    assert (made["sender_id"], made["route_trunk_id"]) == ("ACME", trunk_id)
    assert (
        len(rows(db, f"SELECT id FROM message WHERE campaign_id = {campaign_id}")) == 2
    )


def test_a_wrong_number_of_ones_own_is_refused_beside_it(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222")
    page = client.send(f"/campaigns/{campaign_id}/preview/test", {"number": "12"})
    assert "is-invalid" in page.text and 'value="12"' in page.text
    assert rows(db, "SELECT id FROM message WHERE campaign_id = 1") == []


def test_a_row_of_another_campaign_is_not_sent(client: Browser, db: Database) -> None:
    create_campaign(db, "Otra", "600111333", text="Secreto")
    other = rows(db, "SELECT id FROM message")[0]["id"]
    campaign_id = create_campaign(db, "Otoño", "600111222", text="Hola")
    form = {"number": "600999888", "message_id": str(other)}
    client.send(f"/campaigns/{campaign_id}/preview/test", form)
    (made,) = rows(db, "SELECT text FROM message WHERE campaign_id = 1")
    assert made["text"] == "Hola"


def test_nothing_is_left_to_check_when_all_was_sent(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222")
    settle(db, rows(db, "SELECT id FROM message")[0]["id"], "submitted")
    assert "Nothing is waiting in this campaign" in text_of(client, campaign_id)
    assert client.get("/campaigns/1/preview").status_code == 302
    assert client.get("/campaigns/999/preview").status_code == 404
