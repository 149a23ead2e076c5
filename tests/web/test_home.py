"""Home: what runs, what needs a decision, and why nothing is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from massivesms.domain.campaigns import Draft
from massivesms.store import (
    campaigns,
    counts,
    inbound,
    messages,
    services,
    settings,
    trunk_sessions,
    trunks,
)
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.inbound import NewInbound
from massivesms.store.messages import NewMessage
from massivesms.store.trunks import TrunkDraft
from tests.web.browser import Browser
from tests.web.conftest import ClientAs

ANA = Actor("ana")


def campaign(db: Database, name: str, *, paused: bool, number: int = 3) -> int:
    with db.transaction() as tx:
        draft = Draft(name, "Hola", paused=paused)
        campaign_id = campaigns.create(tx, draft, ANA)
        rows = [NewMessage(f"+3460000000{n}", True, 1) for n in range(number)]
        messages.enqueue(tx, campaign_id, rows)
    return campaign_id


def start_service(db: Database) -> None:
    with db.transaction() as tx:
        services.register(tx, "pbx:1", "pbx", 1, "0.1.0")


def test_a_new_installation_says_what_to_do_first(client: Browser) -> None:
    text = client.page("/").text
    assert "First steps" in text and "Create a trunk" in text


def test_a_stopped_service_is_the_first_thing_said(client: Browser) -> None:
    text = client.page("/").text
    assert "The service is not running" in text and "service massivesms start" in text


def test_an_open_campaign_shows_its_counts_and_why_it_waits(
    client: Browser, db: Database
) -> None:
    start_service(db)
    campaign(db, "Rebajas", paused=False, number=1234)
    page = client.page("/")
    assert "Rebajas" in page.text and "1,234" in page.text
    assert "There is no trunk yet" in page.text


def test_a_paused_campaign_says_so(client: Browser, db: Database) -> None:
    campaign(db, "Rebajas", paused=True)
    assert "It is paused" in client.page("/").text


def test_a_stopped_trunk_needs_a_decision(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        trunk_id = trunks.create(tx, TrunkDraft("Operador", "smpp"), ANA)
        trunks.stop(tx, trunk_id, 1, "bind_password", "ESME_RINVPASWD")
    text = client.page("/").text
    assert "The trunk Operador was stopped" in text
    assert "does not accept the user or password" in text


def test_messages_in_doubt_need_a_decision(client: Browser, db: Database) -> None:
    campaign_id = campaign(db, "Rebajas", paused=False)
    with db.transaction() as tx:
        changes = counts.Changes()
        changes.add(campaign_id, "in_doubt", 1, 2, 2)
        changes.write(tx)
    assert "2 messages are in doubt" in client.page("/").text


def test_all_sending_is_stopped_and_started(client: Browser, db: Database) -> None:
    start_service(db)
    assert "Sending is on" in client.page("/").text
    assert "All sending is stopped" in client.send("/sending", {"sending": "no"}).text
    with db.transaction() as tx:
        assert settings.load(tx)["sending"] == "no"
    assert "Sending is on" in client.send("/sending", {"sending": "yes"}).text


def test_what_is_live_is_fetched_without_the_page(client: Browser) -> None:
    text = client.get("/", headers={"HX-Request": "true"}).text
    assert "<html" not in text and 'id="live"' in text


def test_in_a_frame_the_own_header_gives_way(client: Browser) -> None:
    assert 'class="framed"' in client.get("/?framed=1").text
    headers = {"Sec-Fetch-Dest": "iframe"}
    assert 'class="framed"' in client.get("/", headers=headers).text
    assert 'class="framed"' not in client.get("/").text


def test_an_operator_sees_no_steps_that_he_cannot_take(client_as: ClientAs) -> None:
    text = client_as("operator").page("/").text
    assert "Create a trunk" not in text and "Load a list" in text


def arrive(db: Database, state: str, messages: int, minutes_ago: int = 0) -> None:
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages,"
            " segments) VALUES (UTC_TIMESTAMP() - INTERVAL SECOND(UTC_TIMESTAMP())"
            " SECOND - INTERVAL %s MINUTE, 2, 1, %s, %s, %s)",
            (minutes_ago, state, messages, messages),
        )


def test_today_counts_what_came_since_midnight(client: Browser, db: Database) -> None:
    arrive(db, "submitted", 1100)
    arrive(db, "delivered", 900)
    arrive(db, "expired", 5)
    arrive(db, "failed", 2)
    arrive(db, "submitted", 7777, minutes_ago=25 * 60)
    with db.transaction() as tx:
        inbound.add(tx, NewInbound(1, "+34600111222", "34600111222", "5000", "Hola"))
    text = client.get("/today").text
    tiles = re.findall(r"<dt>([^<]+)</dt><dd>(?:<a[^>]+>)?([^<]+)<", text)
    assert dict(tiles) == {
        "Sent": "1,100",
        "Delivered": "900",
        "Failed": "7",
        "Incoming": "1",
    }
    assert "<html" not in text and 'id="today-data"' in client.get("/").text


def test_the_numbers_of_today_lead_to_its_messages(
    client: Browser, db: Database
) -> None:
    arrive(db, "delivered", 900)
    links = client.page("/today").links
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert f"/messages/?from={today}&state=delivered" in links


def test_today_begins_at_the_midnight_of_the_configured_zone(
    client: Browser, db: Database
) -> None:
    now = datetime.now(UTC)
    # Where it was midnight an hour ago: Etc/GMT has its signs the other way round.
    hours = (now.hour - 1) % 24
    zone = f"Etc/GMT{hours:+}" if hours <= 12 else f"Etc/GMT-{24 - hours}"
    with db.transaction() as tx:
        settings.save(tx, {"time_zone": zone})
    arrive(db, "submitted", 1, minutes_ago=30)
    arrive(db, "submitted", 7, minutes_ago=150)
    assert re.search(r"<dt>Sent</dt><dd><a[^>]+>1</a>", client.get("/today").text)


def test_a_running_campaign_says_how_fast_it_goes_and_when_it_ends(
    client: Browser, db: Database
) -> None:
    start_service(db)
    campaign_id = campaign(db, "Rebajas", paused=False, number=600)
    with db.transaction() as tx:
        trunk_id = trunks.create(tx, TrunkDraft("Operador", "smpp"), ANA)
        lease = trunk_sessions.acquire(tx, trunk_id, 0, "pbx:1")
        assert lease is not None
        trunk_sessions.show(tx, lease, "ready")
    for ago in range(1, 8):
        arrive(db, "submitted", 60, minutes_ago=ago)
        with db.transaction() as tx:
            tx.execute("UPDATE traffic SET campaign_id = %s", (campaign_id,))
    text = client.page("/").text
    assert "a second" in text or "messages a minute" in text
    assert "At this speed it is done" in text
    with db.transaction() as tx:
        services.leave(tx, "pbx:1")
    text = client.page("/").text
    assert "The service is not running" in text and "At this speed" not in text
    text = client.page(f"/campaigns/{campaign_id}").text
    assert "a second" not in text and "At this speed" not in text


def test_a_paused_campaign_has_no_speed(client: Browser, db: Database) -> None:
    campaign_id = campaign(db, "Rebajas", paused=True)
    for ago in range(1, 8):
        arrive(db, "submitted", 60, minutes_ago=ago)
        with db.transaction() as tx:
            tx.execute("UPDATE traffic SET campaign_id = %s", (campaign_id,))
    text = client.page("/").text
    assert "a second" not in text and "At this speed" not in text


def test_an_operator_reads_what_needs_others_without_a_link(
    client_as: ClientAs, db: Database
) -> None:
    with db.transaction() as tx:
        trunk_id = trunks.create(tx, TrunkDraft("Operador", "smpp"), ANA)
        trunks.stop(tx, trunk_id, 1, "bind_password", "ESME_RINVPASWD")
    page = client_as("operator").page("/")
    assert "The trunk Operador was stopped" in page.text
    assert f"/trunks/{trunk_id}" not in page.links


def test_what_is_fetched_again_leaves_the_chart_in_its_place(client: Browser) -> None:
    part = client.get("/", headers={"HX-Request": "true"}).text
    assert 'id="open" hx-swap-oob="true"' in part and "<canvas" not in part
