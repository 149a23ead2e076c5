"""Every query on a big table uses an index.

The constants of the store are found by looking, so that a new query is explained
here without anybody thinking of it; one that needs other values gets them below.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

from massivesms import store
from massivesms.config import DatabaseSettings
from massivesms.store import load_jobs, migrations, settlements
from massivesms.store.db import Database, Params, Row
from tests.servers.mariadb import PrivateMariaDB

BIG = (
    *("message", "contact", "import_problem", "receipt", "segment", "unreadable"),
    *("blocked_number", "load_number", "webhook_event", "webhook_delivery", "answered"),
    *("inbound_message", "inbound_long", "inbound_part", "inbound_seen"),
)
STATEMENT = re.compile(r"\s*(SELECT|UPDATE|DELETE|INSERT)\b")
ADDS_VALUES = re.compile(r"\s*INSERT[^;]*\bVALUES\b")
ON_BIG = re.compile(
    rf"\b(?:FROM|JOIN|STRAIGHT_JOIN|UPDATE|INTO)\s+`?({'|'.join(BIG)})\b"
)

#: Values for the parameters of all constants, by name.
VALUES: dict[str, Any] = {
    "days": 30,
    "minutes": 30,
    "first": 20,
    "last": 40,
    "upto": 4000,
    "digits": "%600111222",
    "params": "{}",
    "fields": "{}",
    "use": 1,
    "contact_id": 9,
    **dict.fromkeys(("id", "campaign_id", "list_id", "import_id"), 3),
    **dict.fromkeys(("route", "new_route", "trunk_id", "route_trunk_id"), 1),
    **dict.fromkeys(("after", "message_id", "position", "segments", "lane"), 2),
    **dict.fromkeys(
        ("limit", "most", "attempts", "due_in_s", "due_in_us", "pinned"), 50
    ),
    "ids": [11, 12, 13],
    "mail_id": 5,
    "numbers": ["+34600000001", "+34600000002"],
    "number": "+34600000001",
    "smsc_message_id": "ID7",
    **dict.fromkeys(("due_at", "requested_at"), "2000-01-01"),
    **dict.fromkeys(("before", "oldest"), 4000),
    "keys": [(1, 1), (2, 1)],
    "token": 5,
    "state": "in_doubt",
    "old": "submitting",
    "new": "delivered",
    "excluded": 0,
    "queue": 1,
    "code": "x",
    "detail": "x",
    "error": "x",
    "by": "x",
    "is_final": 1,
    "by_rule": 0,
    "tried": "",
    "long_id": 7,
    "sender": "BANCO",
    "at": "2026-01-01",
    "text": None,
    "sender_id": None,
    "is_local": 1,
    "owner": "host:1",
    "webhook_id": 3,
    "delivery_id": 3,
    "deliveries": [3, 4],
    **dict.fromkeys(("aside", "status", "took_ms", "retry_s"), 1),
    "key": "x",
    "start": "+3460000001%",
    "source": "manual",
    "opt_out": "opt_out",
    "reason": "x",
    "keyword": "STOP",
    **dict.fromkeys(("now", "begin", "end", "since"), "2026-03-04 12:00:00"),
    "inbound_id": 7,
    "routes": [0, 1, 2],
    "handled": "opt_out",
}
#: Constants whose values are not the ordinary ones.
OTHER_VALUES: dict[str, Params] = {
    "receipts.WAITING": {"trunk_id": 1, "ids": ["ID1", "ID2"]},
    "receipt_matches.FIND": {"trunk_id": 1, "ids": ["ID1", "S2"], "limit": 1000},
    "lists.SEARCH": (3, "+3460000001%", 50),
    "inbound_seen.FRESH": {"digests": [b"x" * 16], "mark": 1},
    "send_plans.GROUPS": {"campaign_id": 3, "length": 4, "most": 1000},
    "inbound.OF_SENDER": {"number": "+34600000001", "senders": ["+34600000001", "x"]},
}
#: Constants that are put together where they are used; the pages are below.
PARTS = {
    "settlements.ACCEPT": "with the answers of a batch",
    "lists.CONTACTS": "with the beginnings of numbers",
    "address_book_issabel.CONTACTS": "of a SQLite file of the PBX's",
    "erasure.MESSAGES": "with or without a lock",
    "message_ways.SOME": "with the index of a number: test_message_plans.py",
}
#: A sort of messages that is small by nature.
MAY_SORT = {
    "receipts.KEPT_FOR": "the receipts of messages that were just put in doubt",
}


def found() -> Iterator[tuple[str, str]]:
    """Every statement of the store that touches a big table."""
    for info in pkgutil.iter_modules(store.__path__):
        module = importlib.import_module(f"massivesms.store.{info.name}")
        for name, sql in vars(module).items():
            is_sql = name.isupper() and isinstance(sql, str) and STATEMENT.match(sql)
            if is_sql and ON_BIG.search(sql) and not ADDS_VALUES.match(sql):
                yield f"{info.name}.{name}", sql


STATEMENTS = {key: sql for key, sql in found() if key not in PARTS}


@pytest.fixture(scope="module")
def big(mariadb: PrivateMariaDB) -> Iterator[Database]:
    """Some thousand rows in the big tables, spread as a year of use spreads them."""
    mariadb.create_database("big")
    db = Database(DatabaseSettings("", 0, str(mariadb.socket_path), "root", "", "big"))
    migrations.upgrade(db)
    with db.transaction() as tx:
        for sql in FILL:
            tx.execute(sql)
    with db.transaction() as tx:
        tables = ", ".join(
            (*BIG, "campaign", "campaign_count", "list", "import", "webhook")
        )
        tx.tuples(f"ANALYZE TABLE {tables} PERSISTENT FOR ALL")
    yield db
    db.close()
    mariadb.drop_database("big")


NOW = "UTC_TIMESTAMP(3)"
FILL = [
    f"INSERT INTO campaign (id, name, text, created_by, created_at, changed_at, open)"
    f" SELECT seq, seq, 'x', 'x', {NOW}, {NOW}, seq %% 4 = 0 FROM seq_2_to_12".replace(
        "%%", "%"
    ),
    f"INSERT INTO list (id, name, created_by, created_at)"
    f" SELECT seq, seq, 'x', {NOW} FROM seq_1_to_9",
    "INSERT INTO message (campaign_id, state, number, segments, trunk_id, created_at,"
    " smsc_message_id, claim_token)"
    " SELECT 1 + seq % 12, ELT(1 + seq % 7, 'queued', 'submitted', 'delivered',"
    " 'delivered', 'delivered', 'failed', 'in_doubt'),"
    " CONCAT('+34600', LPAD(seq, 6, '0')), 1 + seq % 2, 1 + seq % 3,"
    f" {NOW} - INTERVAL seq SECOND, CONCAT('ID', seq), seq % 50 FROM seq_1_to_8000",
    "INSERT INTO contact (list_id, number, is_local, excluded, created_at)"
    " SELECT 1 + seq % 9, CONCAT('+34600', LPAD(seq, 6, '0')), 1, seq % 10 = 0,"
    f" {NOW} FROM seq_1_to_6000",
    "INSERT INTO import (id, kind, list_id, campaign_id, created_by, created_at)"
    " SELECT seq, 'file', IF(seq % 2, seq % 9, NULL), IF(seq % 2, NULL, seq % 12),"
    f" 'x', {NOW} FROM seq_1_to_60",
    "INSERT INTO import_problem (import_id, line, number, code, params)"
    " SELECT 1 + seq % 60, seq, 'x', 'short', '{}' FROM seq_1_to_5000",
    "INSERT INTO load_number (job_id, line, number)"
    " SELECT seq % 4, seq, seq FROM seq_1_to_8000",
    "INSERT INTO receipt (trunk_id, smsc_message_id, state, received_at)"
    " SELECT 1 + seq % 3, CONCAT('R', seq), 'delivered',"
    f" {NOW} - INTERVAL seq * 60 SECOND FROM seq_1_to_4000",
    "INSERT INTO blocked_number (number, campaign_id, source, created_by, created_at,"
    " opted_out_at, inbound_id)"
    " SELECT CONCAT('+34600', LPAD(seq, 6, '0')), IF(seq % 3, 0, seq % 12),"
    f" IF(seq % 5, 'manual', 'file'), 'x', {NOW},"
    f" IF(seq % 3, NULL, {NOW} - INTERVAL seq SECOND), seq FROM seq_1_to_5000",
    "UPDATE receipt SET retry_at = received_at + INTERVAL 150 SECOND WHERE id % 9 = 0",
    "INSERT INTO unreadable (trunk_id, kind, octets, length, received_at)"
    f" SELECT 1 + seq % 20, 'pdu', 'x', 1, {NOW} - INTERVAL seq HOUR"
    " FROM seq_1_to_4000",
    "INSERT INTO answered (number, kind, day, answers, last_at)"
    " SELECT CONCAT('+34600', LPAD(seq, 6, '0')), 'all', '2026-03-04', 1,"
    f" {NOW} - INTERVAL seq HOUR FROM seq_1_to_5000",
    "INSERT INTO inbound_message (trunk_id, number, sender, recipient, text,"
    " message_id, received_at)"
    " SELECT 1 + seq % 3, CONCAT('+34600', LPAD(seq % 900, 6, '0')),"
    " CONCAT('+34600', LPAD(seq % 900, 6, '0')), '5000', CONCAT('Texto ', seq), seq,"
    f" {NOW} - INTERVAL seq MINUTE FROM seq_1_to_8000",
    "INSERT INTO inbound_long (trunk_id, sender, recipient, reference, total, number,"
    " last_at) SELECT 1, seq, '5000', 'sar:1', 2, seq,"
    f" {NOW} - INTERVAL seq SECOND FROM seq_1_to_3000",
    "INSERT INTO inbound_part (long_id, ordinal, coding, octets)"
    " SELECT id, 1, 'gsm7', 'x' FROM inbound_long",
    "INSERT INTO inbound_seen (digest, mark, seen_at)"
    f" SELECT UNHEX(MD5(seq)), 1, {NOW} - INTERVAL seq SECOND FROM seq_1_to_3000",
    "INSERT INTO segment (message_id, position, trunk_id, smsc_message_id)"
    " SELECT id, 1, trunk_id, CONCAT('S', id) FROM message WHERE segments = 2",
    "INSERT INTO webhook (id, name, url, events, secrets, due_at, created_at,"
    f" changed_at) SELECT seq, seq, 'x', 'x', 'x', {NOW}, {NOW}, {NOW} FROM seq_1_to_9",
    "INSERT INTO webhook_event (webhook_id, delivery_id, kind, subjects, events,"
    " event_key, at) SELECT seq % 9, IF(seq % 3, 0, seq % 900), 'x', '1', 1, 'x',"
    f" {NOW} FROM seq_1_to_9000",
    "INSERT INTO webhook_delivery (webhook_id, delivery_key, state, events, due_at,"
    " created_at, finished_at) SELECT seq % 9, 'x', IF(seq % 20, 'delivered',"
    f" IF(seq % 40, 'waiting', 'given_up')), 1, {NOW}, {NOW},"
    f" {NOW} - INTERVAL seq MINUTE FROM seq_1_to_9000",
]


def check(plan: list[Row], may_sort: bool) -> None:
    """An index for every big table; no sort where a big table is read."""
    for row in plan:
        table = str(row["table"] or "")
        # Aliases: m message, c contact or campaign, p problem, s segment, b blocked.
        if table in (*BIG, "m", "p", "s", "b") or (
            table == "c" and int(str(row["rows"] or 0).split()[0]) > 100
        ):
            assert row["type"] != "ALL", plan
            assert row["key"], plan
            extra = row["Extra"] or ""
            is_message = table in ("message", "m")
            if is_message and "Using filesort" in extra:
                assert may_sort, plan


@pytest.mark.parametrize("key", sorted(STATEMENTS))
def test_a_statement_uses_an_index(big: Database, key: str) -> None:
    values = OTHER_VALUES.get(key, VALUES)
    with big.transaction() as tx:
        plan = tx.rows("EXPLAIN " + STATEMENTS[key], values)
    check(plan, key in MAY_SORT)


def test_statements_are_found() -> None:
    assert {"claims.CANDIDATES", "message_rows.BY_ID", "lists.PRESENT"} <= set(
        STATEMENTS
    )
    assert len(STATEMENTS) > 30


def test_the_lists_of_exceptions_name_what_there_is() -> None:
    every = dict(found()).keys()
    assert set(PARTS) <= every
    assert set(OTHER_VALUES) <= every
    assert set(MAY_SORT) <= every


def test_loads_with_numbers_are_found_without_reading_all_of_these(
    big: Database,
) -> None:
    with big.transaction() as tx:
        (row,) = tx.rows("EXPLAIN " + load_jobs.WITH_NUMBERS)
    assert "Using index for group-by" in row["Extra"]


def test_the_answers_of_a_batch_are_written_by_key(big: Database) -> None:
    few = [settlements.UNION + settlements.UNION_ROW] * 2
    for rows in ("".join(few), settlements.VALUES + "(%s, %s), (%s, %s)"):
        sql = settlements.ACCEPT.format(
            rows=settlements.FIRST + rows, state="'submitting'"
        )
        with big.transaction() as tx:
            check(tx.rows("EXPLAIN " + sql, (1, "a", 2, "b", 5)), False)
