"""The audit: what differs, and every filter read by an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from massivesms.config import DatabaseSettings
from massivesms.store import audit, migrations
from massivesms.store.audit import Filter
from massivesms.store.db import Database, Row
from tests.architecture.source import SERVICE, modules, strings
from tests.servers.mariadb import PrivateMariaDB
from tests.store import examples

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_what_differs_is_told_with_before_and_after() -> None:
    before = {"a": 1, "b": "x", "c": None, "d": Decimal("5.00")}
    after = {"a": True, "b": "y", "c": None, "d": Decimal("5.00"), "e": 2}
    assert audit.changes(before, after) == {"b": ["x", "y"], "e": [None, 2]}


def test_nothing_is_told_of_what_was_rolled_back(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with pytest.raises(RuntimeError), db.transaction() as tx:
        audit.record(tx, examples.ANA, "list.create", "never")
        raise RuntimeError
    with db.transaction() as tx:
        audit.record(tx, examples.ANA, "list.create", "once")
        assert not caplog.messages
    assert caplog.messages == ["list.create: once, by ana from 192.0.2.1"]


def test_no_statement_of_ours_changes_or_deletes_the_audit() -> None:
    """So the database's user needs no right to do so."""
    for module in modules(SERVICE):
        for text in strings(module.tree):
            words = " ".join(str(text.value).split()).upper()
            if words.endswith(" WHERE 1 = 0"):
                continue  # asks whether it could
            assert "UPDATE AUDIT" not in words, module.name
            assert "DELETE FROM AUDIT" not in words, module.name
            assert "REPLACE INTO AUDIT" not in words, module.name


@pytest.fixture(scope="module")
def full(mariadb: PrivateMariaDB) -> Iterator[Database]:
    """Twenty thousand changes."""
    mariadb.create_database("audits")
    socket = str(mariadb.socket_path)
    db = Database(DatabaseSettings("", 0, socket, "root", "", "audits"))
    migrations.upgrade(db)
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO audit (at, user_name, action, subject, details)"
            " SELECT '2026-01-01' + INTERVAL seq MINUTE, CONCAT('u', seq % 50),"
            " ELT(1 + seq % 3, 'list.add', 'list.load', 'trunk.change'), seq, '{}'"
            " FROM seq_1_to_20000"
        )
        tx.tuples("ANALYZE TABLE audit PERSISTENT FOR ALL")
    yield db
    db.close()
    mariadb.drop_database("audits")


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(user="u7"),
        Filter(action="trunk.change"),
        Filter(action="list."),
        Filter(user="u7", action="list.add"),
        Filter(subject="77"),
        Filter(start=NOON, end=NOON + timedelta(days=1)),
        Filter(user="u7", start=NOON, end=NOON + timedelta(days=1)),
    ],
    ids=str,
)
@pytest.mark.parametrize("before", [None, 15_000])
def test_a_page_of_changes_reads_an_index_in_its_order(
    full: Database, wanted: Filter, before: int | None
) -> None:
    with full.transaction() as tx:
        explained: list[Row] = []

        class Explaining(type(tx)):  # type: ignore[misc]
            def rows(self, sql: str, params: object = None) -> list[Row]:
                explained.extend(tx.rows("EXPLAIN " + sql, params))  # type: ignore[arg-type]
                return tx.rows(sql, params)  # type: ignore[arg-type]

        rows = audit.page(Explaining(tx._connection), wanted, before=before)
        first = tx.rows("EXPLAIN " + audit.FIRST_AT, {"at": "2026-01-05"})
    assert rows
    for plan in (*explained, *first):
        assert plan["type"] != "ALL" and plan["key"], plan
        assert "filesort" not in (plan["Extra"] or ""), plan
    assert first[0]["key"] == "at"
