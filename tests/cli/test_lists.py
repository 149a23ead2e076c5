"""The list commands: files, call records, single numbers, refusals."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store.db import Database
from tests.call_tables import LAYOUTS, CallTable, call_tables
from tests.cli.conftest import COMMAND, Run
from tests.servers.mariadb import PrivateMariaDB


@pytest.fixture
def customers(run: Run, numbers_csv: Path) -> str:
    run("list", "create", "Customers", "--csv", numbers_csv).done()
    return "Customers"


def test_a_list_is_created_shown_and_removed(process: Run, numbers_csv: Path) -> None:
    made = process("list", "create", "Customers", "--csv", numbers_csv).done()
    assert "3 numbers, 1 duplicates, 1 refused" in made.out
    assert "line 3: hello:" in made.out
    shown = process("list", "show", "Customers", "--json").done().json
    assert (shown["included"], shown["excluded"]) == (3, 0)
    first = {"number": "+34600111222", "excluded": False, "fields": {}}
    assert shown["numbers"][0] == first
    process("list", "remove", "Customers").done()
    process("list", "show", "Customers").refused("no list called Customers")


def test_a_list_is_shown_with_the_fields_of_its_contacts(
    run: Run, spain: None, tmp_path: Path
) -> None:
    file = tmp_path / "clients.csv"
    file.write_text(
        "Teléfono;Nombre;Saldo\n600111222;Ana;12,50\n600111223;\x1b[31mEva;\n"
    )
    run("list", "create", "Clients", "--csv", file).done()
    run("list", "exclude", "Clients", "600111222").done()
    found = run("list", "show", "Clients", "--json").done().json["numbers"]
    assert found[0]["fields"] == {"first_name": "Ana", "saldo": "12,50"}
    shown = run("list", "show", "Clients").done().out.splitlines()
    assert shown[1] == "+34600111222  excluded  first_name=Ana, saldo=12,50"
    assert shown[2] == "+34600111223  first_name= [31mEva"


def test_numbers_are_added_excluded_and_included(run: Run, customers: str) -> None:
    run("list", "add", customers, "600 111 225").done()
    run("list", "exclude", customers, "+34600111222").done()
    shown = run("list", "show", customers, "--json").json
    assert (shown["included"], shown["excluded"]) == (3, 1)
    assert "+34600111222  excluded" in run("list", "show", customers).out
    run("list", "include", customers, "0034600111222").done()
    assert run("list", "show", customers, "--json").json["included"] == 4


def test_a_second_file_adds_what_is_new(
    run: Run, customers: str, tmp_path: Path
) -> None:
    more = tmp_path / "more.csv"
    more.write_text("600111222\n600111299\n")
    ran = run("list", "import", customers, "--csv", more).done()
    assert "1 numbers, 1 duplicates, 0 refused" in ran.out
    assert "in the list already" in ran.out
    again = run("list", "import", customers, "--csv", more, "--again").done()
    assert "0 numbers, 2 duplicates" in again.out


def test_lists_are_listed_by_name(run: Run, customers: str, numbers_csv: Path) -> None:
    run("list", "create", "Álamo", "--csv", numbers_csv, "--again").done()
    found = run("list", "list", "--json").done().json
    assert [row["name"] for row in found] == ["Álamo", "Customers"]
    assert "Customers" in run("list", "list").done().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["add", "600111222"], "in it already", id="there already"),
        pytest.param(["add", "hello"], "hello", id="no number"),
        pytest.param(["add", "910111222"], "910111222", id="no mobile"),
        pytest.param(["add", "6001"], "6001", id="too short"),
        pytest.param(["exclude", "600999999"], "is not in the list", id="not in it"),
    ],
)
def test_a_bad_number_is_refused_and_changes_nothing(
    run: Run, customers: str, words: list[str], said: str
) -> None:
    verb, number = words
    run("list", verb, customers, number).refused(said)
    shown = run("list", "show", customers, "--json").json
    assert (shown["included"], shown["excluded"]) == (3, 0)


def test_a_refused_second_file_leaves_the_list_as_it_was(
    run: Run, customers: str, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    file.write_text("910111222\n911222333\n")
    run("list", "import", customers, "--csv", file).refused()
    assert run("list", "show", customers, "--json").json["included"] == 3


def test_a_name_that_is_taken_is_refused(
    run: Run, customers: str, numbers_csv: Path
) -> None:
    made = ("--csv", numbers_csv, "--again")
    run("list", "create", customers, *made).refused("already a list")
    run("list", "create", f" {customers} ", *made).refused("already")


@pytest.mark.parametrize(
    "name",
    [pytest.param(" ", id="blank"), "x" * 121, pytest.param("a\nb", id="line break")],
)
def test_a_bad_name_is_refused(run: Run, numbers_csv: Path, name: str) -> None:
    run("list", "create", name, "--csv", numbers_csv).refused("name")


def test_a_description_that_is_too_long_is_refused_in_words(
    run: Run, numbers_csv: Path
) -> None:
    base = ("list", "create", "L", "--csv", numbers_csv, "--description")
    run(*base, "x" * 256).refused("description", "255")
    run(*base, "x" * 255).done()


@pytest.mark.parametrize("verb", ["show", "remove", "add", "exclude", "include"])
def test_an_unknown_list_is_refused(run: Run, spain: None, verb: str) -> None:
    more = [] if verb in ("show", "remove") else ["600111222"]
    run("list", verb, "None", *more).refused("no list called None")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["create", "L"], id="no source"),
        pytest.param(["create", "L", "--csv", "x", "--cdr"], id="two sources"),
        pytest.param(["create", "L", "--cdr", "--sheet", "x"], id="sheet of calls"),
        pytest.param(["create", "L", "--cdr", "--again"], id="calls again"),
        pytest.param(["create", "L", "--cdr", "--from", "yesterday"], id="bad date"),
        pytest.param(["create", "L", "--cdr", "--answered", "--missed"], id="neither"),
        pytest.param(["create", "L", "--cdr", "--min-seconds", "-1"], id="seconds"),
        pytest.param(["create", "L", "--cdr", "--did", "<b>"], id="no number of ours"),
        pytest.param(["create", "L", "--csv", "x", "--count"], id="count of a file"),
        pytest.param(["create", "L", "--csv", "x", "--missed"], id="missed of a file"),
        pytest.param(["add", "L"], id="no number"),
        pytest.param(["create"], id="no name"),
    ],
)
def test_wrong_usage_is_exit_status_2(run: Run, words: list[str]) -> None:
    run("list", *words).misused()


def test_call_records_that_are_away_are_said(run: Run, spain: None) -> None:
    run("list", "create", "Calls", "--cdr").refused(
        "asteriskcdrdb", "cannot be reached"
    )
    assert run("list", "list", "--json").json == []


@pytest.mark.parametrize("word", [b"caf\xe9", b"\xff\xfe"])
def test_words_that_are_not_utf_8_are_refused_without_a_traceback(
    process: Run, numbers_csv: Path, word: bytes
) -> None:
    odd = word.decode("utf-8", "surrogateescape")
    process("list", "show", odd).refused()
    process("list", "create", odd, "--csv", numbers_csv).refused()
    process("list", "create", "L", "--csv", numbers_csv, "--description", odd).refused()
    process("campaign", "create", "C", "--message", odd, "--csv", numbers_csv).refused()


def test_a_file_whose_name_is_not_utf_8_is_loaded(
    process: Run, numbers_csv: Path
) -> None:
    odd = numbers_csv.with_name(b"caf\xe9.csv".decode("utf-8", "surrogateescape"))
    numbers_csv.rename(odd)
    process("list", "create", "Coffee", "--csv", odd).done()


@pytest.fixture
def pbx(mariadb: PrivateMariaDB, spain: None) -> Iterator[CallTable]:
    """Two calls that came in and were answered, one that went out in vain, one lost."""
    with call_tables(mariadb):
        table = CallTable(mariadb, "FreePBX 17")
        table.write(
            call("2026-01-01", "600111222", "101", did="910000001", billsec=60),
            call("2026-01-02", "101", "600111223", disposition="NO ANSWER"),
            call("2026-01-03", "600111224", "101", did="910000002", billsec=5),
            call("2026-01-04", "600111225", "101", disposition="NO ANSWER", did="1"),
        )
        yield table
        table.close()


def call(day: str, src: str, dst: str, **more: object) -> dict[str, object]:
    known = {"calldate": f"{day} 10:00", "src": src, "dst": dst}
    return {"disposition": "ANSWERED", **known, **more}


def test_the_call_records_make_a_list(process: Run, pbx: CallTable) -> None:
    first = process("list", "create", "Callers", "--cdr", "--to", "2026-01-03")
    assert "1 numbers" in first.done().out
    called = process("list", "create", "Called", "--cdr", "--callees")
    assert "1 numbers" in called.done().out
    process(*("list", "create", "None", "--cdr", "--callees", "--answered")).refused(
        "There is no number in it"
    )
    more = process("list", "import", "Callers", "--cdr", "--from", "2026-01-02")
    assert "2 numbers" in more.done().out
    found = process("list", "list", "--json").done().json
    assert {row["name"]: row["included"] for row in found} == {
        "Called": 1,
        "Callers": 3,
    }


@pytest.mark.parametrize(
    ("options", "accepted"),
    [
        ([], 3),
        (["--answered"], 2),
        (["--missed"], 1),
        (["--missed", "--callees"], 1),
        (["--did", "910000002"], 1),
        (["--did", "910000001,910000002"], 2),
        (["--did", "910000001", "--did", "910000002"], 2),
        (["--min-seconds", "6"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_counting_says_how_many_and_saves_nothing(
    run: Run,
    pbx: CallTable,
    options: list[str],
    accepted: int,
) -> None:
    counted = run("list", "create", "L", "--cdr", "--count", *options).done().out
    assert f"would give {accepted} numbers;" in counted
    assert "Nothing was saved" in counted
    assert run("list", "list", "--json").json == []


def test_counting_for_a_list_adds_nothing_to_it(
    run: Run, pbx: CallTable, customers: str
) -> None:
    counted = run("list", "import", customers, "--cdr", "--count").done().out
    assert "would give 3 numbers;" in counted
    assert run("list", "show", customers, "--json").json["included"] == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--missed"], "which calls were answered"),
        (["--did", "91"], "which number was dialled"),
        (["--min-seconds", "1"], "how long calls were"),
        (["--callees", "--did", "91"], "one of yours"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_an_old_pbx_does_not_record_is_refused(
    run: Run, pbx: CallTable, options: list[str], said: str
) -> None:
    pbx.run("CREATE OR REPLACE TABLE cdr " + LAYOUTS["nothing but numbers"])
    run("list", "create", "Calls", "--cdr", *options).refused(said)
    assert run("list", "list", "--json").json == []


def test_on_a_terminal_the_progress_is_shown(
    config: Config, db: Database, pbx: CallTable
) -> None:
    ours, theirs = os.openpty()
    command = [COMMAND, "--config", config.file, "list", "create", "Seen", "--cdr"]
    with subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE) as process:
        said, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert b"3 numbers" in said
    assert shown.startswith("\rReading the call records: 0 %")
    assert shown.rstrip().endswith("100 %")
