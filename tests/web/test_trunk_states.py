"""The page of a trunk: its limits, its connections and what stands in the way."""

from __future__ import annotations

import pytest
from flask import Flask, render_template

from massivesms.domain.caps import Caps
from massivesms.domain.trunk_kinds import KINDS
from massivesms.store import trunk_sessions
from massivesms.store.db import Database, Row
from massivesms_web import trunk_states
from tests.web.browser import Browser
from tests.web.sending import create_campaign, create_message, start_service
from tests.web.trunk_forms import SMPP, stored


@pytest.fixture
def trunk(client: Browser, db: Database) -> Row:
    client.send("/trunks/new/smpp", SMPP)
    return stored(db)


LIMITED = {
    "cap_minute": "10",
    "cap_day": "500",
    "prefixes": "+34, !34900",
    "cost_per_segment": "0,035",
}


def test_limits_numbers_and_cost_are_kept_and_shown_again(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **LIMITED})
    row = stored(db)
    assert row["caps"] == Caps(minute=10, day=500)
    assert (row["prefixes"], str(row["cost_per_segment"])) == ("34,!34900", "0.0350")
    html = client.get(f"/trunks/{trunk['id']}/edit").text
    for value in ("10", "500", "34, !34900", "0.035"):
        assert f'value="{value}"' in html, value
    text = client.page(f"/trunks/{trunk['id']}").text
    assert "10 a minute, 500 a day" in text and "34, !34900" in text
    assert "0.035" in text
    emptied = dict.fromkeys(LIMITED, "")
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **emptied})
    assert stored(db)["caps"] == Caps() and stored(db)["cost_per_segment"] is None


def _use(db: Database, trunk: Row, period: str, segments: int, ago: str) -> None:
    with db.transaction() as tx:
        tx.execute(
            "REPLACE INTO trunk_usage (trunk_id, period, begins_at, segments) VALUES"
            f" (%s, %s, UTC_TIMESTAMP() - INTERVAL {ago}, %s)",
            (trunk["id"], period, segments),
        )


def test_how_much_of_a_limit_is_used_is_drawn_and_said(
    client: Browser, trunk: Row, db: Database
) -> None:
    path = f"/trunks/{trunk['id']}"
    client.send(f"{path}/edit", {**SMPP, **LIMITED})
    _use(db, trunk, "day", 120, "0 SECOND")
    _use(db, trunk, "minute", 9, "2 MINUTE")  # an earlier minute counts nothing
    page = client.page(path)
    assert "120 of 500 today" in page.text and "0 of 10 this minute" in page.text
    assert 'width="240.0"' in page.html


def test_a_trunk_whose_limit_is_used_up_waits_and_says_until_when(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **LIMITED})
    _use(db, trunk, "day", 500, "0 SECOND")
    start_service(db)
    campaign_id = create_campaign(db, "Mayo", "600111222", paused=False)
    with db.transaction() as tx:
        lease = trunk_sessions.acquire(tx, trunk["id"], 0, "a-service")
        assert lease
        trunk_sessions.show(tx, lease, "ready")
    said = "The trunk Operador has used up its limit of 500 a day; it goes on at 00:00."
    for path in (f"/trunks/{trunk['id']}", f"/campaigns/{campaign_id}", "/"):
        assert said in client.page(path).text, path
    assert "state-waiting" in client.get("/trunks/").text
    assert "at most about a minute" not in client.get(f"/trunks/{trunk['id']}").text


def test_a_number_that_no_trunk_serves_is_said_on_the_message(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **LIMITED})
    start_service(db)
    served = create_message(db, "+34600111222")
    other = create_message(db, "+33600111222")
    assert "No trunk serves" not in client.page(f"/messages/{served}").text
    assert "No trunk serves" in client.page(f"/messages/{other}").text


def test_each_connection_is_shown_and_the_best_one_is_the_trunks(
    client: Browser, trunk: Row, db: Database, app: Flask
) -> None:
    with db.transaction() as tx:
        for slot, state in enumerate(("waiting", "ready", "idle")):
            lease = trunk_sessions.acquire(tx, trunk["id"], slot, "a-service")
            assert lease
            code = None if state == "ready" else "connection_refused"
            trunk_sessions.show(tx, lease, state, code, "1.2.3.4:1")
        trunk_sessions.note_error(tx, lease, "enquire_timeout", "")
        slots = tx.rows("SELECT *, 1 AS alive FROM trunk_session ORDER BY slot")
        slots[2]["alive"] = 0
    row = {**trunk, "settings": {**trunk["settings"], "binds": "3"}}
    with app.test_request_context("/"):
        app.preprocess_request()
        shown = trunk_states.now(row, slots)
        values = {"kind": KINDS["smpp"], "counts": {}, "test": None}
        html = render_template("trunks/_live.html", trunk=shown, **values)
    assert shown.state == "ready"
    assert "1 of 3 connections" in html
    assert html.count("refuses the connection") == 1
    assert "The operator no longer answers." in html
    assert [c.state for c in shown.connections] == ["waiting", "ready", "idle"]


def test_a_waiting_trunk_says_that_it_tries_again(
    client: Browser, trunk: Row, db: Database
) -> None:
    with db.transaction() as tx:
        lease = trunk_sessions.acquire(tx, trunk["id"], 0, "a-service")
        assert lease
        trunk_sessions.show(tx, lease, "waiting", "protocol_error", "0x00000000")
    text = client.page(f"/trunks/{trunk['id']}").text
    assert "something that is not SMPP: 0x00000000" in text
    assert "the next try is at most about a minute away" in text
