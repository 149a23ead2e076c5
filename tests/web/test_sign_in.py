"""Signing in and out: the right words, the same time, and few tries."""

from __future__ import annotations

import pytest
from flask import Flask

from massivesms.store import users, web_sessions
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms_web.pages import sign_in
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, ClientAs, add_user

WRONG = "not the right password"


def cookie(browser: Browser) -> str:
    found = browser.get_cookie("massivesms")
    assert found is not None
    return found.value


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account/").status_code == 200


def test_a_visitor_is_sent_to_sign_in_and_back(anonymous: Browser) -> None:
    answer = anonymous.get("/account/?a=1")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/account/?a%3D1"


def test_after_signing_in_one_is_where_one_wanted_to_be(
    anonymous: Browser, db: Database
) -> None:
    add_user(db, "ana", "administrator")
    answer = anonymous.send(
        "/sign-in",
        {"name": "ana", "password": PASSWORD, "next": "/users/"},
        follow=False,
    )
    assert answer.location == "/users/"


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "x", ""]
)
def test_nobody_is_led_to_another_host(app: Flask, wanted: str) -> None:
    with app.test_request_context("/"):
        assert sign_in.safe_next(wanted) == "/"


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/campaigns/2", "/massivesms/campaigns/2"),
        ("/massivesms/campaigns/2?state=x", "/massivesms/campaigns/2?state=x"),
        ("/massivesms//evil.example", "/massivesms//evil.example"),
        ("//evil.example", "/massivesms/"),
    ],
)
def test_below_a_prefix_one_comes_back_with_or_without_it(
    app: Flask, wanted: str, place: str
) -> None:
    with app.test_request_context("/", base_url="http://pbx/massivesms"):
        assert sign_in.safe_next(wanted) == place


def test_the_cookie_changes_at_sign_in(anonymous: Browser, db: Database) -> None:
    add_user(db, "ana", "administrator")
    anonymous.get("/sign-in")
    before = cookie(anonymous)
    anonymous.sign_in("ana", PASSWORD)
    assert cookie(anonymous) != before
    assert is_signed_in(anonymous)
    anonymous.set_cookie("massivesms", before)
    assert not is_signed_in(anonymous)


def test_the_cookie_is_closed_to_scripts_and_other_sites(anonymous: Browser) -> None:
    plain = anonymous.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    anonymous.delete_cookie("massivesms")
    secure = anonymous.get("/sign-in", base_url="https://pbx/").headers["Set-Cookie"]
    assert "Secure" in secure


def test_the_database_has_no_token_that_opens_a_session(
    client: Browser, db: Database
) -> None:
    with db.transaction() as tx:
        rows = tx.rows("SELECT HEX(token_hash) AS hash, data FROM web_session")
    assert rows and all(cookie(client) not in str(row) for row in rows)


def test_a_visitor_without_a_form_gets_no_session(
    anonymous: Browser, db: Database
) -> None:
    anonymous.get("/")
    anonymous.get("/static/app.css")
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM web_session") == 0


def test_the_old_cookie_is_dead_after_signing_out(client: Browser) -> None:
    old = cookie(client)
    client.send("/sign-out")
    client.set_cookie("massivesms", old)
    assert not is_signed_in(client)


def test_a_disabled_user_is_out_at_once(client: Browser, db: Database) -> None:
    add_user(db, "second", "administrator")
    with db.transaction() as tx:
        user = users.by_name(tx, "administrator-user")
        users.set_active(tx, user, False, Actor("second"))
    assert not is_signed_in(client)
    answer = client.sign_in("administrator-user", PASSWORD)
    assert answer.status_code == 401


def test_a_changed_password_ends_every_session(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        user = users.by_name(tx, "administrator-user")
        users.set_password(tx, user, user["password_hash"], Actor("x"))
    assert not is_signed_in(client)


def test_a_session_ends_after_its_time(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE web_session SET expires_at = UTC_TIMESTAMP(3)")
    assert not is_signed_in(client)


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


def test_a_fragment_sends_the_whole_page_to_sign_in(anonymous: Browser) -> None:
    answer = anonymous.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(
    client: Browser, db: Database
) -> None:
    """Only what a person does extends the session."""
    client.get("/")
    with db.transaction() as tx:
        tx.execute(
            "UPDATE web_session SET data = JSON_SET(data, '$._seen', 0),"
            " expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE"
        )
    soon = (
        "SELECT MAX(expires_at) < UTC_TIMESTAMP(3) + INTERVAL 1 HOUR FROM web_session"
    )
    client.get("/", headers={"HX-Request": "true"})
    with db.transaction() as tx:
        assert tx.value(soon) == 1
    client.get("/")
    with db.transaction() as tx:
        assert tx.value(soon) == 0


def test_an_operator_signs_in_too(client_as: ClientAs) -> None:
    assert is_signed_in(client_as("operator"))
