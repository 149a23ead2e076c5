"""Lists from the PBX's call records, on a real `cdr` as Issabel and FreePBX have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from massivesms.config import Config, DatabaseSettings
from massivesms.domain.calls import Outcome, Query
from massivesms.domain.numbers import NumberPlan
from massivesms.errors import ConfigError, ImportRefused, StoreError
from massivesms.intake import calls, loads
from massivesms.store import call_records, lists
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB

SPAIN = NumberPlan("34", ("6", "7"))
NINE_DIGITS = NumberPlan("34", ("6", "7"), 9, 9)
CDR = """
CREATE TABLE cdr (
  calldate datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
  dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '',
  channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
  lastapp varchar(80) NOT NULL DEFAULT '', lastdata varchar(80) NOT NULL DEFAULT '',
  duration int(11) NOT NULL DEFAULT 0, billsec int(11) NOT NULL DEFAULT 0,
  disposition varchar(45) NOT NULL DEFAULT '', amaflags int(11) NOT NULL DEFAULT 0,
  accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL DEFAULT '',
  userfield varchar(255) NOT NULL DEFAULT '', did varchar(50) NOT NULL DEFAULT '',
  recordingfile varchar(255) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
  cnam varchar(80) NOT NULL DEFAULT '', linkedid varchar(32) NOT NULL DEFAULT '',
  peeraccount varchar(80) NOT NULL DEFAULT '', sequence int(11) NOT NULL DEFAULT 0,
  KEY calldate (calldate), KEY dst (dst), KEY accountcode (accountcode)
) ENGINE=InnoDB DEFAULT CHARSET=utf8"""
ANSWERED, LOST, BUSY = "ANSWERED", "NO ANSWER", "BUSY"
#: calldate, src, dst, disposition
CALLS = [
    ("2026-01-01 00:00:00", "600111001", "101", ANSWERED),
    ("2026-01-02 10:00:00", "+34600111002", "101", ANSWERED),
    ("2026-01-02 23:59:59", "0034600111003", "101", LOST),
    ("2026-01-03 00:00:00", "600111001", "102", BUSY),  # the same one again
    ("2026-01-20 12:00:00", "34600111004", "101", ANSWERED),
    ("2026-01-20 12:01:00", "anonymous", "101", ANSWERED),
    ("2026-01-20 12:02:00", "", "101", ANSWERED),
    ("2026-01-20 12:03:00", "Restricted", "101", ANSWERED),
    ("2026-01-20 12:04:00", "101", "600222001", ANSWERED),
    ("2026-01-20 12:05:00", "102", "0034600222002", LOST),
    ("2026-01-20 12:06:00", "910111222", "s", ANSWERED),  # no mobile
    ("2026-02-28 12:00:00", "+447400123456", "101", ANSWERED),
    ("2026-03-01 08:00:00", "+34600111001", "101", ANSWERED),  # the first, written so
]
CALLERS = [f"+3460011100{n}" for n in (1, 2, 3, 4)]


@pytest.fixture(scope="module")
def pbx(mariadb: PrivateMariaDB) -> Iterator[PrivateMariaDB]:
    mariadb.create_database("asteriskcdrdb")
    socket = str(mariadb.socket_path)
    db = Database(DatabaseSettings("", 0, socket, "root", "", "asteriskcdrdb"))
    with db.transaction() as tx:
        # As the PBX does: its own sql_mode takes the zero date as a default.
        tx.execute("SET sql_mode = ''")
        tx.execute(CDR)
        tx.execute(CDR.replace("TABLE cdr", "TABLE empty"))
        columns = "(calldate, src, dst, disposition)"
        tx.many(f"INSERT INTO cdr {columns} VALUES (%s, %s, %s, %s)", CALLS)
    db.close()
    yield mariadb
    mariadb.drop_database("asteriskcdrdb")


@pytest.fixture
def cdr(pbx: PrivateMariaDB, config: Config) -> DatabaseSettings:
    return config.cdr


def load(
    db: Database, cdr: DatabaseSettings, query: Query, plan: NumberPlan = SPAIN
) -> tuple[calls.CallCount, loads.Loaded, set[str]]:
    """The count before saving, what was saved, and the numbers of the list."""
    counted = calls.count(cdr, query, plan)
    source = calls.source(cdr, query)
    loaded = loads.create_list(db, "Calls", "", source, plan, Actor("ana"))
    with db.transaction() as tx:
        found = lists.contacts(tx, loaded.target_id, limit=1000)
    return counted, loaded, {row["number"] for row in found}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


ENGLISH = "+447400123456"
CASES = {
    "who called": (Query(), {*CALLERS, ENGLISH}),
    "who called and was answered": (
        Query(outcome=Outcome.ANSWERED),
        {CALLERS[0], CALLERS[1], CALLERS[3], ENGLISH},
    ),
    "who was called": (Query(callees=True), {"+34600222001", "+34600222002"}),
    "who was called and answered": (
        Query(callees=True, outcome=Outcome.ANSWERED),
        {"+34600222001"},
    ),
    "from a day on, that day included": (
        Query(start=day("2026-01-20")),
        {CALLERS[3], ENGLISH, CALLERS[0]},
    ),
    "before a day, that day excluded": (
        Query(end=day("2026-01-03")),
        set(CALLERS[:3]),
    ),
    "one day": (
        Query(start=day("2026-01-02"), end=day("2026-01-03")),
        {CALLERS[1], CALLERS[2]},
    ),
    "a range wider than the records": (
        Query(start=day("1990-01-01"), end=day("2090-01-01")),
        {*CALLERS, ENGLISH},
    ),
    "up to the last second": (
        Query(start=day("2026-02-01"), end=day("2026-03-01 08:00:01")),
        {ENGLISH, CALLERS[0]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_count_before_saving_is_what_is_saved(
    db: Database, cdr: DatabaseSettings, case: str
) -> None:
    query, wanted = CASES[case]
    counted, loaded, numbers = load(db, cdr, query)
    assert numbers == wanted
    assert counted.accepted == loaded.accepted == len(wanted)
    assert counted.refused == loaded.refused


def test_the_configured_lengths_are_tested_after_normalising(
    db: Database, cdr: DatabaseSettings
) -> None:
    _, _, numbers = load(db, cdr, Query(), NINE_DIGITS)
    assert set(CALLERS) <= numbers, "with and without the country code alike"


def test_hidden_callers_are_no_bad_rows(db: Database, cdr: DatabaseSettings) -> None:
    counted, _, _ = load(db, cdr, Query(start=day("2026-01-20"), end=day("2026-01-21")))
    assert counted.refused == 3  # two extensions and a land line; nobody anonymous


def test_the_call_records_are_only_read(db: Database, cdr: DatabaseSettings) -> None:
    def state() -> object:
        database = Database(cdr)
        with database.transaction() as tx:
            found = (tx.tuples("SELECT * FROM cdr"), tx.tuples("SHOW CREATE TABLE cdr"))
        database.close()
        return found

    before = state()
    load(db, cdr, Query())
    assert state() == before


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(Query(start=day("2027-01-01")), id="after the last call"),
        pytest.param(Query(end=day("2020-01-01")), id="before the first"),
        pytest.param(
            Query(start=day("2026-02-01"), end=day("2026-01-01")), id="end before start"
        ),
    ],
)
def test_a_time_without_calls_makes_no_list(
    db: Database, cdr: DatabaseSettings, query: Query
) -> None:
    assert calls.count(cdr, query, SPAIN).accepted == 0
    with pytest.raises(ImportRefused, match="There is no number in it"):
        load(db, cdr, query)
    with db.transaction() as tx:
        assert lists.page(tx) == []


def test_a_pbx_without_calls_makes_no_list(db: Database, cdr: DatabaseSettings) -> None:
    with pytest.raises(ImportRefused):
        load(db, replace(cdr, table="empty"), Query())


def test_a_misspelt_table_is_refused_before_it_is_asked_for(
    cdr: DatabaseSettings,
) -> None:
    odd = replace(cdr, table="cdr` WHERE 1; DROP TABLE cdr; -- ")
    with pytest.raises(ConfigError, match=r"misspelt in \[cdr\]"):
        list(call_records.numbers(odd, Query()))


def test_call_records_that_are_away_are_said(cdr: DatabaseSettings) -> None:
    call_records.check(cdr)
    with pytest.raises(StoreError, match="none"):
        call_records.check(replace(cdr, name="none"))
    with pytest.raises(StoreError):
        call_records.check(replace(cdr, table="none"))
