"""Campaigns: shown with how they stand, run, searched and removed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from massivesms.domain.schedule import read_hours
from massivesms.domain.states import CampaignState
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import (
    create_campaign,
    create_message,
    create_trunk,
    enter_campaign,
    rows,
    settle,
    spain,
    start_service,
)

CAMPAIGNS = "SELECT * FROM campaign WHERE id > 1"
MESSAGES = "SELECT * FROM message ORDER BY id"


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def test_without_campaigns_the_page_says_what_to_do(client: Browser) -> None:
    page = client.page("/campaigns/")
    assert "No campaigns yet" in page.text
    assert "/campaigns/new" in page.links
    assert "Output queue" in page.text


def states_of(db: Database) -> dict[str, int]:
    """A campaign in each state, by its state."""
    far = datetime(2099, 1, 1, tzinfo=UTC)
    found = {
        "paused": create_campaign(db, "La parada", "600111222"),
        "pending": create_campaign(
            db, "La futura", "600111222", paused=False, start_at=far
        ),
        "running": create_campaign(db, "La corriente", "600111222", paused=False),
        "finished": create_campaign(db, "La acabada", "600111222", paused=False),
    }
    for row in rows(db, MESSAGES):
        if row["campaign_id"] == found["finished"]:
            settle(db, row["id"], "delivered")
    return found


@pytest.mark.parametrize("state", list(CampaignState))
def test_campaigns_are_filtered_by_state(
    client: Browser, db: Database, state: CampaignState
) -> None:
    campaigns = states_of(db)
    page = client.page(f"/campaigns/?state={state}")
    shown = {
        name
        for name, campaign_id in campaigns.items()
        if f"/campaigns/{campaign_id}" in page.links
    }
    assert shown == {state}


@pytest.mark.parametrize("query", ["", "?state=x", "?before=99999999999999999999"])
def test_all_campaigns_are_shown_newest_first(
    client: Browser, db: Database, query: str
) -> None:
    states_of(db)
    text = client.page(f"/campaigns/{query}").text
    names = ["La acabada", "La corriente", "La futura", "La parada"]
    assert sorted(names, key=text.index) == names


def test_more_campaigns_are_reached_by_key(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        for n in range(60):
            tx.execute(
                "INSERT INTO campaign (name, text, created_by, created_at, changed_at)"
                " VALUES (%s, 'x', 'ana', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))",
                (f"C-{n:02}",),
            )
    first = client.page("/campaigns/")
    (following,) = [link for link in first.links if "before=" in link]
    second = client.page(following)
    assert "C-59" in first.text and "C-00" not in first.text
    assert "C-00" in second.text and "C-59" not in second.text
    assert "Output queue" not in second.text


def test_a_campaign_is_resumed_and_stopped(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222")
    here = {"next": f"/campaigns/{campaign_id}"}
    page = client.send(f"/campaigns/{campaign_id}/resume", here)
    assert page.request.path == f"/campaigns/{campaign_id}"
    assert rows(db, CAMPAIGNS)[0]["paused"] == 0
    client.send(f"/campaigns/{campaign_id}/stop", here)
    assert rows(db, CAMPAIGNS)[0]["paused"] == 1


def test_the_live_part_says_why_nothing_is_sent_in_one_line(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222", paused=False)
    live = f"/campaigns/{campaign_id}/live"
    assert "service massivesms start" in client.get(live).text
    start_service(db)
    assert "There is no trunk yet" in client.get(live).text
    create_trunk(db, ready=True)
    assert "It is being sent." in client.get(live).text
    settle(db, rows(db, MESSAGES)[0]["id"], "delivered")
    done = client.get(live).text
    assert "Finished" in done and "hx-get" not in done


def test_sending_hours_are_a_reason_to_wait(client: Browser, db: Database) -> None:
    start_service(db)
    now = datetime.now(UTC).hour
    hours = read_hours(f"{(now + 6) % 24:02}:00-{(now + 8) % 24:02}:00")
    campaign_id = create_campaign(
        db, "De noche", "600111222", paused=False, hours=hours
    )
    page = client.page(f"/campaigns/{campaign_id}").text
    assert "Outside the sending hours" in page
    assert "Pending" in page


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("number=600000001", "+34600000001", "+34600000002"),
        ("state=delivered", "+34600000002", "+34600000001"),
        ("state=queued&number=6", "+34600000001", "+34600000002"),
        ("number=7", "No number is like that", "+34600000001"),
        ("after=x&state=y", "+34600000001", "No number"),
    ],
)
def test_numbers_are_found_by_number_and_state(
    client: Browser, db: Database, query: str, there: str, absent: str
) -> None:
    campaign_id = create_campaign(db, "Otoño", "600000001", "600000002")
    settle(db, rows(db, MESSAGES)[1]["id"], "delivered")
    text = client.page(f"/campaigns/{campaign_id}?{query}").text
    assert there in text
    assert absent not in text


def test_numbers_are_paged_by_key(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Larga", *(f"6000000{n:02}" for n in range(60)))
    first = client.page(f"/campaigns/{campaign_id}")
    (following,) = [link for link in first.links if "after=" in link]
    second = client.page(following)
    assert "+34600000059" in second.text and "+34600000000" not in second.text


def test_each_number_has_its_result_in_words(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600000001")
    settle(db, rows(db, MESSAGES)[0]["id"], "in_doubt", result_code="answer_timeout")
    text = client.page(f"/campaigns/{campaign_id}").text
    assert "did not answer in time" in text
    assert "In doubt" in text


def test_deleting_names_what_is_lost_and_does_it(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222", "600111333")
    page = client.page(f"/campaigns/{campaign_id}/delete")
    assert "2 numbers" in page.text and "2 messages that were not sent yet" in page.text
    assert len(rows(db, MESSAGES)) == 2
    answer = client.send(f"/campaigns/{campaign_id}/delete")
    assert "The campaign Otoño was deleted." in answer.text
    assert client.get(f"/campaigns/{campaign_id}").status_code == 404
    enter_campaign(client)  # its name is free again


def test_the_output_queue_stays(client: Browser, db: Database) -> None:
    create_message(db)
    page = client.page("/campaigns/1")
    assert page.h1 == ["Output queue"]
    assert not {"/campaigns/1/edit", "/campaigns/1/delete"} & set(page.links)
    for url in ("/campaigns/1/edit", "/campaigns/1/delete"):
        assert "always needed" in client.get(url, follow_redirects=True).text
        assert "always needed" in client.send(url, {"name": "x", "text": "y"}).text
    client.send("/campaigns/1/stop")
    client.send("/campaigns/1/resume")
    (queue,) = rows(db, "SELECT * FROM campaign WHERE id = 1")
    assert (queue["removed"], queue["paused"]) == (0, 0)


def test_in_spanish_the_output_queue_is_called_so(client: Browser) -> None:
    client.send("/language", {"language": "es"})
    page = client.page("/campaigns/")
    assert page.lang == "es"


def test_the_rows_not_taken_are_listed_and_downloaded(
    client: Browser, db: Database
) -> None:
    enter_campaign(client, "600111222", "911223344;=HYPERLINK(1)", "abc", "600111222")
    (load,) = rows(db, "SELECT * FROM import")
    url = f"/campaigns/{load['campaign_id']}/loads/{load['id']}"
    page = client.page(url).text
    assert "911223344" in page and "no digits" in page
    file = client.get(f"{url}/rows.csv")
    assert file.mimetype == "text/csv"
    assert "attachment" in file.headers["Content-Disposition"]
    lines = file.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "line,number,message,reason"
    assert len(lines) == 4
    assert "'=HYPERLINK(1)" in lines[1]


@pytest.mark.parametrize(
    "path", ["", "/live", "/edit", "/delete", "/loads/1", "/loads/1/rows.csv"]
)
def test_what_is_not_there_is_not_found(client: Browser, path: str) -> None:
    assert client.get(f"/campaigns/99{path}").status_code == 404


@pytest.mark.parametrize("path", ["stop", "resume", "edit", "delete"])
def test_nothing_is_done_to_what_is_not_there(client: Browser, path: str) -> None:
    assert client.send(f"/campaigns/99/{path}").status_code == 404


def test_a_load_of_another_campaign_is_not_shown(client: Browser, db: Database) -> None:
    enter_campaign(client, "600111222", "abc")
    other = create_campaign(db, "Otra", "600111222")
    (load, _) = rows(db, "SELECT * FROM import ORDER BY id")
    assert client.get(f"/campaigns/{other}/loads/{load['id']}").status_code == 404


def test_an_ordinary_priority_is_not_shown_in_the_list(
    client: Browser, db: Database
) -> None:
    enter_campaign(client)
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (5, "hold")
    assert "Priority:" not in client.page("/campaigns/").text


def test_the_output_queue_goes_first_and_has_a_policy(
    client: Browser, db: Database
) -> None:
    assert "Always first" in client.page("/campaigns/1").text
    client.send("/campaigns/1/rules", {"priority": "8", "in_doubt": "assume_sent"})
    (queue,) = rows(db, "SELECT priority, in_doubt FROM campaign WHERE id = 1")
    assert queue == {"priority": 0, "in_doubt": "assume_sent"}
