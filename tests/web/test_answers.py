"""Opt-outs and answers by the page: words, texts, keyword answers, trying it out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from massivesms.domain.answer_rules import AnswerRule
from massivesms.domain.answer_settings import OPT_OUT_TEXT
from massivesms.domain.settings import with_defaults
from massivesms.store import answer_rules, blocked_numbers, inbound, opt_outs
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.inbound import NewInbound
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import create_trunk, rows, spain

URL = "/configuration/answers/"
NUMBER = "+34600111222"
RULE = {"words": "info; horario", "text": "A las 9", "matching": "alone", "active": "y"}


OPT_OUTS = ("opt_", "polite_")
LIMITS = ("automatic_", "answers_", "out_of_hours", "opening_")


def fields(*begin: str) -> dict[str, Any]:
    """The settings of a new installation, as their form sends them."""
    found: dict[str, Any] = {}
    for name, text in with_defaults({}).items():
        if name.startswith(begin) and text != "no":
            found[name] = "y" if text == "yes" else text
    if "opening_days" in found:
        found["opening_days"] = found["opening_days"].split(",")
    return found


def opt_out(db: Database, text: str = "Baja, <b>gracias</b>") -> int:
    """Somebody has opted out; the id of the incoming message."""
    trunk_id = create_trunk(db)
    new = NewInbound(trunk_id, NUMBER, NUMBER[1:], "25568", text)
    with db.transaction() as tx:
        inbound_id = inbound.add(tx, new)
        opt_outs.leave(tx, NUMBER, inbound_id, "BAJA", datetime.now(UTC))
    return inbound_id


def test_the_page_says_the_rule_and_shows_the_words(client: Browser) -> None:
    page = client.page(URL)
    assert "made of keywords and polite words only" in page.text
    assert "UNSUBSCRIBE" in page.text and OPT_OUT_TEXT in page.text
    assert "Nobody has opted out" in page.text
    assert "No keyword is answered" in page.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Stop. Thank you", "Opted out"),
        ("ALTA por favor", "Opted in again"),
        ("Please stop by our office", "but also “by our office”"),
        ("info", "Keyword answered"),
        ("<script>alert(1)</script>", "Nothing would be done of itself."),
    ],
)
def test_a_text_is_tried_out_and_nothing_is_written(
    client: Browser, db: Database, text: str, said: str
) -> None:
    with db.transaction() as tx:
        answer_rules.create(tx, AnswerRule("INFO", "A las 9"), Actor("ana"))
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.send(f"{URL}try", {"text": text}, headers=headers)
        assert answer.status_code == 200
        assert said in answer.text
    assert rows(db, "SELECT 1 FROM message") == []
    assert rows(db, "SELECT 1 FROM blocked_number") == []


def test_trying_out_keeps_what_was_typed_without_scripts(client: Browser) -> None:
    text = client.send(f"{URL}try", {"text": "Baja <x>"}).text
    assert "Baja &lt;x&gt;" in text


def test_the_words_and_texts_of_opt_outs_are_changed(
    client: Browser, db: Database
) -> None:
    entered = fields(*OPT_OUTS)
    entered |= {"opt_out_words": "Fuera\r\nSTOP, stop", "opt_out_text": ""}
    del entered["opt_outs"]
    text = client.send(f"{URL}opt-outs", entered).text
    assert "is saved" in text
    stored = {r["name"]: r["value"] for r in rows(db, "SELECT * FROM setting")}
    assert stored == {
        "opt_out_words": "Fuera, STOP",
        "opt_out_text": "",
        "opt_outs": "no",
    }


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stored(
    client: Browser, db: Database
) -> None:
    entered = fields(*OPT_OUTS) | {"opt_in_words": "ALTA, stop"}
    answer = client.send(f"{URL}opt-outs", entered)
    assert answer.status_code == 422
    assert "“stop” cannot mean both" in answer.text
    entered = fields(*LIMITS) | {"out_of_hours": "y", "answers_per_day": "x"}
    answer = client.send(f"{URL}limits", entered)
    assert "Answers to one number in a day is a whole number" in answer.text
    entered = fields(*LIMITS) | {"out_of_hours": "y"}
    answer = client.send(f"{URL}limits", entered)
    assert "Write what is answered outside your hours." in answer.text
    assert rows(db, "SELECT 1 FROM setting") == []


def test_the_answer_outside_the_hours_is_set(client: Browser, db: Database) -> None:
    entered = fields(*LIMITS)
    entered |= {"out_of_hours": "y", "out_of_hours_text": "Cerrado\r\nVuelva"}
    entered |= {"opening_days": ["6", "1"], "opening_hours": "08:00-14:00"}
    client.send(f"{URL}limits", entered)
    stored = {r["name"]: r["value"] for r in rows(db, "SELECT * FROM setting")}
    assert stored["out_of_hours_text"] == "Cerrado\nVuelva"
    assert stored["opening_days"] == "1,6"
    assert "answers_at_any_hour" not in stored, "what did not change is not written"


def test_a_keyword_answer_is_made_changed_and_removed(
    client: Browser, db: Database
) -> None:
    page = client.send(f"{URL}keywords/new", {**RULE, "days": ["1", "5"]}).text
    assert "info, horario" in page and "Monday, Friday" in page
    (row,) = rows(db, "SELECT * FROM answer_rule")
    assert (row["words"], row["days"], row["active"]) == ("info, horario", "1,5", 1)
    url = f"{URL}keywords/{row['id']}"
    assert "info, horario" in client.page(url).text
    changed = {**RULE, "text": "A las 10", "matching": "begins"}
    del changed["active"]
    page = client.send(url, changed).text
    assert "A las 10" in page and "Not in use" in page
    assert "A las 10" in client.page(f"{url}/remove").text
    assert "No keyword is answered" in client.send(f"{url}/remove").text
    actions = [r["action"] for r in rows(db, "SELECT action FROM audit ORDER BY id")]
    assert actions[-3:] == ["answer.create", "answer.change", "answer.remove"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"words": "STOP"}, "is a word of opt-outs"),
        ({"words": " , "}, "Write at least one keyword."),
        ({"text": " "}, "empty"),
        ({"hours": "nine"}, "Write the hours as HH:MM-HH:MM"),
        ({"days": ["9"]}, "Days are the numbers from 1"),
    ],
)
def test_a_keyword_answer_that_makes_no_sense_keeps_what_was_typed(
    client: Browser, db: Database, changed: dict[str, Any], said: str
) -> None:
    answer = client.send(f"{URL}keywords/new", {**RULE, **changed})
    assert answer.status_code == 422
    assert said in answer.text
    assert rows(db, "SELECT 1 FROM answer_rule") == []


def test_the_last_opt_outs_say_who_when_and_what_was_written(
    client: Browser, db: Database
) -> None:
    opt_out(db)
    page = client.page(URL)
    assert NUMBER in page.text and "Operadora" in page.text
    assert "Baja, <b>gracias</b>" in page.text, "escaped: read as a text"
    log = client.page("/configuration/log/?action=blocked.opt_out").text
    assert "A number opted out" in log and "(incoming)" in log
    assert NUMBER not in log


def test_what_could_deceive_in_an_opt_out_is_spelt_out(
    client: Browser, db: Database
) -> None:
    opt_out(db, "Baja \u202egpj.exe \x1b[31m")
    for address in (URL, f"/lists/blocked/remove?one=%2B{NUMBER[1:]}:0"):
        html = client.page(address).html
        assert "Baja \\u202egpj.exe \\x1b[31m" in html
        assert "\u202e" not in html and "\x1b" not in html


def test_the_blocked_numbers_say_that_it_was_its_owner_s_wish(
    client: Browser, db: Database
) -> None:
    opt_out(db)
    page = client.page("/lists/blocked/")
    assert "Opt-out of its owner" in page.text
    assert "the owner of the number" in page.text
    page = client.page(f"/lists/blocked/remove?one=%2B{NUMBER[1:]}:0")
    assert "Baja, <b>gracias</b>" in page.text
    assert "asked to get nothing more" in page.text
    gone = client.send("/lists/blocked/remove", {"one": f"{NUMBER}:0"}).text
    assert "gets messages again" in gone


def test_an_own_block_is_removed_and_the_owner_s_wish_stays(
    client: Browser, db: Database
) -> None:
    spain(db)
    opt_out(db)
    client.send("/lists/blocked/", {"numbers": NUMBER})
    (row,) = rows(db, "SELECT * FROM blocked_number")
    assert (row["source"], row["created_by"]) == ("manual", "administrator-user")
    page = client.page(f"/lists/blocked/remove?one=%2B{NUMBER[1:]}:0")
    assert "it stays left out for that" in page.text
    text = client.send("/lists/blocked/remove", {"one": f"{NUMBER}:0"}).text
    assert "stays left out" in text
    with db.transaction() as tx:
        found = blocked_numbers.find(tx, NUMBER)
    assert found is not None and found["source"] == "opt_out"


def test_only_who_may_configure_opens_it(client_as: ClientAs) -> None:
    supervisor = client_as("supervisor")
    supervisor.page(URL, 403)
    assert supervisor.send(f"{URL}try", {"text": "stop"}).status_code == 403
