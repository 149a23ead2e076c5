"""Guessing passwords: slow for a name and for an address, whoever answers."""

from __future__ import annotations

import time
from statistics import median

from flask import Flask

from massivesms import passwords
from massivesms.config import Config
from massivesms.store import roles, users, web_sessions
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, add_user
from tests.web.security.visitor import Visitor, server

WRONG = "not the right password"


def test_a_wrong_name_and_a_wrong_password_read_the_same(
    anonymous: Browser, db: Database
) -> None:
    add_user(db, "ana", "operator")
    answers = [anonymous.sign_in(name, WRONG) for name in ("ana", "nobody")]
    assert [a.status_code for a in answers] == [401, 401]
    texts = [Page(answer.text).text for answer in answers]
    assert texts[0] == texts[1]


def test_five_failures_close_a_name_for_everybody(app: Flask, db: Database) -> None:
    add_user(db, "ana", "operator")
    with db.transaction() as tx:
        for _try in range(5):
            web_sessions.record_attempt(tx, "ana", "10.0.0.1")
    browser = app.test_client()
    assert isinstance(browser, Browser)
    answer = browser.sign_in("ana", PASSWORD)
    assert answer.status_code == 429
    assert "15" in answer.text


def test_twenty_failures_close_an_address(anonymous: Browser, db: Database) -> None:
    add_user(db, "ana", "operator")
    with db.transaction() as tx:
        for n in range(20):
            web_sessions.record_attempt(tx, f"name{n}", "127.0.0.1")
    headers = {"X-Forwarded-For": "10.9.9.9"}
    answer = anonymous.send(
        "/sign-in", {"name": "ana", "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == 429


def test_signing_in_forgives_earlier_failures(anonymous: Browser, db: Database) -> None:
    add_user(db, "ana", "operator")
    anonymous.sign_in("ana", WRONG)
    anonymous.sign_in("ana", PASSWORD)
    with db.transaction() as tx:
        assert web_sessions.attempts(tx, "ana", "127.0.0.1", 900) == (0, 0)


def test_tries_count_together_in_every_process_whatever_a_header_claims(
    app: Flask, config: Config, db: Database
) -> None:
    """Twenty tries at two servers, each said to come from somewhere else."""
    add_user(db, "ana", "operator")
    said = []
    with server(config) as (url, _pid):
        visitor, browser = Visitor(url), app.test_client()
        assert isinstance(browser, Browser)
        for n in range(10):
            claim = {"X-Forwarded-For": f"10.0.0.{n}"}
            said.append(visitor.sign_in(f"one-{n}", WRONG, **claim))
            values = {"name": f"two-{n}", "password": WRONG}
            said.append(browser.send("/sign-in", values, headers=claim).status_code)
        claim = {"X-Forwarded-For": "10.0.9.9", "X-Real-IP": "10.0.9.9"}
        assert visitor.sign_in("ana", PASSWORD, **claim) == 429
        assert browser.sign_in("ana", PASSWORD).status_code == 429
    assert set(said) == {401}


def test_a_name_is_closed_wherever_the_tries_come_from(
    app: Flask, db: Database
) -> None:
    add_user(db, "ana", "operator")
    browser = app.test_client()
    assert isinstance(browser, Browser)
    said = []
    for n in range(7):
        origin = {"REMOTE_ADDR": f"192.0.2.{n}"}
        values = {"name": "ana", "password": WRONG}
        answer = browser.send("/sign-in", values, environ_overrides=origin)
        said.append(answer.status_code)
    assert said == [401] * 5 + [429] * 2


def test_a_known_name_takes_as_long_as_an_unknown_one(app: Flask, db: Database) -> None:
    """By the real hash, the one of a passwords' table, in turns."""
    with db.transaction() as tx:
        role_id = roles.by_name(tx, "operator")["id"]
        stored = passwords.hash_password(PASSWORD)
        users.create(tx, "ana", role_id, stored, Actor("x"))
        users.create(tx, "out", role_id, stored, Actor("x"))
        users.set_active(tx, users.by_name(tx, "out"), False, Actor("x"))
    browser = app.test_client()
    assert isinstance(browser, Browser)
    token = browser.token()
    passwords.matches(None, "the hash of nobody is made at its first use")
    took: dict[str, list[float]] = {"ana": [], "nobody": [], "out": []}
    for _turn in range(4):
        for name, times in took.items():
            with db.transaction() as tx:
                tx.execute("DELETE FROM sign_in_attempt")
            values = {"name": name, "password": WRONG, "csrf_token": token}
            began = time.process_time()
            assert browser.post("/sign-in", data=values).status_code == 401
            times.append(time.process_time() - began)
    known, unknown, out = (median(times) for times in took.values())
    assert 0.67 < known / unknown < 1.5
    assert 0.67 < out / unknown < 1.5
