"""Timetables, holidays, and campaigns that are sent by them, on the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from massivesms.domain.timetables import Timetable
from massivesms.store import campaigns, holidays, timetables
from massivesms.store.db import Database, Row
from tests.web.browser import Browser
from tests.web.sending import ANA, CAMPAIGN_FORM, csv, rows, spain

TABLES = "/configuration/timetables/"
HOLIDAYS = "/configuration/holidays/"
SHOP = {"name": "Tienda", "day_1": "9:00-14:00, 16:00-20:00", "day_5": "22:00-02:00"}


def table(db: Database, name: str) -> Timetable:
    with db.transaction() as tx:
        found: Timetable = timetables.by_name(tx, name)["table"]
    return found


def campaign(db: Database, name: str) -> Row:
    with db.transaction() as tx:
        return campaigns.by_name(tx, name)


def make(client: Browser, **values: object) -> str:
    entered = {**CAMPAIGN_FORM, "name": "Oferta", "file": csv("600111222")}
    return client.send("/campaigns/new", {**entered, **values}).text


def test_a_timetable_is_written_day_by_day(client: Browser, db: Database) -> None:
    client.send(TABLES + "new", SHOP)
    lines = ["mon 09:00-14:00, 16:00-20:00", "fri 22:00-02:00"]
    assert table(db, "Tienda").lines() == lines
    page = client.page(TABLES)
    assert "09:00-14:00, 16:00-20:00" in page.text and "Friday" in page.text
    (row,) = rows(db, "SELECT id FROM timetable")
    client.send(f"{TABLES}{row['id']}", {"name": "Tienda", "day_7": "00:00-24:00"})
    assert table(db, "Tienda").lines() == ["sun 00:00-24:00"]


def test_what_is_wrong_stands_beside_its_day(client: Browser, db: Database) -> None:
    answer = client.send(TABLES + "new", {**SHOP, "day_2": "9 to 14", "name": ""})
    assert answer.status_code == 422
    assert "9 to 14 is no time" in answer.text and "A name is missing" in answer.text
    assert 'value="9 to 14"' in answer.text  # it is kept
    empty = client.send(TABLES + "new", {"name": "x"})
    assert "at least one time" in empty.text
    assert rows(db, "SELECT id FROM timetable") == []


def test_a_campaign_is_sent_by_what_was_chosen(client: Browser, db: Database) -> None:
    spain(db)
    client.send(TABLES + "new", SHOP)
    (row,) = rows(db, "SELECT id FROM timetable")
    values = {"days": ["1", "5"], "timetable_id": str(row["id"]), "timing": "1"}
    make(client, **values, time_zone="America/Santiago", start="2999-01-01T09:00")
    found = campaign(db, "Oferta")
    assert (found["days"], found["timetable_id"]) == ("1,5", row["id"])
    assert (found["time_zone"], found["keeps_holidays"]) == ("America/Santiago", 0)
    assert found["start_at"].hour == 12  # Santiago, in summer
    page = client.page(f"/campaigns/{found['id']}")
    assert "Tienda" in page.text and "America/Santiago" in page.text
    edit = client.page(f"/campaigns/{found['id']}/edit").html
    assert 'value="2999-01-01T09:00"' in edit
    asked = client.get(f"{TABLES}{row['id']}/remove", follow_redirects=True)
    assert "once these campaigns have another one: Oferta" in asked.text
    client.send(f"{TABLES}{row['id']}/remove")
    assert table(db, "Tienda")  # it is in use


def test_a_schedule_that_never_sends_is_refused(client: Browser, db: Database) -> None:
    client.send(TABLES + "new", SHOP)
    (row,) = rows(db, "SELECT id FROM timetable")
    html = make(client, timetable_id=str(row["id"]), days=["3"])
    assert "no moment at which it may be sent" in html
    assert "no time zone Mars" in make(client, time_zone="Mars")
    assert rows(db, "SELECT id FROM campaign WHERE id > 1") == []


def test_days_are_changed_while_a_campaign_is_there(
    client: Browser, db: Database
) -> None:
    spain(db)
    make(client)
    found = campaign(db, "Oferta")
    url = f"/campaigns/{found['id']}/rules"
    rest = {"priority": "5", "in_doubt": "hold"}
    days = {"timing": "1", "days": ["6", "7"], "keeps_holidays": "y"}
    client.send(url, {**rest, **days})
    assert campaign(db, "Oferta")["days"] == "6,7"
    client.send(url, rest)  # a page from before: nothing of it is taken away
    assert campaign(db, "Oferta")["days"] == "6,7"


def test_days_that_leave_no_moment_are_refused_while_a_campaign_is_there(
    client: Browser, db: Database
) -> None:
    spain(db)
    client.send(TABLES + "new", SHOP)
    (shop,) = rows(db, "SELECT id FROM timetable")
    make(client)
    found = campaign(db, "Oferta")
    url = f"/campaigns/{found['id']}/rules"
    rest = {"priority": "2", "in_doubt": "hold", "timing": "1"}
    never = {**rest, "days": ["3"], "timetable_id": str(shop["id"])}
    page = client.send(url, never).text
    assert "no moment at which it may be sent" in page and 'id="days-error"' in page
    now = datetime.now(UTC)
    day = (now + timedelta(days=3)).isoweekday()
    deadline = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"
    late = {**rest, "days": [str(day)], "deadline": deadline}
    page = client.send(url, late).text
    assert "nothing before the deadline" in page and 'id="deadline-error"' in page
    assert campaign(db, "Oferta") == found  # none of it was changed


def test_a_timetable_that_was_removed_is_not_dropped_without_a_word(
    client: Browser, db: Database
) -> None:
    spain(db)
    client.send(TABLES + "new", SHOP)
    (shop,) = rows(db, "SELECT id FROM timetable")
    make(client, timetable_id=str(shop["id"]))
    found = campaign(db, "Oferta")
    with db.transaction() as tx:
        tx.execute("UPDATE campaign SET open = 0 WHERE id = %s", (found["id"],))
        timetables.remove(tx, timetables.by_name(tx, "Tienda"), ANA)
    url = f"/campaigns/{found['id']}"
    selected = f'<option selected value="{shop["id"]}">'
    for page in (url, f"{url}/edit"):
        html = client.page(page).html
        assert selected in html and "Tienda (removed)" in html
    rest = {"timing": "1", "keeps_holidays": "y", "timetable_id": str(shop["id"])}
    rules = {**rest, "priority": "2", "in_doubt": "hold"}
    assert "was changed" in client.send(f"{url}/rules", rules).text
    edited = {**CAMPAIGN_FORM, **rest, "name": "Oferta"}
    assert "was changed" in client.send(f"{url}/edit", edited).text
    assert campaign(db, "Oferta")["timetable_id"] == shop["id"]
    copy = client.page(f"/campaigns/new?copy={found['id']}")
    assert (
        "(removed)" not in copy.html and "timetable was removed meanwhile" in copy.text
    )


def test_a_deadline_typed_with_another_zone_is_of_that_zone(
    client: Browser, db: Database
) -> None:
    spain(db)
    make(client)
    url = f"/campaigns/{campaign(db, 'Oferta')['id']}/rules"
    rest = {"priority": "5", "in_doubt": "hold", "timing": "1", "keeps_holidays": "y"}
    both = {"time_zone": "Atlantic/Canary", "deadline": "2030-01-15T20:00"}
    client.send(url, {**rest, **both})
    eight = datetime(2030, 1, 15, 20, tzinfo=UTC)
    assert campaign(db, "Oferta")["deadline_at"] == eight
    left = {"time_zone": "Europe/Madrid", "deadline": "2030-01-15T20:00"}
    client.send(url, {**rest, **left})  # the same moment by another clock
    assert campaign(db, "Oferta")["deadline_at"] == eight
    client.send(url, {**rest, "time_zone": "", "deadline": "2030-01-16T20:00"})
    moved = eight + timedelta(hours=23)
    assert campaign(db, "Oferta")["deadline_at"] == moved


def test_pasted_holidays_are_added_or_nothing_is(client: Browser, db: Database) -> None:
    lines = "2030-01-01;Año Nuevo\n25/12 Navidad\n"
    wrong = client.send(HOLIDAYS, {"lines": lines + "31/02/2030 Nada"})
    assert wrong.status_code == 422 and "Line 3" in wrong.text
    assert "Año Nuevo" in wrong.text  # what was typed is kept
    client.send(HOLIDAYS, {"lines": lines})
    with db.transaction() as tx:
        found = holidays.all_holidays(tx)
    assert [str(row["holiday"]) for row in found] == ["25/12", "2030-01-01"]
    page = client.page(HOLIDAYS)
    assert "25 Dec" in page.text and "1 Jan 2030" in page.text
    url = f"{HOLIDAYS}{found[0]['id']}/remove"
    assert url in page.links and "Remove the holiday" in client.page(url).text
    client.send(url)
    assert "Navidad" not in client.page(HOLIDAYS).text
