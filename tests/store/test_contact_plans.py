"""Every query on contacts, imports and what fills them goes by an index.

As in test_plans.py the statements are found by looking, so a new one of these rooms is
explained without anybody thinking of it. Here all tables count that grow for years;
those that people fill by hand (templates, timetables, holidays, sources) may be read
whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from massivesms.store import (
    approvals,
    bulk,
    campaign_schedules,
    contacts,
    holidays,
    import_undo,
    imports,
    list_texts,
    permanent,
    send_plans,
    source_runs,
    sources,
    staged_loads,
    templates,
    timetables,
)
from massivesms.store.db import Database, Row
from tests.store.test_plans import ADDS_VALUES, NOW, STATEMENT, big

__all__ = ["big"]  # the fixture

ROOMS: tuple[ModuleType, ...] = (
    *(approvals, bulk, campaign_schedules, contacts, holidays, import_undo, imports),
    *(list_texts, permanent, send_plans, source_runs, sources, staged_loads, templates),
    timetables,
)
GROWING = {
    *("message", "contact", "import", "import_problem", "campaign", "campaign_count"),
    *("source_run", "source_key", "source_file", "permanent_recipient", "staged_load"),
    "load_job",
}
NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?")
PARAMETER = re.compile(r"%\((\w+)\)s")
KEYWORDS = {"FORCE", "WHERE", "SET", "ORDER", "LEFT", "JOIN", "ON"}

VALUES: dict[str, Any] = {
    **dict.fromkeys(("id", "campaign_id", "list_id", "import_id", "source_id"), 3),
    "contact_id": 3,
    **dict.fromkeys(("timetable_id", "job", "number"), 3),
    **dict.fromkeys(("first", "after"), 20),
    **dict.fromkeys(("last", "upto"), 400),
    **dict.fromkeys(("before", "until"), 4000),
    **dict.fromkeys(("limit", "length", "most", "kept_h", "seconds", "retry_s"), 24),
    **dict.fromkeys(("year", "month"), 1),
    **dict.fromkeys(("excluded", "included", "undone", "is_local", "tls"), 0),
    **dict.fromkeys(("accepted", "duplicates", "refused", "rows_read"), 1),
    **dict.fromkeys(("day", "today", "since"), "2026-03-04"),
    **dict.fromkeys(("like", "text"), "%Ana%"),
    "ids": [11, 12, 13],
    "numbers": ["+34600000001", "+34600000002"],
    "hashes": [b"x" * 32, b"y" * 32],
    "keys": [b"x" * 16, b"y" * 16],
    "digest": b"x" * 16,
    "kind": "bulk",
    "state": "done",
    "fields": "{}",
}
OTHER_VALUES: dict[str, dict[str, Any]] = {"holidays.DELETE": {"day": 1}}
#: Tables that are read whole, and why they may be.
MAY_SCAN = {
    "bulk.TARGETS": "any campaign may be named by a row of the file",
    "staged_loads.ALL_FILES": "files of one day: older ones are taken away first",
}

NUMBERS = "FROM seq_1_to_5000"
FILL = [
    "UPDATE campaign SET permanent = id % 3 = 0, list_id = id % 9, approval ="
    " IF(id % 5, 'none', 'waiting'), timetable_id = id % 4",
    "INSERT INTO campaign (name, text, created_by, created_at, changed_at, open,"
    f" list_id, timetable_id) SELECT seq, 'x', 'x', {NOW}, {NOW}, 0, seq % 9, seq % 50"
    " FROM seq_100_to_4000",
    "INSERT INTO campaign_count (campaign_id, state, trunk_id, messages, segments)"
    " SELECT id, 'submitted', 1, 1, 1 FROM campaign",
    'UPDATE contact SET import_id = id % 60, fields = \'{"first_name": "Ana"}\'',
    "UPDATE message SET import_id = id % 60",
    "INSERT INTO import (kind, list_id, campaign_id, digest, created_by, created_at)"
    " SELECT ELT(1 + seq % 3, 'file', 'list', 'automatic'), IF(seq % 2, seq % 9, NULL),"
    f" IF(seq % 2, NULL, seq % 900), UNHEX(MD5(seq)), 'x', {NOW} {NUMBERS}",
    "INSERT INTO source_run (source_id, day, send_on, daily_on, state, due_at,"
    " alive_at, started_by, created_at) SELECT seq % 20, '2020-01-01', '2020-01-01',"
    " '2020-01-01' + INTERVAL seq DAY, ELT(1 + seq % 3, 'done', 'nothing', 'failed'),"
    f" IF(seq % 900, NULL, {NOW}), {NOW}, 'x', {NOW} {NUMBERS}",
    "INSERT INTO source_key (source_id, day, row_key) SELECT seq % 20,"
    f" '2026-01-01' + INTERVAL seq % 30 DAY, UNHEX(MD5(seq)) {NUMBERS}",
    "INSERT INTO source_file (source_id, digest, loaded_at) SELECT seq % 20,"
    f" UNHEX(SHA2(seq, 256)), {NOW} - INTERVAL seq HOUR {NUMBERS}",
    "INSERT INTO permanent_recipient (campaign_id, number_hash)"
    f" SELECT seq % 12, UNHEX(SHA2(seq, 256)) {NUMBERS}",
    "INSERT INTO staged_load (name, file, size, created_by, created_at) SELECT 'x',"
    f" 'x.csv', 1, seq % 40, {NOW} - INTERVAL seq MINUTE {NUMBERS}",
    "INSERT INTO load_job (kind, params, state, created_by, created_at) SELECT 'x',"
    f" '{{}}', 'done', 'x', {NOW} {NUMBERS}",
]


def found() -> Iterator[tuple[str, str]]:
    """Every statement of the rooms but those that only add rows."""
    for room in ROOMS:
        short = room.__name__.rpartition(".")[2]
        for name, sql in vars(room).items():
            if not (name.isupper() and isinstance(sql, str) and STATEMENT.match(sql)):
                continue
            if not ADDS_VALUES.match(sql):
                yield f"{short}.{name}", sql


STATEMENTS = dict(found())


@pytest.fixture(scope="module")
def grown(big: Database) -> Database:  # noqa: F811
    """With some thousand rows in the tables of this room's statements too."""
    with big.transaction() as tx:
        for sql in FILL:
            tx.execute(sql)
    with big.transaction() as tx:
        tables = ", ".join(sorted(GROWING))
        tx.tuples(f"ANALYZE TABLE {tables} PERSISTENT FOR ALL")
    return big


def growing_of(sql: str) -> set[str]:
    """The names that growing tables have in a plan of a statement."""
    names = set()
    for table, alias in NAMED.findall(sql):
        if table in GROWING:
            names.add(table if alias in KEYWORDS or not alias else alias)
    return names


def check(sql: str, plan: list[Row]) -> None:
    """An index for every growing table, and not one that is read from end to end."""
    names = growing_of(sql)
    for row in plan:
        if row["table"] in names:
            assert row["type"] not in ("ALL", "index"), plan
            assert row["key"], plan


@pytest.mark.parametrize("key", sorted(STATEMENTS))
def test_a_statement_goes_by_an_index(grown: Database, key: str) -> None:
    sql = STATEMENTS[key]
    values = {name: VALUES.get(name, "x") for name in PARAMETER.findall(sql)}
    with grown.transaction() as tx:
        plan = tx.rows("EXPLAIN " + sql, values | OTHER_VALUES.get(key, {}))
    if key not in MAY_SCAN:
        check(sql, plan)


def test_the_lists_of_exceptions_name_what_there_is() -> None:
    assert MAY_SCAN.keys() | OTHER_VALUES.keys() <= STATEMENTS.keys()
    assert len(STATEMENTS) > 80
