"""Users, roles, sessions and tries to sign in."""

from __future__ import annotations

import pytest

from massivesms.errors import StoreError
from massivesms.store import audit, roles, services, settings, users, web_sessions
from massivesms.store.db import Database, Row, Transaction
from tests.store import examples
from tests.store.examples import ANA

HASH = "$argon2id$v=19$not-a-real-one"
TOKEN, OTHER = b"t" * 32, b"o" * 32


def add(tx: Transaction, name: str, role: str = "administrator") -> Row:
    made = users.create(tx, name, roles.by_name(tx, role)["id"], HASH, ANA)
    row = users.by_id(tx, made)
    assert row is not None
    return row


def test_a_user_has_the_permissions_of_the_role(db: Database) -> None:
    with db.transaction() as tx:
        row = add(tx, "eva", "operator")
        assert (row["role"], row["active"]) == ("operator", True)
        assert row["permissions"] == {"send", "campaigns", "lists"}
        assert users.find(tx, "nobody") is None
        assert [u["name"] for u in users.all_users(tx)] == ["eva"]


def test_a_taken_name_is_refused_whatever_its_case(db: Database) -> None:
    with db.transaction() as tx:
        add(tx, "ana")
    with pytest.raises(StoreError, match="already a user"), db.transaction() as tx:
        add(tx, "ANA")


@pytest.mark.parametrize("change", ["disable", "remove", "role"])
def test_the_last_administrator_is_kept(db: Database, change: str) -> None:
    with db.transaction() as tx:
        last, off = add(tx, "ana"), add(tx, "luz")
        add(tx, "eva", "operator")
        users.set_active(tx, off, False, ANA)
        operator = roles.by_name(tx, "operator")["id"]

    def apply(user: Row) -> None:
        with db.transaction() as tx:
            if change == "disable":
                users.set_active(tx, user, False, ANA)
            elif change == "remove":
                users.remove(tx, user, ANA)
            else:
                users.set_role(tx, user, operator, ANA)

    with pytest.raises(StoreError, match="ana is the only one left"):
        apply(last)
    with db.transaction() as tx:
        users.set_active(tx, off, True, ANA)
    apply(last)


def test_a_disabled_administrator_may_go(db: Database) -> None:
    with db.transaction() as tx:
        add(tx, "ana")
        other = add(tx, "luz")
        users.set_active(tx, other, False, ANA)
        row = users.by_id(tx, other["id"])
        assert row is not None
        users.remove(tx, row, ANA)


def test_a_role_that_the_last_administrators_have_keeps_its_permission(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made = roles.create(tx, "chief", ["users", "send"], ANA)
        add(tx, "ana", "chief")
    with pytest.raises(StoreError, match="may manage users"), db.transaction() as tx:
        roles.update(tx, made, "chief", ["send"], ANA)
    with db.transaction() as tx:
        add(tx, "luz", "administrator")
        roles.update(tx, made, "chief", ["send"], ANA)


@pytest.mark.parametrize("change", ["disable", "remove", "password"])
def test_a_user_s_sessions_end_with_every_serious_change(
    db: Database, change: str
) -> None:
    with db.transaction() as tx:
        user, other = add(tx, "ana"), add(tx, "luz")
        web_sessions.save(tx, TOKEN, user["id"], "{}", 600, is_new=True)
        web_sessions.save(tx, OTHER, other["id"], "{}", 600, is_new=True)
        if change == "disable":
            users.set_active(tx, user, False, ANA)
        elif change == "remove":
            users.remove(tx, user, ANA)
        else:
            users.set_password(tx, user, HASH + "2", ANA)
        assert web_sessions.find(tx, TOKEN) is None
        assert web_sessions.find(tx, OTHER)


# --- roles ----------------------------------------------------------------------


def test_a_role_is_made_changed_and_removed_when_nobody_has_it(db: Database) -> None:
    with db.transaction() as tx:
        made = roles.create(tx, "clerk", {"send", "lists"}, ANA)
        roles.update(tx, made, "clerks", {"send"}, ANA)
        row = roles.by_id(tx, made)
        assert row is not None
        assert (row["name"], row["permissions"]) == ("clerks", {"send"})
        user = add(tx, "eva", "clerks")
    with pytest.raises(StoreError, match="Users have the role"), db.transaction() as tx:
        roles.remove(tx, row, ANA)
    with db.transaction() as tx:
        users.set_role(tx, user, roles.by_name(tx, "operator")["id"], ANA)
        roles.remove(tx, row, ANA)
        assert [r["name"] for r in roles.all_roles(tx)][0] == "administrator"


def test_the_administrator_s_role_cannot_be_changed_or_removed(db: Database) -> None:
    with db.transaction() as tx:
        row = roles.by_name(tx, "administrator")
        roles.update(tx, row["id"], "king", {"send"}, ANA)
        assert roles.by_name(tx, "administrator") == row
    with pytest.raises(StoreError), db.transaction() as tx:
        roles.remove(tx, row, ANA)


def test_a_role_s_name_is_unique_and_an_unknown_one_is_said(db: Database) -> None:
    with pytest.raises(StoreError, match="already a role"), db.transaction() as tx:
        roles.create(tx, "Operator", {"send"}, ANA)
    with pytest.raises(StoreError, match="The roles are:"), db.transaction() as tx:
        roles.by_name(tx, "king")


# --- sessions and tries -----------------------------------------------------------


def test_a_session_lives_until_it_expires_or_is_ended(db: Database) -> None:
    with db.transaction() as tx:
        web_sessions.save(tx, TOKEN, None, '{"a": 1}', 600, is_new=True)
        web_sessions.save(tx, TOKEN, 5, '{"a": 2}', 600, is_new=False)
        assert web_sessions.find(tx, TOKEN) == {"user_id": 5, "data": '{"a": 2}'}
        web_sessions.save(tx, OTHER, None, "{}", 0, is_new=True)
        assert web_sessions.find(tx, OTHER) is None
        web_sessions.delete(tx, TOKEN)
        assert web_sessions.find(tx, TOKEN) is None


def test_a_session_that_was_ended_is_not_brought_back(db: Database) -> None:
    with db.transaction() as tx:
        web_sessions.save(tx, TOKEN, 5, "{}", 600, is_new=True)
        web_sessions.delete(tx, TOKEN)
        web_sessions.save(tx, TOKEN, 5, "{}", 600, is_new=False)
        assert web_sessions.find(tx, TOKEN) is None


def test_failed_tries_are_counted_by_name_and_by_address(db: Database) -> None:
    with db.transaction() as tx:
        for name, address in (("ana", "::1"), ("ANA", "::2"), ("eva", "::1")):
            web_sessions.record_attempt(tx, name, address)
        web_sessions.record_attempt(tx, "x" * 99, "y" * 99)
        assert web_sessions.attempts(tx, "ana", "::1", 60) == (2, 2)
        assert web_sessions.attempts(tx, "x" * 99, "y" * 99, 60) == (1, 1)
        tx.execute("UPDATE sign_in_attempt SET at = at - INTERVAL 61 SECOND")
        assert web_sessions.attempts(tx, "ana", "::1", 60) == (0, 0)
        web_sessions.record_attempt(tx, "ana", "::1")
        web_sessions.forgive(tx, "ana")
        assert web_sessions.attempts(tx, "ana", "::1", 600) == (0, 1)


def test_the_purge_takes_what_has_expired_and_no_more(db: Database) -> None:
    with db.transaction() as tx:
        web_sessions.save(tx, TOKEN, None, "{}", 600, is_new=True)
        web_sessions.save(tx, OTHER, None, "{}", -1, is_new=True)
        web_sessions.record_attempt(tx, "old", "::1")
        tx.execute("UPDATE sign_in_attempt SET at = at - INTERVAL 25 HOUR")
        web_sessions.record_attempt(tx, "new", "::1")
        web_sessions.purge(tx)
        assert tx.value("SELECT COUNT(*) FROM web_session") == 1
        assert tx.value("SELECT GROUP_CONCAT(user_name) FROM sign_in_attempt") == "new"


# --- the small rooms --------------------------------------------------------------


def test_settings_are_stored_and_replaced(db: Database) -> None:
    with db.transaction() as tx:
        assert settings.load(tx) == {}
        settings.save(tx, {"country_code": "34", "language": "es"})
        settings.save(tx, {"country_code": "56"})
        assert settings.load(tx) == {"country_code": "56", "language": "es"}


def test_a_service_is_running_while_its_heartbeat_is_young(db: Database) -> None:
    with db.transaction() as tx:
        services.register(tx, "host/1/a", "host", 1, "0.1.0")
        services.register(tx, "host/1/a", "host", 1, "0.1.0")
        assert [row["owner"] for row in services.running(tx)] == ["host/1/a"]
        old = "UPDATE service_instance SET heartbeat_at = heartbeat_at - INTERVAL"
        tx.execute(f"{old} {services.ALIVE_S + 1} SECOND")
        assert services.running(tx) == []
        services.purge(tx)
        assert tx.value("SELECT COUNT(*) FROM service_instance") == 1
        tx.execute(f"{old} 1 HOUR")
        services.purge(tx)
        assert tx.value("SELECT COUNT(*) FROM service_instance") == 0


def test_the_audit_is_read_newest_first_by_key(db: Database) -> None:
    with db.transaction() as tx:
        for n in range(5):
            audit.record(tx, ANA, "list.create", f"L{n} " + "x" * 200, {"n": n})
        first = audit.page(tx, limit=2)
        second = audit.page(tx, before=first[-1]["id"], limit=9)
    found = first + second
    assert [row["details"]["n"] for row in found] == [4, 3, 2, 1, 0]
    assert {len(row["subject"]) for row in found} == {160}
    assert found[0]["address"] == ANA.address
    assert examples.audited(db)[0] == "list.create"
