"""massivesms blocked: add, remove, list, import; and what send says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pymysql
import pytest

from massivesms.store.db import Database
from tests.cli.conftest import Run
from tests.servers.mariadb import PrivateMariaDB

SPAIN = {
    "country_code": "34",
    "mobile_prefixes": "6,7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
}
Ask = Callable[..., None]


@pytest.fixture(autouse=True)
def _in_spain(run: Run) -> None:
    for name, value in SPAIN.items():
        run("config", "set", name, value)


@pytest.fixture
def call_centre(mariadb: PrivateMariaDB) -> Iterator[Ask]:
    """The database of Issabel's call centre, empty."""
    mariadb.create_database("call_center")
    with pymysql.connect(
        **mariadb.connect_args, database="call_center", autocommit=True
    ) as connection:

        def ask(sql: str, *values: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)

        yield ask
    mariadb.drop_database("call_center")


def numbers(run: Run) -> list[str]:
    return [row["number"] for row in run("blocked", "list", "--json").done().json_lines]


def test_a_number_is_blocked_listed_and_let_go(process: Run, run: Run) -> None:
    said = process("blocked", "add", "600 111 222", "--reason", "asked").done()
    assert said.out == "+34600111222 is blocked now.\n"
    again = run("blocked", "add", "+34600111222, 600111223", "--json").done()
    assert again.json == {"added": ["+34600111223"], "already": ["+34600111222"]}
    [first, _] = run("blocked", "list", "--json").done().json_lines
    assert first["number"] == "+34600111222"
    assert (first["source"], first["reason"]) == ("manual", "asked")
    assert first["created_at"].endswith("+00:00")
    assert "By hand" in run("blocked", "list").done().out
    said = run("blocked", "remove", "600111222").done()
    assert said.out == "+34600111222 gets messages again.\n"
    assert numbers(run) == ["+34600111223"]
    run("blocked", "remove", "600111222").refused("+34600111222 is not blocked")


def test_what_is_no_number_is_refused_and_nothing_is_blocked(run: Run) -> None:
    run("blocked", "add", "600111222, 911223344").refused("911223344", "mobile")
    run("blocked", "add", "").refused("at least one number")
    run("blocked", "add", "600111222", "--reason", "x" * 161).refused("161 characters")
    run("blocked", "remove", "x").refused("not a phone number")
    run("blocked", "import").misused("--dont-call")
    assert numbers(run) == []


def test_send_refuses_a_blocked_number_at_once(run: Run, db: Database) -> None:
    run("blocked", "add", "600111222")
    run("send", "600111222", "Hola", "--queue").refused("+34600111222 is blocked")
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM message") == 0


def test_the_do_not_call_list_is_taken_again_and_again(
    run: Run, call_centre: Ask
) -> None:
    call_centre(
        "CREATE TABLE dont_call (id int PRIMARY KEY AUTO_INCREMENT,"
        " caller_id varchar(15) NOT NULL, date_income datetime,"
        " status varchar(1) NOT NULL DEFAULT 'I') DEFAULT CHARSET=latin1"
    )
    entries = [
        ("600111222", "A"),
        ("0034600111223", "A"),
        ("600 111 222", "A"),
        ("600111224", "I"),
        ("911223344", "A"),
        ("anonymous", "A"),
        ("", "A"),
    ]
    for entry in entries:
        call_centre("INSERT INTO dont_call (caller_id, status) VALUES (%s, %s)", *entry)
    first = run("blocked", "import", "--dont-call", "--json").done().json
    assert {k: first[k] for k in ("added", "already", "not_numbers")} == {
        "added": 2,
        "already": 1,
        "not_numbers": 3,
    }
    assert [bad["number"] for bad in first["bad"]] == ["911223344", "anonymous", ""]
    assert numbers(run) == ["+34600111222", "+34600111223"]

    call_centre("UPDATE dont_call SET status = 'A'")
    again = run("blocked", "import", "--dont-call").done().out
    assert again.startswith("1 numbers blocked, 3 were already, 3 are no numbers")
    assert numbers(run)[-1] == "+34600111224"


def test_a_list_of_another_age_is_read_too(run: Run, call_centre: Ask) -> None:
    call_centre("CREATE TABLE dont_call (caller_id varchar(15))")
    call_centre(
        "INSERT INTO dont_call SELECT CONCAT('6', LPAD(seq, 8, '0')) FROM seq_1_to_5003"
    )
    done = run("blocked", "import", "--dont-call", "--json").done().json
    assert done["added"] == len(numbers(run)) == 5003


def test_without_a_call_centre_it_is_said_what_to_do(
    run: Run, mariadb: PrivateMariaDB
) -> None:
    run("blocked", "import", "--dont-call").refused("massivesms setup")
