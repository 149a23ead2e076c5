"""Sources as they are stored: what of them the audit has, what is kept how long."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from massivesms.domain.schedule import SendingHours
from massivesms.domain.sources import KEEP_DAYS, Draft
from massivesms.errors import StoreError
from massivesms.store import sources, trunks
from massivesms.store.db import Database
from massivesms.store.failures import DuplicateRow
from massivesms.store.sources import Stored
from tests.store.examples import ANA, trunk

TODAY = date(2026, 7, 2)
DRAFT = Draft(
    "ERP", "mysql", host="erp.example", port=3307, user="reader", database="erp",
    password="of the server", query="SELECT mobile FROM due", text="Dear <name>",
    hours=SendingHours(time(9), time(21)), mail_to="eva@example.com",
)  # fmt: skip


def create(db: Database, draft: Draft = DRAFT) -> int:
    stored = Stored(draft, b"sealed", TODAY)
    return db.atomically(lambda tx: sources.create(tx, stored, ANA))


def last_audited(db: Database) -> dict[str, Any]:
    with db.transaction() as tx:
        found = tx.value("SELECT details FROM audit ORDER BY id DESC LIMIT 1")
    told: dict[str, Any] = json.loads(found)
    return told


def change(db: Database, source_id: int, **values: Any) -> dict[str, Any]:
    stored = Stored(replace(DRAFT, **values), b"sealed", TODAY)
    with db.transaction() as tx:
        row = sources.by_id(tx, source_id)
        assert row is not None
        sources.update(tx, row, stored, ANA)
    return last_audited(db)


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "query": (
        {"query": "SELECT phone FROM due"},
        {"sql": ["SELECT mobile FROM due", "SELECT phone FROM due"]},
    ),
    "text": (
        {"text": "Hola, <name>"}, {"text": ["11 characters", "12 characters"]}
    ),
    "text of the same length": (
        {"text": "Hoya <name>"}, {"text": ["11 characters"] * 2}
    ),
    "user": ({"user": "root"}, {"user_name": ["reader", "root"]}),
    "database": ({"database": "erp2"}, {"database_name": ["erp", "erp2"]}),
    "port": ({"port": None}, {"port": [3307, None]}),
    "tls": ({"tls": True}, {"tls": [False, True]}),
    "column": ({"number_column": "mobile"}, {"number_column": ["", "mobile"]}),
    "rows": ({"most_rows": 9}, {"most_rows": [50_000, 9]}),
    "time": ({"timeout_s": 9}, {"timeout_s": [60, 9]}),
    "campaign": ({"campaign": "Due"}, {"base_name": ["", "Due"]}),
    "hours": ({"hours": None}, {"hours": ["09:00-21:00", None]}),
    "paused": ({"paused": True}, {"paused": [False, True]}),
    "hour": ({"run_at": time(9)}, {"run_at": ["08:00", "09:00"]}),
    "nothing": ({}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_the_audit_has_what_is_changed_and_no_text(db: Database, name: str) -> None:
    values, told = CHANGES[name]
    assert change(db, create(db), **values) == told


def test_the_audit_has_a_new_source_without_its_secrets(db: Database) -> None:
    with db.transaction() as tx:
        trunk_id = trunk(tx, "one")
    create(db, replace(DRAFT, trunk_id=trunk_id))
    told = last_audited(db)
    assert (told["trunk"], told["sql"], told["port"]) == ("one", DRAFT.query, 3307)
    assert told["text"] == "11 characters"
    assert "of the server" not in json.dumps(told)


def test_the_audit_says_that_an_address_changed_and_not_to_what(db: Database) -> None:
    url = {"kind": "url", "place": "https://erp.example/due?key=abc"}
    source_id = create(db, replace(DRAFT, **url))
    assert last_audited(db)["place"] == "https://erp.example/due?…"
    url["place"] = "https://erp.example/due?key=abd"
    told = change(db, source_id, **url)
    assert told == {"place": ["https://erp.example/due?…"] * 2}


def test_a_long_query_does_not_fill_the_audit(db: Database) -> None:
    long = "SELECT '" + "á" * 19_000 + "'"
    source_id = create(db, replace(DRAFT, query=long))
    assert len(last_audited(db)["sql"]) < 3000
    told = change(db, source_id, query=long + " ")
    assert told["sql"][0] == told["sql"][1]


def test_a_trunk_that_a_source_names_is_not_removed(db: Database) -> None:
    with db.transaction() as tx:
        trunk_id = trunk(tx, "one")
    source_id = create(db, replace(DRAFT, trunk_id=trunk_id))
    with db.transaction() as tx:
        row = trunks.by_id(tx, trunk_id)
    assert row is not None
    with pytest.raises(StoreError, match="ERP"), db.transaction() as tx:
        trunks.remove(tx, row, ANA)
    change(db, source_id, trunk_id=None)
    with db.transaction() as tx:
        trunks.remove(tx, row, ANA)
        assert trunks.by_id(tx, trunk_id) is None


def test_what_was_loaded_is_forgotten_after_its_time(db: Database) -> None:
    source_id = create(db)
    key = "INSERT INTO source_key VALUES (%s, UTC_DATE() - INTERVAL %s DAY, %s)"
    file = (
        "INSERT INTO source_file VALUES (%s, %s, UTC_TIMESTAMP(3) - INTERVAL %s HOUR)"
    )
    with db.transaction() as tx:
        for days in (0, KEEP_DAYS - 1, KEEP_DAYS + 1, 2 * KEEP_DAYS):
            tx.execute(key, (source_id, days, days.to_bytes(16)))
            hours = 24 * days + 1 if days > KEEP_DAYS else 24 * days
            tx.execute(file, (source_id, days.to_bytes(32), hours))
    assert db.atomically(sources.purge) == 4
    assert db.atomically(sources.purge) == 0
    with db.transaction() as tx:
        kept = {
            int.from_bytes(k) for (k,) in tx.tuples("SELECT row_key FROM source_key")
        }
        assert kept == {0, KEEP_DAYS - 1}
        files = sources.known_files(tx, source_id)
    assert {int.from_bytes(digest) for digest in files} == kept


def test_it_is_forgotten_a_little_at_a_time(db: Database) -> None:
    source_id, old = create(db), date(2020, 1, 1)
    most = sources.PURGE_ROWS
    keys = [n.to_bytes(16) for n in range(most + 2)]
    db.atomically(lambda tx: sources.add_keys(tx, source_id, old, keys))
    assert [db.atomically(sources.purge) for _ in range(3)] == [most, 2, 0]


def test_a_key_is_known_for_its_day_and_source_only(db: Database) -> None:
    one, other = create(db), create(db, replace(DRAFT, name="Other"))
    with db.transaction() as tx:
        sources.add_keys(tx, one, TODAY, [b"1" * 16, b"2" * 16])
        wanted = [b"2" * 16, b"3" * 16]
        assert sources.known_keys(tx, one, TODAY, wanted) == {b"2" * 16}
        assert sources.known_keys(tx, other, TODAY, wanted) == set()
        assert sources.known_keys(tx, one, date(2026, 7, 3), wanted) == set()
    with pytest.raises(DuplicateRow, match="run it again"), db.transaction() as tx:
        sources.add_keys(tx, one, TODAY, [b"2" * 16])


def test_a_file_is_loaded_once(db: Database) -> None:
    one, other = create(db), create(db, replace(DRAFT, name="Other"))
    with db.transaction() as tx:
        sources.add_file(tx, one, b"1" * 32)
        sources.add_file(tx, other, b"1" * 32)
    with pytest.raises(DuplicateRow, match="run it again"), db.transaction() as tx:
        sources.add_file(tx, one, b"1" * 32)
