"""The user commands: roles, passwords hard to guess, the last administrator."""

from __future__ import annotations

import pytest

from massivesms import passwords
from massivesms.store import pbx_users, users, web_sessions
from massivesms.store.db import Database
from tests.cli.conftest import Ran, Run

PASSWORD = "correct horse battery"


def add(run: Run, name: str = "ana", role: str = "administrator") -> Ran:
    words = ("user", "add", name, "--role", role, "--password-stdin")
    return run(*words, input=PASSWORD + "\n")


def test_a_user_is_added_listed_and_disabled(process: Run, db: Database) -> None:
    add(process, "ana").done()
    add(process, "eva", "operator").done()
    process("user", "disable", "eva").done()
    found = process("user", "list", "--json").done().json
    assert [(u["name"], u["role"], u["active"]) for u in found] == [
        ("ana", "administrator", True),
        ("eva", "operator", False),
    ]
    with db.transaction() as tx:
        stored = users.by_name(tx, "ana")["password_hash"]
    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, PASSWORD)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        pytest.param("short1", ["at least 10 characters"], id="short"),
        pytest.param("", ["at least"], id="empty"),
        pytest.param("1234567890", ["easy to guess"], id="common"),
        pytest.param("ana-ana-ana-1", ["easy to guess"], id="own name"),
        pytest.param("aaaaaaaaaaaa", ["easy to guess"], id="one letter"),
        pytest.param("x y z" * 60, ["too long"], id="long"),
    ],
)
def test_a_weak_password_is_refused_and_nobody_is_added(
    run: Run, password: str, words: list[str]
) -> None:
    base = ("user", "add", "ana", "--role", "operator", "--password-stdin")
    run(*base, input=password + "\n").refused(*words)
    assert run("user", "list", "--json").json == []


def test_a_password_that_is_not_utf_8_makes_no_traceback(run: Run) -> None:
    base = ("user", "add", "ana", "--role", "operator", "--password-stdin")
    ran = run(*base, input=b"caf\xe9 con leche\n")
    assert ran.code in (0, 1)
    assert "Traceback" not in ran.err


def test_an_unknown_role_is_refused_with_those_there_are(run: Run) -> None:
    ran = add(run, role="king")
    ran.refused("no role called king", "administrator", "supervisor", "operator")


def test_a_name_that_is_taken_is_refused(run: Run) -> None:
    add(run).done()
    add(run, role="operator").refused("already a user called ana")


@pytest.mark.parametrize(("length", "fits"), [(64, True), (65, False)])
def test_a_name_is_as_long_as_the_database_allows(
    run: Run, length: int, fits: bool
) -> None:
    ran = add(run, "x" * length)
    assert ran.code == 0 if fits else ran.refused("64 are the most")


def test_the_last_administrator_is_kept(run: Run) -> None:
    add(run, "ana").done()
    add(run, "eva", "operator").done()
    run("user", "disable", "ana").refused("only one left")
    add(run, "luz", "administrator").done()
    run("user", "disable", "ana").done()
    run("user", "disable", "luz").refused("only one left")
    run("user", "enable", "ana").done()
    run("user", "disable", "luz").done()


def test_a_new_password_ends_the_sessions(run: Run, db: Database) -> None:
    add(run).done()
    with db.transaction() as tx:
        user_id = users.by_name(tx, "ana")["id"]
        web_sessions.save(tx, b"h" * 32, user_id, "{}", 600, is_new=True)
    new = "another fine password"
    run("user", "password", "ana", "--password-stdin", input=new + "\n").done()
    with db.transaction() as tx:
        assert web_sessions.find(tx, b"h" * 32) is None
        assert passwords.matches(users.by_name(tx, "ana")["password_hash"], new)


def test_without_stdin_the_password_is_asked_for_twice(run: Run) -> None:
    words = ("user", "add", "ana", "--role", "operator")
    ran = run(*words, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert ran.code == 0
    assert PASSWORD not in ran.out + ran.err
    assert run(*words, input="").code == 1


@pytest.mark.parametrize("verb", ["disable", "enable", "password"])
def test_an_unknown_user_is_refused(run: Run, verb: str) -> None:
    run("user", verb, "nobody").refused("no user called nobody")


def test_wrong_usage_is_exit_status_2(run: Run) -> None:
    run("user", "add", "ana").misused("--role")
    run("user", "add").misused()


@pytest.mark.parametrize("verb", ["disable", "enable", "password"])
def test_users_of_the_pbx_are_seen_and_left_to_the_pages(
    run: Run, db: Database, verb: str
) -> None:
    with db.transaction() as tx:
        pbx_users.save(
            tx,
            source="issabel",
            name="maria",
            pbx_id="7",
            extension="",
            groups=(),
            role_id=None,
        )
    (row,) = run("user", "list", "--json").json
    assert (row["name"], row["source"], row["role"]) == (
        "maria@issabel",
        "issabel",
        None,
    )
    assert "maria@issabel" in run("user", "list").out
    run("user", verb, "maria@issabel").refused("is a user of the PBX")
    run("user", verb, "maria").refused("no user called maria")
