"""Users: making, changing and shutting out, and nobody locks everybody out."""

from __future__ import annotations

import pytest

from massivesms.store import roles, users
from massivesms.store.db import Database, Row
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, add_user

NEW = "another long passphrase"


def role_id(db: Database, name: str) -> str:
    with db.transaction() as tx:
        return str(roles.by_name(tx, name)["id"])


def stored(db: Database, name: str) -> Row | None:
    with db.transaction() as tx:
        return users.find(tx, name)


def make(client: Browser, db: Database, **changed: str) -> str:
    values = {
        "name": "Íñigo",
        "role": role_id(db, "operator"),
        "password": NEW,
        "repeated": NEW,
        **changed,
    }
    return client.send("/users/new", values).text


def test_a_new_user_signs_in(client: Browser, db: Database, anonymous: Browser) -> None:
    assert "Íñigo" in make(client, db)
    assert anonymous.sign_in("Íñigo", NEW).status_code == 302


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "A name is missing"),
        ({"name": "x" * 65}, "64 are the most"),
        ({"name": "administrator-user"}, "already a user called"),
        ({"repeated": "different"}, "The two passwords differ"),
        ({"password": "short", "repeated": "short"}, "at least 10 characters"),
        ({"role": "999"}, "Choose one of the roles"),
    ],
    ids=["no name", "long", "taken", "not repeated", "short", "no role"],
)
def test_a_user_is_refused_in_words(
    client: Browser, db: Database, changed: dict[str, str], said: str
) -> None:
    assert said in make(client, db, **changed)
    with db.transaction() as tx:
        assert len(users.all_users(tx)) == 1


def test_what_was_typed_is_kept_but_never_a_password(
    client: Browser, db: Database
) -> None:
    html = make(client, db, repeated="different")
    assert "Íñigo" in html and NEW not in html


def test_a_role_and_a_password_are_changed(
    client: Browser, db: Database, anonymous: Browser
) -> None:
    user_id = add_user(db, "ana", "operator")
    client.send(f"/users/{user_id}/role", {"role": role_id(db, "supervisor")})
    values = {"password": NEW, "repeated": NEW}
    client.send(f"/users/{user_id}/password", values)
    user = stored(db, "ana")
    assert user and user["role"] == "supervisor"
    assert anonymous.sign_in("ana", NEW).status_code == 302


def test_a_user_is_shut_out_and_let_in(
    client: Browser, db: Database, anonymous: Browser
) -> None:
    user_id = add_user(db, "ana", "operator")
    anonymous.sign_in("ana", PASSWORD)
    client.send(f"/users/{user_id}/disable")
    assert anonymous.get("/account/").status_code == 302
    client.send(f"/users/{user_id}/enable")
    assert anonymous.sign_in("ana", PASSWORD).status_code == 302


def test_a_user_is_removed_after_a_confirmation(client: Browser, db: Database) -> None:
    user_id = add_user(db, "ana", "operator")
    assert "ana" in client.page(f"/users/{user_id}/remove").text
    assert stored(db, "ana")
    client.send(f"/users/{user_id}/remove")
    assert stored(db, "ana") is None


@pytest.mark.parametrize("action", ["disable", "remove"])
def test_nobody_shuts_himself_out(client: Browser, db: Database, action: str) -> None:
    add_user(db, "second", "administrator")
    myself = stored(db, "administrator-user")
    assert myself
    html = client.send(f"/users/{myself['id']}/{action}").text
    assert "yourself" in html
    still = stored(db, "administrator-user")
    assert still and still["active"]


def test_the_last_administrator_stays_one(client: Browser, db: Database) -> None:
    myself = stored(db, "administrator-user")
    assert myself
    values = {"role": role_id(db, "operator")}
    html = client.send(f"/users/{myself['id']}/role", values).text
    assert "the only one left" in html
