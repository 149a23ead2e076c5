"""A campaign's deadline and its discarded rest on the pages."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import (
    create_campaign,
    create_message,
    enter_campaign,
    rows,
    spain,
    start_service,
)

CAMPAIGNS = "SELECT * FROM campaign WHERE id > 1"
RULES = {"priority": "5", "in_doubt": "hold"}


@pytest.fixture(autouse=True)
def _in_spain(db: Database) -> None:
    spain(db)


def late(db: Database, campaign_id: int) -> None:
    with db.transaction() as tx:
        sql = "UPDATE campaign SET deadline_at = UTC_TIMESTAMP() - INTERVAL 1 HOUR"
        tx.execute(f"{sql} WHERE id = %s", (campaign_id,))


def test_a_deadline_is_entered_in_local_time_and_shown(
    client: Browser, db: Database
) -> None:
    page = enter_campaign(client, deadline="2030-07-01T20:00").text
    (campaign,) = rows(db, CAMPAIGNS)
    assert f"{campaign['deadline_at']}" == "2030-07-01 18:00:00"
    assert "Deadline</dt><dd>" in page
    edit = client.page(f"/campaigns/{campaign['id']}/edit").html
    assert 'value="2030-07-01T20:00"' in edit


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"deadline": "2020-07-01T20:00"}, "has passed already"),
        ({"deadline": "soon"}, "Write the deadline as"),
        (
            {"deadline": "2030-07-01T20:00", "start": "2030-07-02T20:00"},
            "must be after the start",
        ),
    ],
    ids=["past", "no date", "before the start"],
)
def test_a_deadline_without_sense_is_said_beside_the_field(
    client: Browser, db: Database, values: dict[str, str], words: str
) -> None:
    page = enter_campaign(client, **values).text
    assert words in page and 'id="deadline-error"' in page
    assert rows(db, CAMPAIGNS) == []


def test_it_is_moved_while_the_campaign_is_sent(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Oferta", "600111222")
    url = f"/campaigns/{campaign_id}/rules"
    page = client.send(url, {**RULES, "deadline": "2030-07-01T20:00"}).text
    assert "The campaign was changed." in page
    assert client.send(url, {**RULES, "deadline": ""}).status_code == 200
    assert [r["deadline_at"] for r in rows(db, CAMPAIGNS)] == [None]
    answer = client.send(url, {**RULES, "deadline": "2020-07-01T20:00"}).text
    assert "has passed already" in answer and 'value="2020-07-01T20:00"' in answer


def test_other_rules_change_with_a_deadline_that_is_past(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "Oferta", "600111222")
    late(db, campaign_id)
    html = client.page(f"/campaigns/{campaign_id}").html
    (value,) = html.split('name="deadline"')[1].split('value="')[1:2]
    typed = value.split('"')[0]
    wish = {**RULES, "priority": "2", "deadline": typed}
    assert "was changed" in client.send(f"/campaigns/{campaign_id}/rules", wish).text


def test_a_past_deadline_is_why_nothing_is_sent(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Oferta", "600111222", "600111223")
    late(db, campaign_id)
    page = client.page(f"/campaigns/{campaign_id}").text
    assert "ended once the service runs" in page
    start_service(db)
    page = client.page(f"/campaigns/{campaign_id}").text
    assert "what is left is being skipped" in page and "Running" in page


def test_what_is_not_sent_is_discarded_after_a_question(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "Oferta", "600111222", "600111223")
    start_service(db)
    page = client.page(f"/campaigns/{campaign_id}")
    assert f"/campaigns/{campaign_id}/discard" in page.links
    question = client.page(f"/campaigns/{campaign_id}/discard").text
    assert "2 messages that were not sent yet" in question
    done = client.send(f"/campaigns/{campaign_id}/discard").text
    assert "2 messages that were not sent yet are being discarded." in done
    assert "What was not sent yet is being discarded." in done
    assert "Discard what is not sent yet" not in done
    assert [r["discard_by"] for r in rows(db, CAMPAIGNS)] == ["administrator-user"]
    again = client.send(f"/campaigns/{campaign_id}/discard").text
    assert "It is being discarded already." in again


def test_the_output_queue_is_not(client: Browser, db: Database) -> None:
    create_message(db)
    assert "/campaigns/1/discard" not in client.page("/campaigns/1").html
    assert "one by one" in client.send("/campaigns/1/discard").text
    assert client.get("/campaigns/77/discard").status_code == 404
