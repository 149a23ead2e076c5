"""The roles of the PBX's groups: who decides, who follows, and nobody locks up."""

from __future__ import annotations

from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store import audit, pbx_groups, roles
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.pbx.handing_over import form, with_pbx, words
from tests.web.browser import Browser


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    return with_pbx(config, tmp_path)


def role_id(db: Database, name: str) -> str:
    with db.transaction() as tx:
        return str(roles.by_name(tx, name)["id"])


def enter(browser: Browser, **changed: str) -> int:
    return browser.post("/sso", data=form(words(lang="en", **changed))).status_code


def choose(browser: Browser, **chosen: str) -> str:
    fields = {f"role:{name}": value for name, value in chosen.items()}
    return browser.send("/pbx-groups/", fields).text


def test_a_group_gives_its_members_a_role(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    assert enter(anonymous, privs="", groups="ventas") == 403
    assert "ventas" in client.page("/pbx-groups/").text
    choose(client, ventas=role_id(db, "supervisor"))
    assert enter(anonymous, privs="", groups="ventas") == 303
    assert anonymous.get("/trunks/").status_code == 200


def test_members_follow_at_once(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    enter(anonymous, groups="ventas")
    assert anonymous.get("/trunks/").status_code == 403
    choose(client, **{"*privilege:operator": role_id(db, "supervisor")})
    assert anonymous.get("/trunks/").status_code == 200
    choose(client, **{"*privilege:operator": ""})
    assert anonymous.get("/trunks/").status_code == 302
    assert "No access" in client.page("/users/").text


def test_everybody_else_gets_what_no_group_gives(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    assert enter(anonymous, privs="", groups="") == 403
    choose(client, **{"*everybody": role_id(db, "operator")})
    assert enter(anonymous, privs="", groups="") == 303


def test_each_change_is_written_down_once(client: Browser, db: Database) -> None:
    operator = role_id(db, "operator")
    choose(client, **{"*everybody": operator, "*administrators": "1"})
    choose(client, **{"*everybody": operator, "nobody": operator})
    with db.transaction() as tx:
        (row,) = audit.page(tx, audit.Filter(action="pbx_group.role"))
    assert (row["subject"], row["user_name"]) == ("*everybody", "administrator-user")
    assert row["details"] == {"role": [None, "operator"]}


@pytest.mark.parametrize("value", ["999", "x", "-1", " 1"])
def test_only_roles_can_be_chosen(client: Browser, db: Database, value: str) -> None:
    fields = {"role:*everybody": value}
    assert client.send("/pbx-groups/", fields).status_code == 400


def test_nobody_takes_the_page_from_himself(anonymous: Browser, db: Database) -> None:
    enter(anonymous, admin="1", privs="", groups="administrator")
    html = choose(anonymous, **{"*administrators": role_id(db, "operator")})
    assert "Nothing was changed: you could not open this page any more" in html
    assert anonymous.get("/pbx-groups/").status_code == 200
    with db.transaction() as tx:
        found = {r["name"]: r["role"] for r in pbx_groups.all_groups(tx, "issabel")}
    assert found["*administrators"] == "administrator"


def test_a_role_of_a_group_is_not_removed(client: Browser, db: Database) -> None:
    html = client.send(f"/roles/{role_id(db, 'operator')}/remove").text
    assert "Groups of the PBX have the role operator" in html


def test_only_who_manages_users_sees_the_groups(anonymous: Browser) -> None:
    enter(anonymous, privs="supervisor")
    assert anonymous.get("/pbx-groups/").status_code == 403


def test_names_with_spaces_and_signs_are_names(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    name = 'Ventas & "Post" <venta>: ñ'
    enter(anonymous, privs="", groups=name)
    choose(client, **{name: role_id(db, "operator")})
    assert enter(anonymous, privs="", groups=name) == 303
    assert enter(anonymous, privs="", groups=name.upper()) == 403


def test_the_groups_of_one_pbx_are_not_those_of_the_other(db: Database) -> None:
    with db.transaction() as tx:
        pbx_groups.note(tx, "issabel", ["ventas"], [])
        pbx_groups.set_roles(tx, "issabel", {"ventas": 3}, Actor("ana"))
        assert pbx_groups.role_of(tx, "issabel", ["ventas"]) == 3
        assert pbx_groups.role_of(tx, "freepbx", ["ventas"]) is None
