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
from werkzeug.test import TestResponse

from massivesms.config import Config
from massivesms.store import pbx_groups, pbx_users, roles, users
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms_web import sessions
from tests.pbx.handing_over import form, with_pbx, words
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, add_user

OTHER_KEY = "f" * 64
ANA = Actor("ana")


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    return with_pbx(config, tmp_path)


def stored(db: Database) -> list[Row]:
    with db.transaction() as tx:
        return [user for user in users.all_users(tx) if user["source"] != "own"]


def enter(browser: Browser, **changed: str) -> TestResponse:
    return browser.post("/sso", data=form(words(**changed)))


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
    assert "hand-over from the PBX refused: signature" in caplog.text
    assert "hand-over from the PBX refused: used" in caplog.text
    for secret in (data["token"][:40], data["signature"], used["signature"], "nonce"):
        assert secret not in caplog.text


# --- who they are -------------------------------------------------------------------


def test_a_user_of_the_pbx_is_not_ours_of_that_name(
    anonymous: Browser, app: Flask, db: Database
) -> None:
    add_user(db, "maria", "administrator")
    enter(anonymous)
    assert anonymous.get("/users/").status_code == 403
    ours = app.test_client()
    assert isinstance(ours, Browser)
    ours.sign_in("maria", PASSWORD)
    assert ours.get("/users/").status_code == 200
    assert ours.sign_in("maria@issabel", PASSWORD).status_code == 401


def test_nobody_of_the_pbx_signs_in_by_a_password(
    anonymous: Browser, db: Database
) -> None:
    enter(anonymous)
    fresh = anonymous.application.test_client()
    assert isinstance(fresh, Browser)
    for password in ("", "x", PASSWORD):
        assert fresh.sign_in("maria", password).status_code == 401


def test_the_same_id_under_another_name_is_another_person(
    anonymous: Browser, db: Database
) -> None:
    enter(anonymous)
    enter(anonymous, user="pedro")
    enter(anonymous, user="maria", uid="8")
    enter(anonymous, user="Maria")  # the same, written anew
    found = [(user["name"], user["pbx_id"]) for user in stored(db)]
    assert sorted(found) == [("Maria", "7"), ("maria", "8"), ("pedro", "7")]


def test_the_session_of_whoever_was_here_is_over(client: Browser, db: Database) -> None:
    (before,) = [c.value for c in client._cookies.values()]
    assert enter(client).status_code == 303
    assert client.get("/users/").status_code == 403
    old = client.application.test_client()
    old.set_cookie("massivesms", before)
    assert old.get("/users/").status_code == 302


@pytest.mark.parametrize(
    ("given", "role"),
    [
        ({"admin": "1", "privs": "", "groups": "administrator"}, "administrator"),
        ({"privs": "supervisor"}, "supervisor"),
        ({"privs": "operator\nsupervisor"}, "supervisor"),
        ({"privs": "operator"}, "operator"),
    ],
    ids=["administrator", "supervisor", "both", "operator"],
)
def test_the_pbx_s_rights_give_a_role(
    anonymous: Browser, db: Database, given: dict[str, str], role: str
) -> None:
    enter(anonymous, **given)
    assert [user["role"] for user in stored(db)] == [role]


def test_without_a_role_the_page_says_whom_to_ask(
    anonymous: Browser, db: Database
) -> None:
    answer = enter(anonymous, privs="", groups="ventas\n*administrators", lang="en")
    assert answer.status_code == 403
    page = Page(answer.text)
    assert "maria@issabel" in page.text and "ventas" in page.text
    assert "administrator can give a role" in page.text
    assert "administrators" not in page.text  # a group cannot call itself so
    assert anonymous.get("/account/").status_code == 302
    with db.transaction() as tx:
        known = {row["name"] for row in pbx_groups.all_groups(tx, "issabel")}
    assert "ventas" in known and len(known) == 5


def test_a_role_that_is_taken_away_in_the_pbx_ends_the_sessions(
    anonymous: Browser, app: Flask
) -> None:
    enter(anonymous)
    other = app.test_client()
    assert enter(other, privs="", groups="").status_code == 403  # type: ignore[arg-type]
    assert anonymous.get("/campaigns/").status_code == 302


def test_whoever_is_shut_out_stays_out(anonymous: Browser, db: Database) -> None:
    enter(anonymous)
    (user,) = stored(db)
    with db.transaction() as tx:
        users.set_active(tx, user, False, ANA)
    answer = enter(anonymous, lang="en")
    assert answer.status_code == 403
    assert "shut out" in answer.text
    assert anonymous.get("/campaigns/").status_code == 302


def test_the_language_chosen_here_goes_before_the_pbx_s(anonymous: Browser) -> None:
    enter(anonymous, lang="es_ES")
    assert anonymous.page("/campaigns/").lang == "es"
    anonymous.send("/language", {"language": "en", "next": "/campaigns/"})
    enter(anonymous, lang="es")
    assert anonymous.page("/campaigns/").lang == "en"


def test_a_language_that_we_do_not_have_changes_nothing(anonymous: Browser) -> None:
    enter(anonymous, lang="pt_BR")
    german_or_us = {"Accept-Language": "es"}
    assert anonymous.page("/campaigns/", headers=german_or_us).lang == "es"


def test_an_administrator_of_the_pbx_shows_us_its_groups(
    anonymous: Browser, db: Database
) -> None:
    enter(anonymous, admin="1", known="ventas\nsoporte\n*everybody")
    with db.transaction() as tx:
        rows = {r["name"]: r for r in pbx_groups.all_groups(tx, "issabel")}
    assert rows["soporte"]["seen_at"] is None
    assert rows["ventas"]["seen_at"] and rows["*administrators"]["seen_at"]


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


# --- our pages about them -----------------------------------------------------------


def test_their_account_has_no_password(anonymous: Browser) -> None:
    enter(anonymous, lang="en")
    page = anonymous.page("/account/")
    assert "password here" in page.text and "101" in page.text
    assert all("password" not in form["action"] for form in page.forms)
    assert anonymous.send("/account/password", {}).status_code == 404


def test_an_administrator_sees_them_shuts_them_out_and_gives_no_password(
    anonymous: Browser, client: Browser, db: Database
) -> None:
    enter(anonymous)
    (user,) = stored(db)
    assert "maria@issabel" in client.page("/users/").text
    page = client.page(f"/users/{user['id']}")
    assert "ventas" in page.text and "Issabel" in page.text
    for action in ("password", "role"):
        assert client.send(f"/users/{user['id']}/{action}", {}).status_code == 404
    client.send(f"/users/{user['id']}/disable")
    assert anonymous.get("/campaigns/").status_code == 302
    assert "comes back by the menu" in client.page(f"/users/{user['id']}/remove").text
    client.send(f"/users/{user['id']}/remove")
    assert not stored(db)


def test_what_they_do_is_written_under_their_full_name(
    anonymous: Browser, db: Database
) -> None:
    enter(anonymous, admin="1")
    anonymous.send(f"/users/{add_user(db, 'pepe', 'operator')}/disable")
    with db.transaction() as tx:
        found = dict(tx.tuples("SELECT action, user_name FROM audit"))
    assert found["user.disable"] == found["user.sign_in"] == "maria@issabel"


def test_none_of_ours_is_called_like_one_of_the_pbx(
    client: Browser, db: Database
) -> None:
    with db.transaction() as tx:
        role_id = str(roles.by_name(tx, "operator")["id"])
    for name in ("maria@issabel", "MARIA@FreePBX "):
        values = {"name": name, "role": role_id}
        given = {"password": PASSWORD, "repeated": PASSWORD}
        html = client.send("/users/new", {**values, **given}).text
        assert "those of users of the PBX" in html
    with db.transaction() as tx:
        assert len(users.all_users(tx)) == 1


def test_one_of_ours_who_manages_users_is_always_left(
    anonymous: Browser, client: Browser, db: Database
) -> None:
    enter(anonymous, admin="1", privs="", lang="en")
    with db.transaction() as tx:
        mine = users.by_name(tx, "administrator-user")
    html = anonymous.send(f"/users/{mine['id']}/disable").text
    assert "the only one left" in html


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
