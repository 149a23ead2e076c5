"""Sessions: server-side, a new cookie at sign-in, dead as soon as they should be."""

from __future__ import annotations

from flask import Flask

from massivesms.store import users
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, add_user
from tests.web.test_users import NEW


def cookie(browser: Browser) -> str:
    found = browser.get_cookie("massivesms")
    assert found is not None
    return found.value


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account/").status_code == 200


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


def test_one_s_own_new_password_leaves_only_this_browser_signed_in(
    app: Flask, client: Browser
) -> None:
    other = app.test_client()
    assert isinstance(other, Browser)
    other.sign_in("administrator-user", PASSWORD)
    old = cookie(client)
    values = {"present": PASSWORD, "password": NEW, "repeated": NEW}
    client.send("/account/password", values)
    assert is_signed_in(client) and not is_signed_in(other)
    assert cookie(client) != old
    client.set_cookie("massivesms", old)
    assert not is_signed_in(client)


def test_a_removed_user_is_out_at_once(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    user_id = add_user(db, "ana", "operator")
    anonymous.sign_in("ana", PASSWORD)
    client.send(f"/users/{user_id}/remove")
    assert not is_signed_in(anonymous)


def test_a_cookie_that_was_made_up_opens_nothing(anonymous: Browser) -> None:
    for made_up in ("", "x", "x" * 5000, "' OR 1=1 -- ", "\x00", "AAAA" * 11):
        anonymous.set_cookie("massivesms", made_up)
        assert not is_signed_in(anonymous)
