"""Users of the PBX among ours: who they are, what they may, what is shown of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.store import pbx_groups, roles, users
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.pbx.handing_over import enter, stored, with_pbx
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, add_user

ANA = Actor("ana")


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    return with_pbx(config, tmp_path)


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


def test_another_entry_of_the_menu_keeps_the_session_and_is_no_news(
    anonymous: Browser, db: Database
) -> None:
    enter(anonymous)
    token = anonymous.token()
    cookie = anonymous.get_cookie("massivesms")
    assert enter(anonymous, target="lists").location == "/lists/"
    assert anonymous.get_cookie("massivesms") == cookie
    kept = {"language": "en", "next": "/", "csrf_token": token}
    assert anonymous.post("/language", data=kept).status_code == 302
    with db.transaction() as tx:
        entries = tx.tuples("SELECT action FROM audit ORDER BY id")
    assert entries == (("user.sign_in",), ("user.language",))


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
    assert "ventas" in known and len(known) == 7


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
