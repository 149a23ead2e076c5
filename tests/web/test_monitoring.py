"""/metrics and /health: open to whom they should be, right, and cheap."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.store import campaigns, services, tallies, trunk_totals
from massivesms.store.db import Database
from massivesms_web import create_app
from tests.conftest import OLDER
from tests.store import examples
from tests.web.browser import Browser
from tests.web.sending import rows

URL = "/configuration/monitoring"


@pytest.fixture
def token(client: Browser) -> str:
    """The token of the metrics, made on the page."""
    page = client.send(f"{URL}/token", follow=False).text
    return re.findall(r"<code>([\w-]{43})</code>", page)[0]


def read(browser: Browser, token: str, kind: str = "Bearer") -> str:
    answer = browser.get("/metrics", headers={"Authorization": f"{kind} {token}"})
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return answer.text


def values(text: str) -> dict[str, float]:
    """name{labels} -> value."""
    found = (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
    return {name: float(value) for name, _blank, value in found}


def alive(db: Database) -> None:
    db.atomically(lambda tx: services.register(tx, "here:1", "pbx", 1, "0.1"))


def sent(db: Database, name: str = "Offer", count: int = 3) -> int:
    """A campaign of which all but one are submitted and one is in doubt; its id."""
    with db.transaction() as tx:
        trunk_id = examples.trunk(tx, f'Exit "{name}"')
        made = examples.campaign(tx, name, count + 2)
        ours = examples.claim(tx, made, trunk_id, count + 1)
        examples.settle(tx, ours[:count], trunk_id, "submitted")
        examples.settle(tx, ours[count:], trunk_id, "in_doubt", code="answer_timeout")
        amounts = {("answered", 25): 2, ("answered", tallies.INFINITE): 1,
                   ("waited_us", 0): 1_500_000, ("receipts", 0): 7}  # fmt: skip
        tallies.add(tx, trunk_id, amounts)
    return made


def test_without_a_token_the_metrics_are_closed(anonymous: Browser) -> None:
    answer = anonymous.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 403 and "massivesms metrics token" in answer.text


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "Basic {}", "Bearer {}x"])
def test_another_token_opens_nothing(
    anonymous: Browser, token: str, given: str
) -> None:
    headers = {"Authorization": given.format(token)}
    assert anonymous.get("/metrics", headers=headers).status_code == 401
    assert "massivesms_build_info" in read(anonymous, token, "bearer")


def test_a_new_token_ends_the_one_before_and_closing_ends_all(
    client: Browser, token: str, db: Database
) -> None:
    client.send(f"{URL}/token")
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/metrics", headers=headers).status_code == 401
    client.send(f"{URL}/close")
    assert client.get("/metrics", headers=headers).status_code == 403
    assert token not in str(rows(db, "SELECT * FROM setting"))
    assert token not in client.page(f"{URL}/").html


def test_the_metrics_say_what_there_is(
    anonymous: Browser, token: str, db: Database
) -> None:
    sent(db)
    alive(db)
    found = values(read(anonymous, token))
    trunk = r'trunk="Exit \"Offer\""'
    assert found[f'massivesms_messages_total{{state="submitted",{trunk}}}'] == 3
    assert found[f'massivesms_segments_total{{state="in_doubt",{trunk}}}'] == 1
    assert found['massivesms_queue_messages{queue="campaigns"}'] == 1
    assert found['massivesms_in_doubt_messages{queue="campaigns"}'] == 1
    assert found[f"massivesms_receipts_total{{{trunk}}}"] == 7
    assert found[f'massivesms_submit_seconds_bucket{{le="0.025",{trunk}}}'] == 2
    assert found[f'massivesms_submit_seconds_bucket{{le="+Inf",{trunk}}}'] == 3
    assert found[f"massivesms_submit_seconds_count{{{trunk}}}"] == 3
    assert found[f"massivesms_submit_seconds_sum{{{trunk}}}"] == 1.5
    assert found[f"massivesms_trunk_up{{{trunk}}}"] == 0
    assert found["massivesms_services_running"] == 1
    assert found['massivesms_service_heartbeat_age_seconds{host="pbx"}'] < 5
    assert found["massivesms_database_up"] == found["massivesms_sending_allowed"] == 1


def totals(db: Database) -> dict[tuple[int, str], tuple[int, int]]:
    return db.atomically(trunk_totals.totals)


def test_counters_never_go_back_when_traffic_is_folded_or_a_campaign_goes(
    db: Database,
) -> None:
    made = sent(db)
    before = totals(db)
    assert {key[1]: n for key, (n, _) in before.items()} == {
        "submitted": 3, "in_doubt": 1,
    }  # fmt: skip
    db.atomically(trunk_totals.fold)
    assert totals(db) == before, "minutes that are not over stay in the traffic"
    old = "UPDATE traffic SET minute = minute - INTERVAL 1 HOUR"
    rewind = "UPDATE trunk_total_progress SET until = until - INTERVAL 2 HOUR"
    for sql in (old, rewind):
        db.atomically(lambda tx, one=sql: tx.execute(one))  # type: ignore[misc]
    for _ in range(2):
        db.atomically(trunk_totals.fold)
        assert totals(db) == before
    other = sent(db, "Otra")
    before = totals(db)
    for campaign_id in (made, other):
        db.atomically(
            lambda tx, one=campaign_id: campaigns.counts.delete(tx, one)  # type: ignore[misc]
        )
        assert totals(db) == before


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not here")
def test_promtool_finds_nothing_wrong(
    anonymous: Browser, token: str, db: Database
) -> None:
    sent(db)
    alive(db)
    with db.transaction() as tx:
        tx.execute("UPDATE trunk SET rate_per_s = 30")
    text = read(anonymous, token)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_health_is_well_only_with_database_tables_and_service(
    anonymous: Browser, db: Database, versions: Callable[[str], None]
) -> None:
    answer = anonymous.get("/health")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "down", "database": "ok", "tables": "ok", "service": "stopped"},
    )
    alive(db)
    answer = anonymous.get("/health")
    assert (answer.status_code, (answer.json or {})["status"]) == (200, "ok")
    assert anonymous.head("/health").status_code == 200
    versions(OLDER)
    answer = anonymous.get("/health")
    assert (answer.status_code, (answer.json or {})["tables"]) == (503, "other version")


def test_nobody_who_watches_gets_a_session(
    anonymous: Browser, token: str, db: Database
) -> None:
    before = rows(db, "SELECT COUNT(*) AS n FROM web_session")
    for url in ("/health", "/metrics"):
        answer = anonymous.get(url)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    assert rows(db, "SELECT COUNT(*) AS n FROM web_session") == before


def test_while_the_database_is_away_both_say_so(
    config: Config, app: Flask, anonymous: Browser, token: str
) -> None:
    read(anonymous, token)
    config.file.write_text(config.file.read_text().replace("socket = ", "socket = /x"))
    known = app.extensions["massivesms"].known
    away = create_app()
    away.extensions["massivesms"].known["metrics_token"] = known["metrics_token"]
    away.test_client_class = Browser
    browser = away.test_client()
    answer = browser.get("/health")
    assert (answer.status_code, (answer.json or {})["database"]) == (503, "away")
    assert isinstance(browser, Browser)
    found = values(read(browser, token))
    assert found["massivesms_database_up"] == 0
    assert not any("queue" in name for name in found)
    del away.extensions["massivesms"].known["metrics_token"]
    assert browser.get("/metrics").status_code == 503, "nobody is known"
