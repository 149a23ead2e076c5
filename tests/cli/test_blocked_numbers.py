"""massivesms blocked: add, remove, list, import; and what send says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

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


# --- by campaign ------------------------------------------------------------------


@pytest.fixture
def offer(run: Run, tmp_path: Path) -> str:
    """A campaign and a list; the campaign's name."""
    file = tmp_path / "numbers.csv"
    file.write_text("600111222\n600111223\n600111224\n")
    run("campaign", "create", "Offer", "--message", "x", "--csv", file).done()
    run("list", "create", "Customers", "--csv", file, "--again").done()
    return "Offer"


def test_a_number_is_blocked_for_a_campaign_only(run: Run, offer: str) -> None:
    run("blocked", "add", "600111222", "--campaign", offer).done()
    run("blocked", "add", "600111223").done()
    [row] = run("blocked", "list", "--campaign", offer, "--json").done().json_lines
    assert (row["number"], row["campaign"]) == ("+34600111222", "Offer")
    assert len(run("blocked", "list", "--json").done().json_lines) == 2
    assert run("blocked", "list", "--source", "file", "--json").done().out == ""
    run("blocked", "remove", "600111222").refused("not blocked")
    run("blocked", "remove", "600111222", "--campaign", offer).done()
    run("blocked", "add", "600111222", "--campaign", "nobody").refused("no campaign")


def test_a_file_is_imported_with_its_verdicts(
    run: Run, offer: str, tmp_path: Path
) -> None:
    file = tmp_path / "blocked.csv"
    file.write_text("600111222;Offer;\n600111223;\n600111224;Nada;\n600111223;\n")
    said = run("blocked", "import", "--csv", file).done().out
    assert said.startswith("2 numbers blocked, 1 were already, 1 refused.")
    assert "line 3: 600111224: There is no campaign called Nada." in said
    again = run("blocked", "import", "--csv", file, "--campaign", offer, "--json").json
    assert (again["added"], again["already"], again["refused"]) == (1, 2, 1)
    assert again["bad"][0]["line"] == 1
    run("blocked", "import").misused("--csv")
    run("blocked", "import", "--dont-call", "--csv", file).misused("--csv")
    run("blocked", "import", "--csv", tmp_path / "none.csv").refused("cannot be read")


def test_blocked_numbers_are_excluded_from_a_list(run: Run, offer: str) -> None:
    run("blocked", "add", "600111222").done()
    run("blocked", "add", "600111223", "--campaign", offer).done()
    apply = ("list", "apply-blocked", "Customers")
    assert run(*apply, "--count").done().out == "1 numbers of Customers are blocked.\n"
    assert run(*apply, "--count", "--campaign", offer, "--json").json == {"blocked": 2}
    assert run("list", "show", "Customers", "--json").json["excluded"] == 0
    assert run(*apply, "--campaign", offer, "--json").json == {"excluded": 2}
    assert run("list", "show", "Customers", "--json").json["excluded"] == 2
    assert "2 numbers" in run(*apply, "--undo").done().out
    assert run("list", "show", "Customers", "--json").json["included"] == 3
    run(*apply, "--undo", "--count").misused("alone")
    run("list", "apply-blocked", "nobody").refused("no list")
