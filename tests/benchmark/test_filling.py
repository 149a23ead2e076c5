"""The database of the pages' measure is as the service would have left it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
import pytest

from massivesms.config import Config
from massivesms.store import campaigns
from massivesms.store.db import Database
from scripts.benchmark import filling
from scripts.benchmark.loading import write_file
from scripts.demonstration.place import DemoFailed
from tests.servers.mariadb import PrivateMariaDB

pytestmark = pytest.mark.long

MESSAGES = 10_000
REAL = """
SELECT campaign_id, state, trunk_id, COUNT(*), SUM(segments) FROM (
  SELECT campaign_id, state, COALESCE(trunk_id, 0) AS trunk_id, segments FROM message
) m GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
KEPT = """
SELECT campaign_id, state, trunk_id, messages, segments FROM campaign_count
ORDER BY 1, 2, 3"""


@pytest.fixture
def filled(
    mariadb: PrivateMariaDB, config: Config, db: Database
) -> tuple[pymysql.Connection[Any], filling.Filled]:
    connection = pymysql.connect(
        **mariadb.connect_args, database=config.database.name, autocommit=True
    )
    return connection, filling.fill(connection, MESSAGES, contacts=300)


def test_the_counts_are_right_and_the_campaigns_are_as_promised(
    filled: tuple[pymysql.Connection[Any], filling.Filled], db: Database
) -> None:
    connection, ids = filled
    with connection, connection.cursor() as cursor:
        cursor.execute(REAL)
        real = cursor.fetchall()
        cursor.execute(KEPT)
        assert cursor.fetchall() == real
        assert sum(row[3] for row in real) == MESSAGES
        cursor.execute("SELECT number FROM message WHERE id = %s", (ids.middle,))
        assert cursor.fetchone() == (f"+34{ids.number}",)
    with db.transaction() as tx:
        largest, half, doubts = (
            campaigns.by_id(tx, one) for one in (ids.largest, ids.half_sent, ids.doubts)
        )
    assert largest and half and doubts
    assert largest["counts"].get("queued", 0) == 0
    assert half["counts"]["queued"] == half["total"] // 2
    assert doubts["counts"]["in_doubt"] == filling.IN_DOUBT


def test_a_disk_that_is_too_small_is_said_before(tmp_path: Path) -> None:
    filling.must_fit(tmp_path, 1)
    with pytest.raises(DemoFailed, match="--pages-messages"):
        filling.must_fit(tmp_path, 10**12)


def test_the_file_has_the_rows_that_are_promised(tmp_path: Path) -> None:
    file = write_file(tmp_path / "rows.csv", 1000)
    lines = file.path.read_text(encoding="utf-8").splitlines()[1:]
    numbers = [line.split(",")[0] for line in lines]
    valid = [n for n in numbers if len(n) == 9 and n.startswith("6")]
    assert (file.rows, file.good, file.duplicates, file.refused) == (1000, 980, 10, 10)
    assert (len(lines), len(valid), len(set(valid))) == (1000, 990, 980)
