"""Roles: a name and what it may open."""

from __future__ import annotations

from massivesms.store import roles
from massivesms.store.db import Database, Row
from tests.web.browser import Browser
from tests.web.conftest import add_user


def stored(db: Database, name: str) -> Row:
    with db.transaction() as tx:
        return roles.by_name(tx, name)


def test_a_new_role_opens_what_was_ticked(
    client: Browser, db: Database, anonymous: Browser
) -> None:
    client.send("/roles/new", {"name": "Recepción", "permissions": ["send"]})
    assert stored(db, "Recepción")["permissions"] == {"send"}
    add_user(db, "eva", "Recepción")
    anonymous.sign_in("eva", "correct horse battery")
    assert anonymous.get("/send/").status_code == 200
    assert anonymous.get("/lists/").status_code == 403
    labels = anonymous.page("/").text
    assert "Lists" not in labels and "Trunks" not in labels


def test_a_role_is_changed(client: Browser, db: Database) -> None:
    role = stored(db, "operator")
    values = {"name": "operator", "permissions": ["send", "campaigns", "lists"]}
    page = client.page(f"/roles/{role['id']}")
    assert page.html.count("checked") == 3
    client.send(f"/roles/{role['id']}", {**values, "permissions": ["send"]})
    assert stored(db, "operator")["permissions"] == {"send"}
    client.send(f"/roles/{role['id']}", values)
    assert len(stored(db, "operator")["permissions"]) == 3


def test_a_permission_that_does_not_exist_is_refused(
    client: Browser, db: Database
) -> None:
    answer = client.send("/roles/new", {"name": "x", "permissions": ["everything"]})
    assert answer.status_code == 422


def test_a_name_that_is_taken_is_refused(client: Browser) -> None:
    html = client.send("/roles/new", {"name": "operator", "permissions": []}).text
    assert "already a role called operator" in html


def test_the_administrators_role_cannot_be_changed(
    client: Browser, db: Database
) -> None:
    role = stored(db, "administrator")
    assert client.get(f"/roles/{role['id']}").status_code == 404
    client.send(f"/roles/{role['id']}/remove")
    assert stored(db, "administrator")


def test_a_role_that_somebody_has_stays(client: Browser, db: Database) -> None:
    client.send("/roles/new", {"name": "Recepción", "permissions": ["send"]})
    add_user(db, "eva", "Recepción")
    role = stored(db, "Recepción")
    html = client.send(f"/roles/{role['id']}/remove").text
    assert "Give them another one first" in html
    assert stored(db, "Recepción")
