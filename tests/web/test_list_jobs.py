"""Lists from the call records: choices, the count, progress, saving, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from massivesms.config import Config
from massivesms.store import load_jobs
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.call_tables import CallTable, call_tables
from tests.servers.mariadb import PrivateMariaDB
from tests.web.browser import Browser
from tests.web.sending import carry_out_loads, create_list, numbers_of, rows, spain

NEW = "/lists/new"
EMPTY = ("first_day", "last_day", "did", "min_seconds")
CALLS = {"source": "calls", "direction": "callers", "outcome": "all"}
CALLS |= dict.fromkeys(EMPTY, "")
GOOD: dict[str, Any] = {**CALLS, "name": "Llamadas", "description": "de marzo"}
COUNT = {**GOOD, "name": "", "action": "count"}
LISTS = "SELECT * FROM list"
JOBS = "SELECT * FROM load_job"
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module", autouse=True)
def database(mariadb: PrivateMariaDB) -> Iterator[None]:
    with call_tables(mariadb):
        yield


@pytest.fixture(autouse=True)
def calls(mariadb: PrivateMariaDB, db: Database) -> Iterator[CallTable]:
    """Four callers with mobiles, one of them lost; an extension calls a fifth one."""
    spain(db)
    table = CallTable(mariadb, "FreePBX 17")
    here = {"did": "910000001", "dst": "101", "billsec": 30}
    table.write(
        call("2026-03-01", "600111001", "ANSWERED", **here),
        call("2026-03-02", "+34600111001", "ANSWERED", **here),
        call("2026-03-02", "600111002", "NO ANSWER", **here),
        call("2026-03-03", "600111003", "ANSWERED", dst="101", did="910000002"),
        call("2026-03-03", "600111004", "ANSWERED", **here, linkedid="x"),
        call("2026-03-03", "101", "ANSWERED", dst="600222000"),
        call("2026-03-04", "anonymous", "ANSWERED", **here),
    )
    yield table
    table.close()


def call(day: str, src: str, said: str, **more: Any) -> dict[str, Any]:
    return {"calldate": f"{day} 12:00:00", "src": src, "disposition": said, **more}


@pytest.fixture
def carry_out(db: Database, config: Config) -> Callable[[], None]:
    return lambda: carry_out_loads(db, config)


def test_callers_become_a_list(
    client: Browser, db: Database, carry_out: Callable[[], None]
) -> None:
    page = client.send(NEW, GOOD)
    assert "about to be read" in page.text
    assert "For the new list Llamadas" in page.text
    assert rows(db, LISTS) == []
    carry_out()
    page = client.page(page.request.path)
    assert "4 numbers were added." in page.text
    (made,) = rows(db, LISTS)
    assert (made["name"], made["description"]) == ("Llamadas", "de marzo")
    assert f"/lists/{made['id']}" in page.links
    assert numbers_of(db, made["id"]) == [f"+3460011100{n}" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("choice", "accepted"),
    [
        ({}, 4),
        ({"outcome": "answered"}, 3),
        ({"outcome": "missed"}, 1),
        ({"direction": "callees"}, 1),
        ({"first_day": "2026-03-02"}, 4),
        ({"last_day": "2026-03-02"}, 2),
        ({"first_day": "2026-03-02", "last_day": "2026-03-02"}, 2),
        ({"did": "910000002"}, 1),
        ({"did": "910000002, 910000001"}, 4),
        ({"min_seconds": "30"}, 3),
    ],
    ids=str,
)
def test_numbers_are_counted_before_anything_is_saved(
    client: Browser,
    db: Database,
    carry_out: Callable[[], None],
    choice: dict[str, str],
    accepted: int,
) -> None:
    page = client.send(NEW, {**COUNT, **choice})
    carry_out()
    page = client.page(page.request.path)
    assert f"would be taken: {accepted}." in page.text
    assert rows(db, LISTS) == []


def test_what_was_counted_is_saved_without_a_second_reading(
    client: Browser, db: Database, carry_out: Callable[[], None], calls: CallTable
) -> None:
    job = client.send(NEW, COUNT).request.path
    carry_out()
    calls.run("DROP TABLE cdr")
    client.send(f"{job}/save", {"name": "Contadas", "description": ""})
    carry_out()
    assert "4 numbers were added." in client.page(job).text
    (made,) = rows(db, LISTS)
    assert (made["name"], made["included"]) == ("Contadas", 4)


@pytest.mark.parametrize("name", [" ", "n" * 121, "Llamadas"])
def test_a_counted_load_needs_a_name_of_its_own(
    client: Browser, db: Database, carry_out: Callable[[], None], name: str
) -> None:
    create_list(db, "Llamadas", "600999999")
    job = client.send(NEW, COUNT).request.path
    carry_out()
    page = client.send(f"{job}/save", {"name": name, "description": "queda"})
    assert "field-error" in page.text and 'value="queda"' in page.text
    assert rows(db, JOBS)[0]["state"] == "done"
    assert len(rows(db, LISTS)) == 1


def test_a_name_that_is_taken_is_refused_before_the_calls_are_read(
    client: Browser, db: Database
) -> None:
    list_id = create_list(db, "Llamadas", "600999999")
    page = client.send(NEW, GOOD)
    assert "already a list called Llamadas" in page.text
    assert f'href="/lists/{list_id}"' in page.text
    assert rows(db, JOBS) == []


def test_call_records_are_loaded_into_a_list(
    client: Browser, db: Database, carry_out: Callable[[], None]
) -> None:
    list_id = create_list(db, "Clientes", "600111001")
    page = client.send(f"/lists/{list_id}/load", CALLS)
    assert "For the list Clientes" in page.text
    carry_out()
    page = client.page(page.request.path)
    assert "3 numbers were added." in page.text
    assert "Duplicates <b>2</b>" in page.html
    assert len(numbers_of(db, list_id)) == 4


def test_a_count_for_a_list_is_added_with_one_press(
    client: Browser, db: Database, carry_out: Callable[[], None]
) -> None:
    list_id = create_list(db, "Clientes", "600111001")
    job = client.send(f"/lists/{list_id}/load", {**CALLS, "action": "count"})
    carry_out()
    client.send(f"{job.request.path}/save", {})
    carry_out()
    assert len(numbers_of(db, list_id)) == 4


def test_the_choices_come_back_to_be_changed(
    client: Browser, carry_out: Callable[[], None]
) -> None:
    chosen = {
        "outcome": "answered",
        "did": "910000001",
        "min_seconds": "10",
        "first_day": "2026-03-01",
        "last_day": "2026-03-05",
    }
    job = client.send(NEW, {**GOOD, **chosen, "action": "count"}).request.path
    carry_out()
    (again,) = [link for link in client.page(job).links if "job=" in link]
    text = client.page(again).html
    for value in ("Llamadas", "910000001", "10", "2026-03-01", "2026-03-05"):
        assert f'value="{value}"' in text
    assert 'checked class="form-check-input" id="outcome-1"' in text
    assert client.get("/lists/new?job=999").status_code == 200
    assert client.get("/lists/new?job=x").status_code == 200


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"name": " "}, "A name is missing", id="no name"),
        pytest.param({"description": "d" * 256}, "255 characters", id="description"),
        pytest.param({"first_day": "x"}, "YYYY-MM-DD", id="no day"),
        pytest.param(
            {"first_day": "2026-03-02", "last_day": "2026-03-01"},
            "before the first",
            id="days turned round",
        ),
        pytest.param({"did": "<b>"}, "write digits", id="no number"),
        pytest.param({"did": "9 " * 101 + " 8"}, "", id="the same number often"),
        pytest.param({"min_seconds": "-1"}, "whole seconds", id="no seconds"),
        pytest.param({"min_seconds": "9" * 99}, "whole seconds", id="ages"),
        pytest.param(
            {"min_seconds": "5", "outcome": "missed"}, "no length", id="missed length"
        ),
        pytest.param(
            {"did": "91", "direction": "callees"}, "one of yours", id="called ours"
        ),
        pytest.param({"outcome": "x"}, "Not a valid choice", id="no outcome"),
        pytest.param({"direction": "x"}, "Not a valid choice", id="no direction"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begins(
    client: Browser, db: Database, changed: dict[str, str], words: str
) -> None:
    page = client.send(NEW, {**GOOD, **changed})
    if not words:
        assert len(rows(db, JOBS)) == 1
        return
    assert "field-error" in page.text and words in page.text
    assert rows(db, JOBS) == []


def test_only_what_the_pbx_can_tell_is_offered(
    client: Browser, mariadb: PrivateMariaDB, db: Database
) -> None:
    full = client.page(NEW).html
    table = CallTable(mariadb, "nothing but numbers")
    table.close()
    bare = client.page(NEW).html
    for field in ('name="outcome"', 'name="did"', 'name="min_seconds"'):
        assert field in full and field not in bare
    assert 'name="first_day"' in bare
    said = client.send(NEW, {**GOOD, "did": "91", "outcome": "missed"}).text
    assert "which calls were answered" in said and "which number was dialled" in said
    assert rows(db, JOBS) == []
    client.send(NEW, GOOD)
    assert len(rows(db, JOBS)) == 1


def test_call_records_that_cannot_be_read_say_what_to_do(
    client: Browser, db: Database, calls: CallTable
) -> None:
    calls.run("DROP TABLE cdr")
    page = client.page(NEW)
    assert "massivesms setup" in page.text
    assert 'name="file"' in page.html, "a file can still be loaded"
    page = client.send(NEW, GOOD)
    assert "field-error" in page.text and "massivesms setup" in page.text
    assert rows(db, JOBS) == []


def test_a_load_that_fails_says_so_and_how_to_go_on(
    client: Browser, carry_out: Callable[[], None], calls: CallTable
) -> None:
    job = client.send(NEW, GOOD).request.path
    calls.run("DROP TABLE cdr")
    carry_out()
    page = client.page(job)
    assert "Nothing was saved." in page.text and "massivesms setup" in page.text
    assert "Choose other calls" in page.text
    assert "came to nothing" in client.page("/lists/").text


def test_calls_without_mobiles_are_said(
    client: Browser, carry_out: Callable[[], None]
) -> None:
    job = client.send(NEW, {**GOOD, "first_day": "2026-03-04"}).request.path
    carry_out()
    assert "no mobile number in those calls" in client.page(job).text


def start(client: Browser, db: Database) -> str:
    """A load that somebody else carries out just now; its page."""
    job = client.send(NEW, GOOD).request.path
    with db.transaction() as tx:
        taken = load_jobs.take(tx, "another")
        assert taken
        load_jobs.beat(tx, taken["id"], "another", load_jobs.Progress(12, 50, 3456))
    return job


def test_progress_shows_and_refreshes_until_the_end(
    client: Browser, db: Database
) -> None:
    job = start(client, db)
    part = client.get(job, headers=HTMX).text
    assert part.strip().startswith("<div") and "<html" not in part
    assert 'hx-trigger="every 1s"' in part
    assert "24 % done, 3,456 different numbers" in part
    lists = client.page("/lists/")
    assert "are being read: 24 %" in lists.text and job in lists.links
    with db.transaction() as tx:
        load_jobs.counted(tx, int(job.split("/")[-1]), "another", 70, 3)
    assert "Saving 70 numbers" in client.page(job).text


def test_a_load_is_cancelled(client: Browser, db: Database) -> None:
    job = start(client, db)
    page = client.send(f"{job}/cancel")
    assert "It was stopped. Nothing was saved." in page.text
    assert 'hx-trigger="every' not in page.text
    page = client.send(f"{job}/cancel")
    assert "It was done already." in page.text
    assert rows(db, "SELECT user_name FROM audit WHERE action = 'load.cancel'")


def test_numbers_that_are_no_longer_kept_must_be_counted_again(
    client: Browser, db: Database, carry_out: Callable[[], None]
) -> None:
    job = client.send(NEW, COUNT).request.path
    carry_out()
    with db.transaction() as tx:
        tx.execute("UPDATE load_job SET finished_at = finished_at - INTERVAL 2 DAY")
    page = client.send(f"{job}/save", {"name": "Tarde", "description": ""})
    assert "count them again" in page.text
    assert rows(db, LISTS) == []


def test_a_list_that_was_deleted_meanwhile_is_said(
    client: Browser, db: Database, carry_out: Callable[[], None]
) -> None:
    list_id = create_list(db, "Clientes", "600111001")
    job = client.send(f"/lists/{list_id}/load", CALLS).request.path
    client.send(f"/lists/{list_id}/delete")
    carry_out()
    assert "no list called" in client.page(job).text


def test_a_load_whose_list_was_deleted_since_says_so(
    client: Browser, db: Database, carry_out: Callable[[], None]
) -> None:
    job = client.send(NEW, GOOD).request.path
    carry_out()
    client.send(f"/lists/{rows(db, LISTS)[0]['id']}/delete")
    assert "deleted since" in client.page(job).text


def test_what_does_not_exist_is_not_found(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        other = load_jobs.create(tx, "other", {}, Actor("x"), saving=True)
    for job_id in (other, 999):
        assert client.get(f"/lists/jobs/{job_id}").status_code == 404
        assert client.send(f"/lists/jobs/{job_id}/cancel").status_code == 404
