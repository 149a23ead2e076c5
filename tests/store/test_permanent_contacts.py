"""Permanent campaigns of large lists: one contact is looked at, not all the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.domain.words import Problem
from massivesms.engine import housekeeping
from massivesms.store import imports
from massivesms.store.db import Database, Transaction
from massivesms.store.imports import RowProblem
from massivesms.vault import NumberHash
from tests.store.examples import number
from tests.store.test_permanent import COUNTS, give, join, with_places

MANY = 3000


@pytest.fixture(name="db")
def keyed(config: Config, db: Database) -> Iterator[Database]:
    """The database with the key by which a number is known again."""
    database = Database(config.database, hash_of=NumberHash(config.secret_key))
    yield database
    database.close()


def reads(tx: Transaction) -> int:
    """Rows that this connection has read so far."""
    return sum(int(n) for _, n in tx.tuples("SHOW SESSION STATUS LIKE 'Handler_read%'"))


def test_who_is_refused_again_or_no_more_is_found_without_reading_all_who_are(
    db: Database,
) -> None:
    list_id, campaign_id = with_places(db, "Hola <nombre>")
    housekeeping.grow_permanent(db)
    with db.transaction() as tx:
        load_id = tx.value("SELECT id FROM import")
        bad = [
            RowProblem(0, number(n).e164, None, Problem("place_empty", "x"))
            for n in range(1000, 1000 + MANY)
        ]
        imports.add_problems(tx, load_id, bad)
        tx.execute("UPDATE import SET refused = %s", (MANY + 1,))
        tx.tuples("ANALYZE TABLE import_problem")
        give(tx, list_id, 0, saldo="3")
        join(tx, list_id, 1)
        tx.execute("UPDATE contact SET created_at = created_at + INTERVAL 1 DAY")
    with db.transaction() as tx:
        before = reads(tx)
    assert housekeeping.grow_permanent(db) == 0
    with db.transaction() as tx:
        assert reads(tx) - before < 300
        assert tx.tuples(COUNTS, (campaign_id,)) == ((0, MANY + 2),)
        give(tx, list_id, 0, first_name="Ana")
        before = reads(tx)
    assert housekeeping.grow_permanent(db) == 1
    with db.transaction() as tx:
        assert reads(tx) - before < 300
        assert tx.tuples(COUNTS, (campaign_id,)) == ((1, MANY + 1),)
