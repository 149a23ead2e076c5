"""What the import wizard loads: in the background, once, and whole or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from massivesms import background
from massivesms.config import Config
from massivesms.intake import mapping
from massivesms.store import load_jobs, settings
from massivesms.store.db import Database
from massivesms_web.job_runner import carriers
from tests.web.browser import Browser
from tests.web.sending import create_list, numbers_of, rows, spain
from tests.web.wizard_steps import (
    IMPORT,
    LISTS,
    staged,
    step,
    up_to_summary,
)

USER = "SELECT created_by FROM load_job"
CAMPAIGN = {
    "name": "Aviso", "text": "Hola", "sender_id": "", "start": "", "hours_from": "",
    "hours_to": "", "trunk_id": "0", "paused": "y", "deadline": "", "priority": "5",
    "in_doubt": "hold",
}  # fmt: skip


@pytest.fixture
def carry_out(db: Database, config: Config) -> Callable[[], bool]:
    return lambda: background.run_next(
        db, "the test", threading.Event(), carriers(config)
    )


@pytest.fixture(autouse=True)
def here(db: Database) -> None:
    spain(db)


def test_yes_loads_the_list_in_the_background(
    client: Browser, db: Database, carry_out: Callable[[], bool], config: Config
) -> None:
    up_to_summary(client, db)
    page = step(client, db, "summary", {})
    assert "about to begin" in page.text
    assert carry_out()
    page = client.page(f"{IMPORT}{staged(db)['id']}/progress")
    assert "2 numbers were loaded." in page.text
    (made,) = rows(db, LISTS)
    assert made["name"] == "Clientes"
    assert numbers_of(db, made["id"]) == ["+34600111222", "+34600111223"]
    (load,) = rows(db, "SELECT * FROM import")
    assert f"/lists/{made['id']}/loads/{load['id']}" in " ".join(page.links)
    bad = rows(db, "SELECT * FROM import_problem ORDER BY line")
    assert [(row["line"], row["code"]) for row in bad] == [
        (4, "duplicate"), (5, "no_digits"),
    ]  # fmt: skip
    assert not list((config.exports_dir / "staged").iterdir()), "the file is gone"


def test_numbers_that_a_list_has_are_duplicates_before_they_are_loaded(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    list_id = create_list(db, "Vieja", "600111222")
    page = up_to_summary(client, db, target="list", list_id=str(list_id))
    assert "1 new, 2 duplicates, 1 invalid" in " ".join(page.text.split())
    step(client, db, "summary", {})
    carry_out()
    assert len(numbers_of(db, list_id)) == 2
    (load,) = rows(db, "SELECT * FROM import ORDER BY id DESC LIMIT 1")
    assert (load["accepted"], load["duplicates"], load["refused"]) == (1, 2, 1)


def test_a_campaign_is_written_before_it_is_loaded(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    lines = ("numero,mensaje", '600111222,"Hola, Ana"', "600111223,")
    up_to_summary(client, db, *lines, target="campaign")
    page = step(client, db, "summary", {})
    assert "It goes to 2 numbers of the file." in page.text
    page = step(client, db, "campaign", {**CAMPAIGN, "name": ""})
    assert "A name is missing." in page.text
    step(
        client, db, "campaign", {**CAMPAIGN, "hours_from": "09:00", "hours_to": "20:00"}
    )
    assert carry_out()
    (made,) = rows(db, "SELECT * FROM campaign WHERE id > 1")
    assert (made["name"], made["text"], made["paused"]) == ("Aviso", "Hola", 1)
    assert str(made["hours_from"]) == "9:00:00"
    sent = rows(db, "SELECT number, text FROM message ORDER BY id")
    assert [row["text"] for row in sent] == ["Hola, Ana", None]
    page = client.page(f"{IMPORT}{staged(db)['id']}/progress")
    assert f"/campaigns/{made['id']}" in page.links


def test_a_stopped_load_leaves_nothing_and_can_be_begun_again(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    up_to_summary(client, db)
    step(client, db, "summary", {})
    page = step(client, db, "stop", {})
    assert "It was stopped. Nothing was saved." in page.text
    assert not carry_out()
    assert rows(db, LISTS) == [] and rows(db, "SELECT * FROM import") == []
    step(client, db, "summary", {})
    assert carry_out()
    assert len(rows(db, LISTS)) == 1


def test_a_load_that_is_stopped_in_its_midst_leaves_nothing(
    client: Browser,
    db: Database,
    carry_out: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    up_to_summary(client, db)
    step(client, db, "summary", {})
    whole, job_id = mapping.rows, staged(db)["load_job_id"]

    def stopped_on_the_way(*args: Any) -> Iterator[Any]:
        own = Database(db.settings)
        for n, row in enumerate(whole(*args)):
            if n == 1:
                with own.transaction() as tx:
                    assert load_jobs.drop(tx, job_id)
                own.close()
            yield row

    monkeypatch.setattr(mapping, "rows", stopped_on_the_way)
    assert carry_out()
    assert rows(db, LISTS) == [] and rows(db, "SELECT * FROM import") == []
    assert rows(db, "SELECT * FROM contact") == []


def test_who_left_finds_the_way_back(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    up_to_summary(client, db)
    url = f"{IMPORT}{staged(db)['id']}/progress"
    assert "Not loaded yet" in client.page(IMPORT).text
    assert client.get(url, follow_redirects=True).request.path.endswith("/summary")
    step(client, db, "summary", {})
    page = client.page(IMPORT)
    assert "Being loaded" in page.text and url in page.links
    carry_out()
    assert "Loaded" in client.page(IMPORT).text
    answer = step(client, db, "columns", {"column-0": "number"})
    assert "2 numbers were loaded." in answer.text, "it is not changed any more"


def test_two_presses_make_one_load(client: Browser, db: Database) -> None:
    up_to_summary(client, db)
    for _ in range(2):
        step(client, db, "summary", {})
    assert len(rows(db, "SELECT * FROM load_job")) == 1


def test_a_campaign_of_a_file_is_created_paused_to_be_checked(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    up_to_summary(client, db, "numero", "600111222", target="campaign")
    step(client, db, "summary", {})
    rest = {name: value for name, value in CAMPAIGN.items() if name != "paused"}
    step(client, db, "campaign", {**rest, "check": "yes"})
    assert carry_out()
    (made,) = rows(db, "SELECT id, paused FROM campaign WHERE id > 1")
    assert made["paused"] == 1
    page = client.page(f"{IMPORT}{staged(db)['id']}/progress")
    assert f"/campaigns/{made['id']}/preview" in page.links


LINES = ("numero,nombre", "600111222,Ana", "600111223,Luis")


def test_another_target_of_another_tab_is_said_and_loads_nothing(
    client: Browser, db: Database
) -> None:
    up_to_summary(client, db, *LINES, target="campaign")
    list_id = create_list(db, "Vieja", "600111222")
    step(client, db, "target", {"target": "list", "list_id": str(list_id)})
    page = step(client, db, "campaign", {**CAMPAIGN, "text": "Lo que escribí"})
    assert "another window" in page.text and "Lo que escribí" in page.html
    assert rows(db, "SELECT * FROM load_job") == []
    url = f"{IMPORT}{staged(db)['id']}/campaign"
    assert "another window" in client.get(url, follow_redirects=True).text
    step(client, db, "target", {"target": "campaign"})
    step(client, db, "campaign", CAMPAIGN)
    assert len(rows(db, "SELECT * FROM load_job")) == 1


def test_yes_is_said_to_the_place_that_was_shown(client: Browser, db: Database) -> None:
    page = up_to_summary(client, db)
    aim = page.html.split('name="aim" value="')[1].split('"')[0]
    list_id = create_list(db, "Vieja", "600111222")
    step(client, db, "target", {"target": "list", "list_id": str(list_id)})
    page = step(client, db, "summary", {"aim": aim})
    assert "another window" in page.text and "Vieja" in page.text
    assert rows(db, "SELECT * FROM load_job") == []
    step(client, db, "summary", {})
    assert len(rows(db, "SELECT * FROM load_job")) == 1


def test_a_text_that_the_signature_makes_too_long_is_refused_before_the_load(
    client: Browser, db: Database
) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"signature": "Acme"})
    up_to_summary(client, db, *LINES, target="campaign")
    page = step(client, db, "campaign", {**CAMPAIGN, "text": "x" * 1528})
    assert "too long" in page.text
    assert rows(db, "SELECT * FROM load_job") == []
    step(client, db, "campaign", {**CAMPAIGN, "text": "x" * 1525})
    assert len(rows(db, "SELECT * FROM load_job")) == 1


def test_words_that_operators_refuse_are_said_when_it_is_loaded(
    client: Browser, db: Database
) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"refused_words": "BCP"})
    up_to_summary(client, db, *LINES, target="campaign")
    page = step(client, db, "campaign", {**CAMPAIGN, "text": "Su bcp, “<nombre>”"})
    assert "Operators may refuse this message: BCP." in page.text
    assert "Replaced in the message" in page.text and "Unicode" not in page.text


def test_what_a_load_makes_is_in_the_audit_with_who_wanted_it_and_from_where(
    client: Browser, db: Database, carry_out: Callable[[], bool]
) -> None:
    made = (
        "SELECT user_name, address, action, subject, details FROM audit WHERE id > %d"
    )
    last = rows(db, "SELECT COALESCE(MAX(id), 0) AS id FROM audit")[0]["id"]
    up_to_summary(client, db)
    step(client, db, "summary", {})
    carry_out()
    step(client, db, "discard", {})
    list_id = rows(db, LISTS)[0]["id"]
    up_to_summary(client, db, "tel", "600111299", target="list", list_id=str(list_id))
    step(client, db, "summary", {})
    carry_out()
    step(client, db, "discard", {})
    up_to_summary(client, db, *LINES, target="campaign")
    step(client, db, "campaign", CAMPAIGN)
    carry_out()
    found = rows(db, made % last)
    assert [(row["action"], row["subject"]) for row in found] == [
        ("list.create", "Clientes"),
        ("list.load", "Clientes"),
        ("campaign.create", "Aviso"),
    ]
    assert {row["user_name"] for row in found} == {rows(db, USER)[0]["created_by"]}
    assert {row["address"] for row in found} == {"127.0.0.1"}
    assert json.loads(found[1]["details"])["accepted"] == 1
