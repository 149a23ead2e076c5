"""Campaigns: created, refused with the reason beside the field, run and removed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from massivesms.domain.schedule import read_hours
from massivesms.domain.states import CampaignState
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import (
    TEXT,
    create_campaign,
    create_list,
    create_message,
    create_trunk,
    csv,
    rows,
    settle,
    spain,
    start_service,
)

GOOD: Mapping[str, Any] = {
    "name": "Otoño",
    "text": "Oferta de mañana",
    "recipients": "file",
    "trunk_id": "0",
    "list_id": "0",
    "paused": "y",
}
CAMPAIGNS = "SELECT * FROM campaign WHERE id > 1"
MESSAGES = "SELECT * FROM message ORDER BY id"


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def create(
    client: Browser, *lines: str, follow: bool = True, **changed: Any
) -> TestResponse:
    """Presses Create with a file of these lines, GOOD but for what is changed."""
    file = {"file": csv(*(lines or ("600111222", "600111333")))}
    return client.send("/campaigns/new", {**GOOD, **file, **changed}, follow=follow)


def test_without_campaigns_the_page_says_what_to_do(client: Browser) -> None:
    page = client.page("/campaigns/")
    assert "No campaigns yet" in page.text
    assert "/campaigns/new" in page.links
    assert "Output queue" in page.text


def test_a_campaign_is_created_paused_from_a_file(
    client: Browser, db: Database
) -> None:
    page = create(client, "600111222", "+34 600 111 333", "600111222", "911223344").text

    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["name"], campaign["paused"]) == ("Otoño", 1)
    assert [m["number"] for m in rows(db, MESSAGES)] == ["+34600111222", "+34600111333"]
    assert "The campaign Otoño was created." in page
    for words in ("Paused", "Resume", "Already there", "Not a mobile", "numbers.csv"):
        assert words in page


def test_a_second_column_brings_its_own_message(client: Browser, db: Database) -> None:
    create(client, "600111222;Hola Ana", "600111333;Hola Luis", text="")
    assert [m["text"] for m in rows(db, MESSAGES)] == ["Hola Ana", "Hola Luis"]


def test_a_row_without_a_message_is_refused_when_there_is_no_other(
    client: Browser, db: Database
) -> None:
    page = create(client, "600111222;Hola Ana", "600111333;", "600111444;C", text="")
    assert [m["text"] for m in rows(db, MESSAGES)] == ["Hola Ana", "C"]
    assert "No message" in page.text


def test_a_campaign_is_created_from_a_list(client: Browser, db: Database) -> None:
    list_id = create_list(db, "Clientes", "600111222", "600111333")
    assert f'value="{list_id}"' in client.page(f"/campaigns/new?list={list_id}").html
    create(client, recipients="list", list_id=str(list_id))
    assert len(rows(db, MESSAGES)) == 2
    assert rows(db, CAMPAIGNS)[0]["list_id"] == list_id


def test_schedule_sender_and_trunk_are_kept(client: Browser, db: Database) -> None:
    trunk_id = create_trunk(db)
    create(
        client,
        start="2030-07-01T09:30",
        hours_from="20:00",
        hours_to="08:00",
        sender_id="TIENDA",
        trunk_id=str(trunk_id),
    )
    (campaign,) = rows(db, CAMPAIGNS)
    assert campaign["start_at"] == datetime(2030, 7, 1, 7, 30)
    assert str(campaign["hours_from"]) == "20:00:00"
    assert (campaign["sender_id"], campaign["trunk_id"]) == ("TIENDA", trunk_id)


def test_unticked_it_is_not_paused(client: Browser, db: Database) -> None:
    form = {k: v for k, v in GOOD.items() if k != "paused"}
    client.send("/campaigns/new", {**form, "file": csv("600111222")})
    assert rows(db, CAMPAIGNS)[0]["paused"] == 0


def test_a_start_in_the_past_is_said_and_allowed(client: Browser, db: Database) -> None:
    page = create(client, start="2020-01-01T10:00")
    assert "Its start lies in the past" in page.text
    assert len(rows(db, CAMPAIGNS)) == 1


LONG_NAME = "n" * 121


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"name": ""}, "A name is missing", id="no-name"),
        pytest.param({"name": LONG_NAME}, "120 are the most", id="long-name"),
        pytest.param({"name": "a\x00b"}, "cannot be used", id="nul-in-name"),
        pytest.param({"text": ""}, "message is empty", id="no-text"),
        pytest.param({"text": "a\x00b"}, "U+0000", id="nul"),
        pytest.param({"text": "a" * 1531}, "11 segments", id="too-long"),
        pytest.param({"text": "ñ😀" * 400}, "segments", id="too-long-unicode"),
        pytest.param({"sender_id": "MUYLARGOSENDER"}, "14 characters", id="sender"),
        pytest.param({"start": "mañana"}, "YYYY-MM-DD HH:MM", id="start"),
        pytest.param(
            {"hours_from": "09:00", "hours_to": "09:00"}, "end when they", id="equal"
        ),
        pytest.param({"hours_from": "09:00"}, "both hours", id="half-hours"),
        pytest.param(
            {"hours_from": "9am", "hours_to": "25:00"}, "HH:MM-HH:MM", id="hours"
        ),
        pytest.param({"trunk_id": "77"}, "no such trunk", id="unknown-trunk"),
        pytest.param({"file": (csv()[0], "")}, "Choose the file", id="no-file"),
        pytest.param({"file": csv("")}, "field-error", id="empty-file"),
        pytest.param({"file": csv("911223344")}, "None of its 1", id="no-valid"),
        pytest.param({"file": csv("\x00\x01\x02\x7fELF")}, "field-error", id="binary"),
        pytest.param({"recipients": "list"}, "Choose a list", id="no-list"),
        pytest.param(
            {"recipients": "list", "list_id": "88"}, "no such list", id="unknown-list"
        ),
        pytest.param({"recipients": "x"}, "field-error", id="unknown-recipients"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(
    client: Browser, db: Database, changed: dict[str, Any], words: str
) -> None:
    page = create(client, **changed)

    assert "field-error" in page.text
    assert words in page.text
    assert rows(db, CAMPAIGNS) == rows(db, MESSAGES) == []
    assert rows(db, "SELECT * FROM import") == []
    if "name" not in changed:
        assert 'value="Otoño"' in page.text


def test_several_problems_are_said_at_once(client: Browser) -> None:
    page = create(client, name="", text="", sender_id="MUYLARGOSENDER").text
    assert len(re.findall('class="field-error"', page)) == 3


def test_a_list_without_usable_numbers_is_refused(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Bajas", "600111222")
    client.send(f"/lists/{list_id}/contacts/exclude", {"number": "+34600111222"})
    page = create(client, recipients="list", list_id=str(list_id))
    assert "no number that may be used" in page.text
    assert rows(db, CAMPAIGNS) == []


def test_a_taken_name_is_refused_and_the_other_one_is_shown(
    client: Browser, db: Database
) -> None:
    other = create_campaign(db, "Otoño", "600111222")
    page = create(client)
    assert "already a campaign called Otoño" in page.text
    assert f'href="/campaigns/{other}"' in page.text
    assert len(rows(db, CAMPAIGNS)) == 1


def test_pressed_twice_one_campaign_is_made_and_shown(
    client: Browser, db: Database
) -> None:
    first = create(client, follow=False)
    second = create(client, follow=False)
    assert first.location == second.location
    assert len(rows(db, MESSAGES)) == 2


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


def test_what_was_not_sent_yet_can_be_changed(client: Browser, db: Database) -> None:
    hours = read_hours("09:00-20:00")
    start = datetime(2030, 7, 1, 7, 30, tzinfo=UTC)
    campaign_id = create_campaign(db, "Otoño", "600111222", hours=hours, start_at=start)
    page = client.page(f"/campaigns/{campaign_id}/edit").html
    for value in ("Otoño", "2030-07-01T09:30", "09:00", "20:00"):
        assert f'value="{value}"' in page
    client.send(
        f"/campaigns/{campaign_id}/edit",
        {"name": "Invierno", "text": "😀" * 40, "trunk_id": "0"},
    )
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["name"], campaign["start_at"]) == ("Invierno", None)
    assert rows(db, MESSAGES)[0]["segments"] == 2
    (count,) = rows(db, "SELECT SUM(segments) AS n FROM campaign_count")
    assert count["n"] == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"name": ""}, "A name is missing", id="no-name"),
        pytest.param({"name": "Invierno"}, "already a campaign", id="taken"),
        pytest.param({"text": " "}, "message is empty", id="no-text"),
        pytest.param(
            {"hours_from": "09:00", "hours_to": "09:00"}, "end when they", id="equal"
        ),
    ],
)
def test_a_wrong_change_is_refused(
    client: Browser, db: Database, changed: dict[str, str], words: str
) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222")
    create_campaign(db, "Invierno", "600111222")
    form = {"name": "Otoño", "text": TEXT, "trunk_id": "0", **changed}
    page = client.send(f"/campaigns/{campaign_id}/edit", form)
    assert words in page.text
    assert "field-error" in page.text
    names = {row["name"] for row in rows(db, CAMPAIGNS)}
    assert names == {"Otoño", "Invierno"}


def test_what_was_sent_cannot_be_changed(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222", "600111333")
    settle(db, rows(db, MESSAGES)[0]["id"], "submitted")
    url = f"/campaigns/{campaign_id}/edit"
    page = client.get(url, follow_redirects=True)
    assert "already been sent" in page.text
    form = {"name": "x", "text": "y", "trunk_id": "0"}
    assert "already been sent" in client.send(url, form).text
    assert rows(db, CAMPAIGNS)[0]["name"] == "Otoño"


def test_deleting_names_what_is_lost_and_does_it(client: Browser, db: Database) -> None:
    campaign_id = create_campaign(db, "Otoño", "600111222", "600111333")
    page = client.page(f"/campaigns/{campaign_id}/delete")
    assert "2 numbers" in page.text and "2 messages that were not sent yet" in page.text
    assert len(rows(db, MESSAGES)) == 2
    answer = client.send(f"/campaigns/{campaign_id}/delete")
    assert "The campaign Otoño was deleted." in answer.text
    assert client.get(f"/campaigns/{campaign_id}").status_code == 404
    create(client)  # its name is free again


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
    create(client, "600111222", "911223344;=HYPERLINK(1)", "abc", "600111222")
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
    create(client, "600111222", "abc")
    other = create_campaign(db, "Otra", "600111222")
    (load, _) = rows(db, "SELECT * FROM import ORDER BY id")
    assert client.get(f"/campaigns/{other}/loads/{load['id']}").status_code == 404


def test_priority_and_policy_are_chosen_in_the_form(
    client: Browser, db: Database
) -> None:
    create(client, priority="8", in_doubt="assume_sent")
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (8, "assume_sent")
    path = f"/campaigns/{campaign['id']}"
    text = client.page(path).text
    assert "Low" in text and "Take as sent: some people may never get it" in text
    assert "Priority: Low" in client.page("/campaigns/").text
    assert 'value="8" selected' in client.page(f"{path}/edit").html.replace(
        'selected value="8"', 'value="8" selected'
    )
    client.send(f"{path}/edit", {**GOOD, "priority": "2", "in_doubt": "resend"})
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (2, "resend")


def test_an_ordinary_priority_is_not_shown_in_the_list(
    client: Browser, db: Database
) -> None:
    create(client)
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (5, "hold")
    assert "Priority:" not in client.page("/campaigns/").text


def test_priority_and_policy_change_while_it_runs(
    client: Browser, db: Database
) -> None:
    campaign_id = create_campaign(db, "C", "600111222", "600111333", paused=False)
    settle(db, rows(db, MESSAGES)[0]["id"], "delivered")
    wish = {"priority": "2", "in_doubt": "resend"}
    page = client.send(f"/campaigns/{campaign_id}/rules", wish)
    assert "The campaign was changed." in page.text and "High" in page.text
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (2, "resend")
    assert rows(db, "SELECT 1 FROM audit WHERE action = 'campaign.rules'")


@pytest.mark.parametrize("wish", [{"priority": "0"}, {"in_doubt": "guess"}])
def test_a_rule_that_is_none_is_refused(
    client: Browser, db: Database, wish: dict[str, str]
) -> None:
    campaign_id = create_campaign(db, "C", "600111222")
    answer = client.send(f"/campaigns/{campaign_id}/rules", wish)
    assert answer.status_code == 400
    create(client, name="D", **wish)
    assert [c["name"] for c in rows(db, CAMPAIGNS)] == ["C"]


def test_the_output_queue_goes_first_and_has_a_policy(
    client: Browser, db: Database
) -> None:
    assert "Always first" in client.page("/campaigns/1").text
    client.send("/campaigns/1/rules", {"priority": "8", "in_doubt": "assume_sent"})
    (queue,) = rows(db, "SELECT priority, in_doubt FROM campaign WHERE id = 1")
    assert queue == {"priority": 0, "in_doubt": "assume_sent"}
