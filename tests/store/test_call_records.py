"""The call records of every PBX: what each layout can answer, and by which index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from massivesms.domain.calls import Outcome, Query
from massivesms.errors import ConfigError, ImportRefused
from massivesms.store import call_layouts, call_records
from massivesms.store.call_layouts import CallRecordsUnreadable
from massivesms.store.db import Database
from tests.call_tables import LAYOUTS, CallTable, call_tables, settings_of
from tests.servers.mariadb import PrivateMariaDB
from tests.store.sample_calls import (
    ANSWERED,
    CALLS,
    CASES,
    LOST,
    NEW,
    OLD,
    call,
)

MakeTable = Callable[[str], CallTable]
NUMERIC = {ANSWERED: 8, LOST: 0}


@pytest.fixture(scope="module", autouse=True)
def database(mariadb: PrivateMariaDB) -> Iterator[None]:
    with call_tables(mariadb):
        yield


@pytest.fixture
def make(mariadb: PrivateMariaDB) -> Iterator[MakeTable]:
    made: list[CallTable] = []

    def create(layout: str) -> CallTable:
        made.append(CallTable(mariadb, layout))
        return made[-1]

    yield create
    for table in made:
        table.close()


@pytest.mark.parametrize(
    ("case", "layout"),
    [(case, layout) for case, (_, wanted) in CASES.items() for layout in wanted],
)
def test_each_layout_answers_as_well_as_it_can(
    make: MakeTable, case: str, layout: str
) -> None:
    table = make(layout)
    table.write(*CALLS)
    query, wanted = CASES[case]
    assert set(call_records.numbers(table.settings, query)) == wanted[layout]


@pytest.mark.parametrize("layout", ["numbers and nulls", "words for dates"])
def test_other_types_than_usual_and_nulls_are_read(
    make: MakeTable, layout: str
) -> None:
    table = make(layout)
    is_numeric = layout == "numbers and nulls"
    rows = [
        call(1, 34600000001, 101, ANSWERED, billsec=40),
        call(2, 600000002, 101, LOST, linkedid="b.1"),
        call(2, None, None, LOST),
        {"calldate": None, "src": 600000003},
        call(3, 600000004, 101, ANSWERED, billsec=None, linkedid="b.2"),
    ]
    for row in rows:
        if is_numeric and "disposition" in row:
            row["disposition"] = NUMERIC[row["disposition"]]
    table.write(*rows)

    def found(**query: Any) -> set[str]:
        return set(call_records.numbers(table.settings, Query(**query)))

    assert found() == {"34600000001", "600000002", "600000004"}
    assert found(outcome=Outcome.ANSWERED) == {"34600000001", "600000004"}
    assert found(outcome=Outcome.MISSED) == {"600000002"}
    assert found(min_seconds=40) == {"34600000001"}
    two = datetime(2026, 3, 1, 10, 2)
    assert found(end=two) == {"34600000001"}
    assert found(start=two) == {"600000002", "600000004"}


def test_dates_of_broken_clocks_do_no_harm(make: MakeTable) -> None:
    table = make(OLD)
    dates = ("0000-00-00 00:00:00", "1970-01-01 00:00:03", "9999-12-31 23:59:59")
    table.write(*({"calldate": date, "src": "600000001"} for date in dates))
    table.write({"calldate": "2038-01-01 00:00:00", "src": "600000002"})
    assert list(call_records.numbers(table.settings, Query())) == ["600000002"]


LACKS = {
    "answered": (Query(outcome=Outcome.ANSWERED), "which calls were answered"),
    "missed": (Query(outcome=Outcome.MISSED), "which calls were answered"),
    "a number of ours": (Query(dids=("910000001",)), "which number was dialled"),
    "length": (Query(min_seconds=1), "how long calls were"),
}


@pytest.mark.parametrize("case", LACKS)
def test_what_a_layout_lacks_is_refused_in_words(make: MakeTable, case: str) -> None:
    query, said = LACKS[case]
    table = make("nothing but numbers")
    table.write(*CALLS)
    with pytest.raises(ImportRefused, match=said):
        list(call_records.numbers(table.settings, query))
    assert "600000001" in call_records.numbers(table.settings, Query())


def test_what_makes_no_sense_is_refused(make: MakeTable) -> None:
    table = make(NEW)
    with pytest.raises(ImportRefused, match="one of yours"):
        list(call_records.numbers(table.settings, Query(callees=True, dids=("91",))))
    with pytest.raises(ImportRefused, match="no length"):
        query = Query(outcome=Outcome.MISSED, min_seconds=3)
        list(call_records.numbers(table.settings, query))


def read_all(table: CallTable, query: Query, rows: int) -> list[str]:
    """All numbers, by windows of so many rows."""
    db = Database(table.settings)
    with db.transaction() as tx:
        layout = call_layouts.read(tx, "cdr")
        windows = call_records.plan(tx, layout, query, rows)
        found = [
            number
            for window in windows
            for (number,) in call_records.read(tx, layout, query, window)
        ]
    db.close()
    return found


@pytest.mark.parametrize("layout", [OLD, NEW, "words for dates"])
def test_windows_miss_no_call_and_give_none_twice(make: MakeTable, layout: str) -> None:
    table = make(layout)
    table.fill(1000)
    table.run(
        "UPDATE cdr SET calldate = '2026-01-01 03:00:00' WHERE src BETWEEN"
        " 600000100 AND 600000300"
    )  # more in a second than a window holds
    wanted = [str(600000000 + n) for n in range(1, 1001)]
    assert sorted(read_all(table, Query(), 70)) == wanted
    assert sorted(read_all(table, Query(), 1000)) == wanted
    assert sorted(read_all(table, Query(), 100_000)) == wanted


def test_a_window_holds_a_bounded_number_of_rows(make: MakeTable) -> None:
    table = make(NEW)
    table.fill(1000)
    db = Database(table.settings)
    with db.transaction() as tx:
        layout = call_layouts.read(tx, "cdr")
        windows = call_records.plan(tx, layout, Query(), 150)
        sizes = [len(call_records.read(tx, layout, Query(), w)) for w in windows]
    db.close()
    assert sizes == [150] * 6 + [100]


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_a_call_that_lies_in_two_windows_is_one_call(
    make: MakeTable, rows: int
) -> None:
    table = make(NEW)
    table.write(*CALLS)
    missed = read_all(table, Query(outcome=Outcome.MISSED), rows)
    assert {n for n in missed if n} == {"600000004", "101"}


QUERIES = {
    "callers": Query(),
    "callees": Query(callees=True),
    "answered": Query(outcome=Outcome.ANSWERED),
    "missed": Query(outcome=Outcome.MISSED),
    "a number of ours": Query(dids=("910000001",)),
    "length": Query(min_seconds=20),
}


@pytest.fixture(scope="module")
def busy(mariadb: PrivateMariaDB) -> Iterator[CallTable]:
    """Twenty thousand calls of FreePBX, with all of its indexes, and statistics."""
    table = CallTable(mariadb, NEW)
    table.fill(20_000)
    table.run("UPDATE cdr SET linkedid = src, uniqueid = src, did = '910000001'")
    table.run("RENAME TABLE cdr TO busy")
    table.run("ANALYZE TABLE busy PERSISTENT FOR ALL")
    yield table
    table.close()


@pytest.mark.parametrize("case", QUERIES)
def test_only_the_index_by_date_is_used(busy: CallTable, case: str) -> None:
    db = Database(replace(busy.settings, table="busy"))
    window = (datetime(2026, 1, 2), datetime(2026, 1, 3))
    values = {"before": window[0], "after": window[1], "dids": ("910000001",)}
    values |= {"start": window[0], "end": window[1], "min_seconds": 20}
    parts = {"table": "busy", "index": "FORCE INDEX (`calldate`)"}
    with db.transaction() as tx:
        layout = call_layouts.read(tx, "busy")
        sql = call_records.statement(layout, QUERIES[case])
        plan = tx.rows("EXPLAIN " + sql, values)
        bounds = [
            tx.rows("EXPLAIN " + sql.format(**parts), {**values, "rows": 500})
            for sql in (call_records.BOUND, call_records.LATER)
        ]
    db.close()
    assert all((row["type"], row["key"]) == ("range", "calldate") for row in plan)
    assert len(plan) == (2 if case == "missed" else 1)
    for (row,) in bounds:
        assert row["key"] == "calldate" and "Using index" in row["Extra"]
        assert "filesort" not in row["Extra"]


def test_progress_counts_the_windows(
    make: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make(NEW)
    table.fill(100)
    told: list[tuple[int, int]] = []
    list(call_records.numbers(table.settings, Query(), lambda *n: told.append(n)))
    assert told == [(0, 1), (1, 1)]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("(start DATETIME, src VARCHAR(80), dst VARCHAR(80))", "no column calldate"),
        ("(calldate DATETIME, number VARCHAR(80))", "no column src, dst"),
        ("(calldate INT, src VARCHAR(80), dst VARCHAR(80))", "holds int, and no dates"),
    ],
    ids=["no calldate", "no numbers", "seconds"],
)
def test_a_table_of_something_else_is_refused_in_words(
    make: MakeTable, columns: str, said: str
) -> None:
    table = make(OLD)
    table.run(f"CREATE OR REPLACE TABLE other {columns}")
    with pytest.raises(ConfigError, match=said):
        call_layouts.layout(replace(table.settings, table="other"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"table": "none"}, "there is no table none in the database asteriskcdrdb"),
        ({"name": "none"}, "cannot be reached"),
        ({"user": "nobody"}, "cannot be reached"),
        ({"socket": "/nowhere/mysqld.sock"}, "cannot be reached"),
    ],
    ids=["table", "database", "user", "server"],
)
def test_records_that_cannot_be_read_say_what_to_do(
    mariadb: PrivateMariaDB, changed: dict[str, str], said: str
) -> None:
    away = replace(settings_of(mariadb), **changed)
    for ask in (call_layouts.layout, lambda s: list(call_records.numbers(s, Query()))):
        with pytest.raises(CallRecordsUnreadable) as refused:
            ask(away)
        assert said in str(refused.value)
        assert "massivesms setup" in str(refused.value)


def test_the_right_to_read_the_one_table_is_enough(make: MakeTable) -> None:
    table = make(NEW)
    table.write(*CALLS)
    table.run("CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'r'")
    table.run("GRANT SELECT ON asteriskcdrdb.cdr TO reader@localhost")
    reader = replace(table.settings, user="reader", password="r")  # noqa: S106
    assert call_layouts.layout(reader).date_index == "calldate"
    missed = call_records.numbers(reader, Query(outcome=Outcome.MISSED))
    assert "600000004" in set(missed)
    table.run("DROP USER reader@localhost")


def test_every_layout_can_be_read(make: MakeTable) -> None:
    for name in LAYOUTS:
        table = make(name)
        layout = call_layouts.layout(table.settings)
        assert layout.has("calldate", "src", "dst")
        assert bool(layout.date_index) == (name != "nothing but numbers")
