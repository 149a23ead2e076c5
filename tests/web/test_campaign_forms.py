"""What is entered for a campaign: kept, changed, or refused beside its field."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from massivesms.domain.schedule import read_hours
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import (
    CAMPAIGN_FORM,
    TEXT,
    create_campaign,
    create_list,
    create_trunk,
    csv,
    enter_campaign,
    rows,
    settle,
    spain,
)

CAMPAIGNS = "SELECT * FROM campaign WHERE id > 1"
MESSAGES = "SELECT * FROM message ORDER BY id"


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def test_a_campaign_is_created_paused_from_a_file(
    client: Browser, db: Database
) -> None:
    page = enter_campaign(
        client, "600111222", "+34 600 111 333", "600111222", "911223344"
    ).text

    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["name"], campaign["paused"]) == ("Otoño", 1)
    assert [m["number"] for m in rows(db, MESSAGES)] == ["+34600111222", "+34600111333"]
    assert "The campaign Otoño was created." in page
    for words in ("Paused", "Resume", "Already there", "Not a mobile", "numbers.csv"):
        assert words in page


def test_a_second_column_brings_its_own_message(client: Browser, db: Database) -> None:
    enter_campaign(client, "600111222;Hola Ana", "600111333;Hola Luis", text="")
    assert [m["text"] for m in rows(db, MESSAGES)] == ["Hola Ana", "Hola Luis"]


def test_a_row_without_a_message_is_refused_when_there_is_no_other(
    client: Browser, db: Database
) -> None:
    page = enter_campaign(
        client, "600111222;Hola Ana", "600111333;", "600111444;C", text=""
    )
    assert [m["text"] for m in rows(db, MESSAGES)] == ["Hola Ana", "C"]
    assert "No message" in page.text


def test_a_campaign_is_created_from_a_list(client: Browser, db: Database) -> None:
    list_id = create_list(db, "Clientes", "600111222", "600111333")
    assert f'value="{list_id}"' in client.page(f"/campaigns/new?list={list_id}").html
    enter_campaign(client, recipients="list", list_id=str(list_id))
    assert len(rows(db, MESSAGES)) == 2
    assert rows(db, CAMPAIGNS)[0]["list_id"] == list_id


def test_schedule_sender_and_trunk_are_kept(client: Browser, db: Database) -> None:
    trunk_id = create_trunk(db)
    enter_campaign(
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
    form = {k: v for k, v in CAMPAIGN_FORM.items() if k != "paused"}
    client.send("/campaigns/new", {**form, "file": csv("600111222")})
    assert rows(db, CAMPAIGNS)[0]["paused"] == 0


def test_a_start_in_the_past_is_said_and_allowed(client: Browser, db: Database) -> None:
    page = enter_campaign(client, start="2020-01-01T10:00")
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
    page = enter_campaign(client, **changed)

    assert "field-error" in page.text
    assert words in page.text
    assert rows(db, CAMPAIGNS) == rows(db, MESSAGES) == []
    assert rows(db, "SELECT * FROM import") == []
    if "name" not in changed:
        assert 'value="Otoño"' in page.text


def test_several_problems_are_said_at_once(client: Browser) -> None:
    page = enter_campaign(client, name="", text="", sender_id="MUYLARGOSENDER").text
    assert len(re.findall('class="field-error"', page)) == 3


def test_a_list_without_usable_numbers_is_refused(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Bajas", "600111222")
    client.send(f"/lists/{list_id}/contacts/exclude", {"number": "+34600111222"})
    page = enter_campaign(client, recipients="list", list_id=str(list_id))
    assert "no number that may be used" in page.text
    assert rows(db, CAMPAIGNS) == []


def test_a_taken_name_is_refused_and_the_other_one_is_shown(
    client: Browser, db: Database
) -> None:
    other = create_campaign(db, "Otoño", "600111222")
    page = enter_campaign(client)
    assert "already a campaign called Otoño" in page.text
    assert f'href="/campaigns/{other}"' in page.text
    assert len(rows(db, CAMPAIGNS)) == 1


def test_pressed_twice_one_campaign_is_made_and_shown(
    client: Browser, db: Database
) -> None:
    first = enter_campaign(client, follow=False)
    second = enter_campaign(client, follow=False)
    assert first.location == second.location
    assert len(rows(db, MESSAGES)) == 2


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


def test_priority_and_policy_are_chosen_in_the_form(
    client: Browser, db: Database
) -> None:
    enter_campaign(client, priority="8", in_doubt="assume_sent")
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (8, "assume_sent")
    path = f"/campaigns/{campaign['id']}"
    text = client.page(path).text
    assert "Low" in text and "Take as sent: some people may never get it" in text
    assert "Priority: Low" in client.page("/campaigns/").text
    assert 'value="8" selected' in client.page(f"{path}/edit").html.replace(
        'selected value="8"', 'value="8" selected'
    )
    client.send(
        f"{path}/edit", {**CAMPAIGN_FORM, "priority": "2", "in_doubt": "resend"}
    )
    (campaign,) = rows(db, CAMPAIGNS)
    assert (campaign["priority"], campaign["in_doubt"]) == (2, "resend")


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
    enter_campaign(client, name="D", **wish)
    assert [c["name"] for c in rows(db, CAMPAIGNS)] == ["C"]
