"""The general configuration, and the log of what was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymysql
import pytest
from flask import Flask

from massivesms.store import audit, settings
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms_web.pages.audit import ACTIONS
from tests.servers.mariadb import PrivateMariaDB
from tests.web.browser import Browser

ROOT = Path(__file__).parents[2]
SUBJECTS = "blocked|campaign|configuration|list|message|role|trunk|user"
SPAIN = {
    "country_code": "+34",
    "mobile_prefixes": "6, 7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
    "time_zone": "Europe/Madrid",
    "sending_hours": "09:00-20:00",
    "language": "es",
}


def stored(db: Database) -> dict[str, str]:
    with db.transaction() as tx:
        return settings.load(tx)


def test_the_configuration_is_saved_clean(client: Browser, db: Database) -> None:
    client.send("/configuration/", SPAIN)
    found = stored(db)
    assert found["country_code"] == "34"
    assert found["mobile_prefixes"] == "6,7"
    assert found["time_zone"] == "Europe/Madrid"
    page = client.page("/configuration/", headers={"Accept-Language": "es"})
    assert "6,7" in page.html


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_zone", "Europe/Nowhere"),
        ("sending_hours", "9 to 20"),
        ("sending_hours", "09:00-09:00"),
        ("language", "fr"),
        ("min_mobile_length", "nine"),
        ("max_mobile_length", "3"),
        ("country_code", "0"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    client: Browser, db: Database, name: str, value: str
) -> None:
    values = {**SPAIN, "language": "en", name: value}
    answer = client.send("/configuration/", values)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert stored(db) == {}


def test_the_sending_switch_is_not_touched_by_the_form(
    client: Browser, db: Database
) -> None:
    client.send("/sending", {"sending": "no"})
    client.send("/configuration/", {**SPAIN, "language": "en"})
    assert stored(db)["sending"] == "no"


def test_a_change_is_in_the_log_with_before_and_after(
    client: Browser, db: Database
) -> None:
    client.send("/configuration/", {**SPAIN, "language": "en"})
    with db.transaction() as tx:
        row = audit.page(tx, limit=1)[0]
    assert row["action"] == "configuration.change"
    assert row["user_name"] == "administrator-user"
    assert row["details"]["time_zone"] == ["UTC", "Europe/Madrid"]
    text = client.page("/configuration/log/").text
    assert "Configuration changed" in text and "Europe/Madrid" in text


def test_every_action_that_is_written_has_words() -> None:
    literal = re.compile(rf'(?<!url_for\()"((?:{SUBJECTS})\.[a-z_]+)"')
    sources = [*(ROOT / "service").rglob("*.py"), *(ROOT / "module").rglob("*.py")]
    written = {
        action
        for file in sources
        if "audit.record" in (text := file.read_text())
        for action in literal.findall(text)
    }
    assert len(written) > 20
    assert sorted(written - set(ACTIONS)) == []


def test_the_log_has_pages(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        for n in range(120):
            audit.record(tx, Actor("ana"), "list.create", f"list-{n:03}")
    page = client.page("/configuration/log/")
    assert "list-119" in page.text and "list-060" not in page.text
    following = next(link for link in page.links if "before=" in link)
    assert "list-060" in client.page(following).text


@pytest.mark.parametrize("before", ["x", "-1", "0", "99999999999999999999", "1'"])
def test_a_strange_page_of_the_log_is_its_beginning(
    client: Browser, before: str
) -> None:
    assert client.page(f"/configuration/log/?before={before}")


def test_the_log_makes_markup_harmless(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        hostile = "<script>alert(1)</script>\r\n\x1b[31m"
        audit.record(tx, Actor(hostile[:60]), "list.create", hostile, {"a": hostile})
    assert "<script>alert" not in client.get("/configuration/log/").text


def test_unreachable_call_records_are_said_to_be(client: Browser) -> None:
    address = "/configuration/call-records"
    assert client.get(address).status_code == 302  # a link, without scripts
    text = client.get(address, headers={"HX-Request": "true"}).text
    assert "Cannot be read" in text and "asteriskcdrdb" in text


# --- sent messages in the call records --------------------------------------------

CALL_RECORDS = "/configuration/call-records"


@pytest.fixture
def cdr(mariadb: PrivateMariaDB) -> Iterator[None]:
    mariadb.create_database("asteriskcdrdb")
    with pymysql.connect(**mariadb.connect_args, database="asteriskcdrdb") as found:
        found.cursor().execute(
            "CREATE TABLE cdr (calldate DATETIME, src VARCHAR(80), dst VARCHAR(80),"
            " dstchannel VARCHAR(80))"
        )
    yield
    mariadb.drop_database("asteriskcdrdb")


def test_sent_messages_are_written_there_from_a_click_on(
    client: Browser, db: Database, cdr: None
) -> None:
    assert "They are not written there." in client.page("/configuration/").text
    said = client.send(CALL_RECORDS, {"write": "yes"}).text
    assert "Sent messages are written into the call records." in said
    assert "who sent it, to whom and when; never the text" in said
    assert stored(db)["write_call_records"] == "yes"
    client.send("/configuration/", {**SPAIN, "language": "en"})
    assert stored(db)["write_call_records"] == "yes", "the other form leaves it"
    with db.transaction() as tx:
        tx.execute("INSERT INTO call_record_outbox (message_id) VALUES (1), (2)")
    part = client.get(CALL_RECORDS, headers={"HX-Request": "true"}).text
    assert "2 sent messages wait to be written." in part and "setup" not in part
    said = client.send(CALL_RECORDS, {"write": "no"}).text
    assert "no longer written there" in said
    assert stored(db)["write_call_records"] == "no"


def test_call_records_that_may_not_be_written_say_what_to_do(
    app: Flask, client: Browser, db: Database, cdr: None, mariadb: PrivateMariaDB
) -> None:
    mariadb.create_user("reader", "x", "massivesms")
    with pymysql.connect(**mariadb.connect_args) as root:
        root.cursor().execute("GRANT SELECT ON asteriskcdrdb.* TO reader@localhost")
    house = app.extensions["massivesms"]
    reading = replace(house.config.cdr, user="reader", password="x")
    config = replace(house.config, cdr=reading)
    app.extensions["massivesms"] = replace(house, config=config)
    said = client.send(CALL_RECORDS, {"write": "yes"}).text
    assert "As root: massivesms setup" in said and "INSERT command denied" in said
    assert stored(db)["write_call_records"] == "yes", "setup grants what is wanted"
    part = client.get(CALL_RECORDS, headers={"HX-Request": "true"}).text
    assert "Can be reached" in part and "massivesms setup" in part
