"""No query reads more of the traffic, or of the results, than it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from massivesms.config import DatabaseSettings
from massivesms.store import (
    campaign_figures,
    campaign_results,
    inbound_counts,
    migrations,
    traffic,
    traffic_roll_up,
)
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB

NOW = datetime.now(UTC).replace(tzinfo=None)
HOUR = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(days=4)
ROWS = 20_000  # of 20 campaigns in 500 hours
FILL = [
    "INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments)"
    " SELECT UTC_TIMESTAMP() - INTERVAL seq DIV 40 HOUR, 1 + seq % 20, 1 + seq % 2,"
    f" ELT(1 + seq DIV 20 % 2, 'submitted', 'delivered'), 1, 1 FROM seq_0_to_{ROWS}",
    "INSERT INTO campaign_result (campaign_id, state, result_code, detail, trunk_id,"
    " messages, segments) SELECT seq % 300, 'failed', seq DIV 300, '', 1, 1, 1"
    " FROM seq_1_to_9000",
    "INSERT INTO campaign_count (campaign_id, state, trunk_id, messages, segments)"
    " SELECT seq % 300, 'failed', seq DIV 300, 1, 1 FROM seq_1_to_3000",
    "INSERT INTO inbound_message (trunk_id, number, sender, recipient, text,"
    " received_at) SELECT 1, '', 'x', 'x', 'x', UTC_TIMESTAMP() - INTERVAL seq MINUTE"
    " FROM seq_1_to_3000",
    "INSERT INTO import (kind, campaign_id, created_by, created_at)"
    " SELECT 'file', seq % 300, 'x', UTC_TIMESTAMP() FROM seq_1_to_3000",
]
SPAN = {"end": NOW, "step_s": 900, "ahead_s": 3600}
#: query -> its values, and the most rows that it may have to read
QUERIES: dict[str, tuple[str, dict[str, object], int]] = {
    "the span of a campaign": (traffic.SPAN, {"campaign_id": 3}, 1),
    "a campaign over time": (
        traffic.BY_SLOT,
        {**SPAN, "campaign_id": 3, "begin": NOW - timedelta(hours=50)},
        300,
    ),
    "today": (
        traffic.ALL_BY_SLOT,
        {**SPAN, "begin": NOW - timedelta(hours=20)},
        1200,
    ),
    "the last minutes": (
        traffic.LEAVING,
        {"begin": NOW - timedelta(minutes=10)},
        100,
    ),
    "the next hour to roll up": (traffic_roll_up.NEXT, {"place": 0}, 1),
    "an hour's sums": (traffic_roll_up.SUMS, {"hour": HOUR}, 100),
    "an hour's rows": (traffic_roll_up.TAKE, {"hour": HOUR}, 100),
    "a campaign's counts": (campaign_figures.COUNTS, {"campaign_id": 3}, 30),
    "a campaign's reasons": (campaign_figures.REASONS, {"campaign_id": 3}, 60),
    "reasons in detail": (campaign_results.BY_CODE, {"campaign_id": 3}, 60),
    "what came in": (
        inbound_counts.SINCE,
        {"begin": NOW - timedelta(hours=1), "most": 10_000},
        100,
    ),
    "rows not taken": (campaign_figures.NOT_TAKEN, {"campaign_id": 3}, 30),
}


@pytest.fixture(scope="module")
def big(mariadb: PrivateMariaDB) -> Iterator[Database]:
    """Some thousand rows, spread as use spreads them."""
    name = "big_traffic"
    mariadb.create_database(name)
    db = Database(DatabaseSettings("", 0, str(mariadb.socket_path), "root", "", name))
    migrations.upgrade(db)
    tables = "traffic, campaign_result, campaign_count, import, inbound_message"
    with db.transaction() as tx:
        for sql in FILL:
            tx.execute(sql)
    with db.transaction() as tx:
        tx.tuples(f"ANALYZE TABLE {tables} PERSISTENT FOR ALL")
    yield db
    db.close()
    mariadb.drop_database(name)


def test_a_campaign_over_time_is_read_from_the_index_alone(big: Database) -> None:
    sql, values, _ = QUERIES["a campaign over time"]
    with big.transaction() as tx:
        (row,) = tx.rows("EXPLAIN " + sql, values)
    assert "Using index" in row["Extra"]


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_reads_what_it_asks_for(big: Database, what: str) -> None:
    sql, values, most = QUERIES[what]
    with big.transaction() as tx:
        plan = tx.rows("EXPLAIN " + sql, values)
    for row in plan:
        is_looked_up = "Select tables optimized away" in (row["Extra"] or "")
        is_derived = str(row["table"]).startswith("<derived")
        assert (
            is_looked_up or is_derived or (row["key"] and int(row["rows"]) <= most)
        ), plan
