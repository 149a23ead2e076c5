"""Blocked numbers on their page: block, find, let go, copy, the call centre's list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pymysql
import pytest
from flask import Flask

from massivesms.store import blocked_numbers
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB
from tests.web.browser import Browser
from tests.web.sending import rows, spain

PAGE = "/lists/blocked/"
BLOCKED = "SELECT * FROM blocked_number ORDER BY number"


@pytest.fixture(autouse=True)
def _in_spain(db: Database) -> None:
    spain(db)


def block(db: Database, *numbers: str, reason: str = "") -> None:
    with db.transaction() as tx:
        blocked_numbers.add(tx, numbers, Actor("eva"), reason=reason)


def test_several_are_blocked_at_once_and_shown(client: Browser, db: Database) -> None:
    written = "600 111 222\r\n+34600111223; 600111224,,600111222\r\n\r\n"
    page = client.send(PAGE, {"numbers": written, "reason": "asked us"})
    assert "3 numbers are blocked now." in page.text
    for words in ("+34600111222", "asked us", "By hand", "administrator-user"):
        assert words in page.text
    again = client.send(PAGE, {"numbers": "600111222\n600111225"})
    assert "1 number is blocked now." in again.text
    assert "1 number was blocked already." in again.text
    assert "4 numbers are blocked" in again.text
    assert len(rows(db, BLOCKED)) == 4


def test_what_is_no_number_stays_in_the_field_with_the_reason(
    client: Browser, db: Database
) -> None:
    answer = client.send(PAGE, {"numbers": "911223344\n600111222\n<b>x</b>"})
    assert "1 number is blocked now." in answer.text
    assert "911223344: This is not a mobile number" in answer.text
    assert "911223344\n&lt;b&gt;x&lt;/b&gt;</textarea>" in answer.text
    assert [row["number"] for row in rows(db, BLOCKED)] == ["+34600111222"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"numbers": " \n ,"}, "Write at least one number."),
        ({"numbers": "\n".join(["600111222"] * 5001)}, "at most 5000 at once"),
        ({"numbers": "600111222", "reason": "x" * 161}, "160 are the most"),
    ],
    ids=["nothing", "too many", "long reason"],
)
def test_what_makes_no_sense_is_said_and_nothing_is_blocked(
    client: Browser, db: Database, form: dict[str, str], words: str
) -> None:
    assert words in client.send(PAGE, form).text
    assert rows(db, BLOCKED) == []


def test_a_number_is_found_as_people_write_it(client: Browser, db: Database) -> None:
    block(db, "+34600111222", "+34600111999", "+39333000111")
    page = client.page(f"{PAGE}?number=600%20111%20222").html
    assert "+34600111222" in page and "+34600111999" not in page
    assert "+39333000111" in client.page(f"{PAGE}?number=0039").html
    assert "No blocked number is like that" in client.page(f"{PAGE}?number=700").text


def test_pages_go_on_by_number(client: Browser, db: Database) -> None:
    numbers = [f"+34600{n:06}" for n in range(60)]
    block(db, *numbers)
    first = client.page(PAGE)
    assert "+34600000049" in first.html and "+34600000050" not in first.html
    [more] = [link for link in first.links if "after=" in link]
    second = client.page(more).html
    assert "+34600000050" in second and "+34600000059" in second


def test_one_is_let_go_after_a_question(client: Browser, db: Database) -> None:
    block(db, "+34600111222", reason="asked us")
    question = client.page(f"{PAGE}remove?one=%2B34600111222:0").text
    assert "Let +34600111222 get messages again?" in question
    assert "asked us" in question and "eva" in question
    assert len(rows(db, BLOCKED)) == 1
    done = client.send(f"{PAGE}remove", {"one": "+34600111222:0"}).text
    assert "+34600111222 gets messages again." in done
    assert "No number is blocked" in done
    again = client.send(f"{PAGE}remove", {"one": "+34600111222:0"}).text
    assert "+34600111222 is not blocked." in again
    assert client.get(f"{PAGE}remove?one=%2B34600111222:0").status_code == 404


def test_the_copy_holds_all_and_no_formula(client: Browser, db: Database) -> None:
    block(db, "+34600111222", reason='=HYPERLINK("http://x")')
    block(db, "+34600111223", reason="@SUM(1)")
    answer = client.send(f"{PAGE}blocked.csv")
    assert answer.mimetype == "text/csv"
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert table[0][:3] == ["Number", "Campaign", "Source"]
    assert [row[0] for row in table[1:]] == ["+34600111222", "+34600111223"]
    assert [row[3] for row in table[1:]] == ['\'=HYPERLINK("http://x")', "'@SUM(1)"]


def test_a_single_message_to_a_blocked_number_is_refused_at_once(
    client: Browser, db: Database
) -> None:
    block(db, "+34600111222")
    form = {"number": "600111222", "text": "Hola", "trunk_id": "0", "how": "now"}
    answer = client.send("/send/", form)
    assert "field-error" in answer.text and "+34600111222 is blocked" in answer.text
    assert "Hola</textarea>" in answer.text
    assert rows(db, "SELECT * FROM message") == []


def test_every_change_is_in_the_log(client: Browser, db: Database) -> None:
    client.send(PAGE, {"numbers": "600111222"})
    client.send(f"{PAGE}remove", {"one": "+34600111222:0"})
    log = client.page("/configuration/log/").text
    assert "Numbers blocked" in log and "Number taken off the blocked ones" in log


# --- the call centre --------------------------------------------------------------


@pytest.fixture
def issabel(app: Flask) -> None:
    house = app.extensions["massivesms"]
    config = replace(house.config, pbx=replace(house.config.pbx, kind="issabel"))
    app.extensions["massivesms"] = replace(house, config=config)


@pytest.fixture
def do_not_call(mariadb: PrivateMariaDB) -> Iterator[None]:
    mariadb.create_database("call_center")
    with pymysql.connect(
        **mariadb.connect_args, database="call_center", autocommit=True
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE dont_call (id int, caller_id varchar(15),"
                       " status varchar(1))")  # fmt: skip
        cursor.execute("INSERT INTO dont_call VALUES (1, '600111222', 'A'),"
                       " (2, '<i>x</i>', 'A'), (3, '600111223', 'I')")  # fmt: skip
    yield
    mariadb.drop_database("call_center")


def test_the_call_centres_list_is_taken_with_a_report(
    issabel: None, do_not_call: None, client: Browser, db: Database
) -> None:
    block(db, "+34699000000")
    assert "Take the call centre's do-not-call list" in client.page(PAGE).text
    report = client.send(f"{PAGE}dont-call").text
    assert "Blocked now</dt><dd>1</dd>" in report
    assert "No numbers to send to</dt><dd>1</dd>" in report
    assert "&lt;i&gt;x&lt;/i&gt;" in report
    again = client.send(f"{PAGE}dont-call").text
    assert "Blocked now</dt><dd>0</dd>" in again
    assert "Blocked already</dt><dd>1</dd>" in again
    assert rows(db, BLOCKED)[0]["source"] == "dont_call"


def test_without_a_call_centre_it_says_what_to_do(
    issabel: None, client: Browser
) -> None:
    assert "massivesms setup" in client.send(f"{PAGE}dont-call").text


def test_without_a_pbx_nobody_is_asked_to_take_its_list(client: Browser) -> None:
    assert "call centre" not in client.page(PAGE).text
