"""Coming in by the PBX's menu: who is let in, and everything that is refused.

ASVS 9.1.1, 9.2.1, 9.2.3: expired, altered, replayed, for others: 401.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.store import pbx_users
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms_web import sessions
from tests.pbx.handing_over import enter, form, stored, with_pbx, words
from tests.web.browser import Browser, Page

OTHER_KEY = "f" * 64
ANA = Actor("ana")


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    return with_pbx(config, tmp_path)


def test_the_pbx_s_user_comes_in_and_goes_where_they_wanted(
    anonymous: Browser, db: Database
) -> None:
    answer = enter(anonymous)
    assert (answer.status_code, answer.location) == (303, "/campaigns/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    page = anonymous.page("/campaigns/")
    assert page.lang == "es"
    assert "maria@issabel" in page.text
    (user,) = stored(db)
    assert (user["name"], user["pbx_id"], user["extension"]) == ("maria", "7", "101")
    assert (user["role"], user["password_hash"]) == ("operator", "")
    assert user["signed_in_at"]


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("send", "/send/"),
        ("lists", "/lists/"),
        ("messages", "/messages/"),
        ("home", "/"),
        ("", "/"),
        ("evil", "/"),
    ],
)
def test_the_page_that_is_asked_for_is_one_of_a_few_words(
    anonymous: Browser, target: str, place: str
) -> None:
    assert enter(anonymous, target=target).location == place


@pytest.mark.parametrize("target", ["//evil.example", "http://evil.example", "/x"])
def test_an_address_is_no_page(anonymous: Browser, target: str) -> None:
    assert enter(anonymous, target=target).status_code == 401


# --- what is refused ----------------------------------------------------------------


def refused(browser: Browser, db: Database, data: dict[str, str]) -> Page:
    answer = browser.post("/sso", data=data)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert not stored(db)
    assert browser.get("/campaigns/").status_code == 302
    return Page(answer.text)


def test_each_altered_word_is_refused(anonymous: Browser, db: Database) -> None:
    given = words()
    data = form(given)
    for field in given:
        other = {"admin": "1", "iat": "1"}.get(field, given[field] + "0")
        altered = urlencode({**given, field: other})
        page = refused(anonymous, db, {**data, "token": altered})
        assert "from the menu of the PBX" in page.text, field


def test_what_does_not_hold_is_refused(anonymous: Browser, db: Database) -> None:
    now = int(words()["iat"])
    for data in (
        {},
        form(words(), OTHER_KEY),
        form(words(aud="other")),
        form(words(source="freepbx")),
        form(words(iat=str(now - 120), exp=str(now - 60))),
        {**form(), "padding": "x" * 20_000},
    ):
        refused(anonymous, db, data)


def test_a_hand_over_opens_a_session_once(app: Flask, anonymous: Browser) -> None:
    data = form()
    assert anonymous.post("/sso", data=data).status_code == 303
    second = app.test_client()
    assert second.post("/sso", data=data).status_code == 401
    assert second.get("/campaigns/").status_code == 302


def test_of_two_at_once_exactly_one_comes_in(app: Flask) -> None:
    data = form()
    with ThreadPoolExecutor(8) as pool:
        clients = [app.test_client() for _ in range(8)]
        answers = pool.map(lambda c: c.post("/sso", data=data).status_code, clients)
    assert sorted(answers) == [303, *[401] * 7]


def test_a_page_of_another_host_signs_nobody_in(
    anonymous: Browser, db: Database
) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:81"):
        answer = anonymous.post("/sso", data=form(), headers={"Origin": origin})
        assert answer.status_code == 401
    assert not stored(db)
    data = form()
    answer = anonymous.post("/sso", data=data, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303


def test_a_header_makes_nobody_of_anyone(anonymous: Browser) -> None:
    headers = dict.fromkeys(("X-Forwarded-User", "Remote-User", "X-Remote-User"), "ana")
    assert anonymous.get("/", headers=headers).status_code == 302


@pytest.mark.parametrize(
    "harm",
    [
        lambda key: key.unlink(),
        lambda key: key.write_text("not a key"),
        lambda key: key.write_text("ab" * 31),
        lambda key: key.chmod(0o644),
    ],
    ids=["missing", "damaged", "short", "readable by others"],
)
def test_a_key_that_cannot_be_used_is_said(
    anonymous: Browser, db: Database, config: Config, harm: object
) -> None:
    assert callable(harm)
    harm(config.sso_key_file)
    page = refused(anonymous, db, form())
    assert "massivesms setup" in page.text


def test_without_a_pbx_nobody_is_handed_over(app: Flask, tmp_path: Path) -> None:
    house = app.extensions["massivesms"]
    alone = with_pbx(house.config, tmp_path, kind="")
    app.extensions["massivesms"] = type(house)(alone, house.db, house.vault)
    browser = app.test_client()
    for source in ("", "issabel"):
        answer = browser.post("/sso", data=form(words(source=source)))
        assert answer.status_code == 401


def test_no_word_of_a_hand_over_is_in_the_log(
    anonymous: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    data, used = form(), form()
    data["token"] += "x"
    anonymous.post("/sso", data=data)
    anonymous.post("/sso", data=used)
    anonymous.post("/sso", data=used)
    assert "hand-over from the PBX by 127.0.0.1 refused: signature" in caplog.text
    assert "hand-over from the PBX by 127.0.0.1 refused: used" in caplog.text
    for secret in (data["token"][:40], data["signature"], used["signature"], "nonce"):
        assert secret not in caplog.text


def test_used_hand_overs_are_forgotten_in_time(
    anonymous: Browser, db: Database
) -> None:
    enter(anonymous)
    with db.transaction() as tx:
        pbx_users.purge(tx)
        assert tx.value("SELECT COUNT(*) FROM sso_nonce") == 1
        tx.execute("UPDATE sso_nonce SET expires_at = expires_at - INTERVAL 61 MINUTE")
        pbx_users.purge(tx)
        assert tx.value("SELECT COUNT(*) FROM sso_nonce") == 0


# --- the session --------------------------------------------------------------------


def seconds_left(db: Database) -> int:
    with db.transaction() as tx:
        left = "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), MAX(expires_at))"
        return int(tx.value(f"{left} FROM web_session"))


def test_a_session_of_the_pbx_ends_sooner_than_ours(
    anonymous: Browser, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(anonymous)
    assert 3500 < seconds_left(db) <= 3600
    monkeypatch.setattr(sessions, "PBX_LIFETIME_S", 100)
    enter(anonymous)
    assert seconds_left(db) <= 100


@pytest.mark.parametrize(
    ("headers", "is_framed"),
    [
        ({}, True),  # without TLS browsers do not say
        ({"Sec-Fetch-Dest": "iframe"}, True),
        ({"Sec-Fetch-Dest": "empty"}, True),
        ({"Sec-Fetch-Dest": "document"}, False),
    ],
    ids=str,
)
def test_pages_know_that_they_are_in_the_frame(
    anonymous: Browser, headers: dict[str, str], is_framed: bool
) -> None:
    enter(anonymous)
    html = anonymous.get("/campaigns/", headers=headers).text
    assert ('class="framed"' in html) is is_framed


def test_our_own_pages_are_framed_only_when_the_browser_says_so(
    client: Browser,
) -> None:
    assert 'class="framed"' not in client.get("/").text
    framed = client.get("/", headers={"Sec-Fetch-Dest": "iframe"}).text
    assert 'class="framed"' in framed


def test_in_the_frame_an_ended_session_says_to_use_the_menu(
    anonymous: Browser,
) -> None:
    page = anonymous.page("/sign-in", headers={"Sec-Fetch-Dest": "iframe"})
    assert "Open the page again from the menu of the PBX" in page.text
