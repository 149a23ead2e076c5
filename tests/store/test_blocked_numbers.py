"""Blocked numbers in the store: each once, counted, and only this room writes them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from massivesms.engine import housekeeping
from massivesms.errors import StoreError
from massivesms.store import blocked_numbers, blocked_pages, campaigns, opt_outs
from massivesms.store.blocked_numbers import NewBlock
from massivesms.store.blocked_pages import Filter
from massivesms.store.db import Database, Row
from tests.architecture.source import SERVICE
from tests.store.examples import ANA, audited, campaign, one

COUNTED = "SELECT COUNT(*) FROM blocked_number"
NUMBERS = [f"+34600{n:06}" for n in range(30)]


def test_a_number_is_blocked_once_and_the_total_is_kept(db: Database) -> None:
    with db.transaction() as tx:
        assert blocked_numbers.add(tx, NUMBERS[:5], ANA, reason="asked") == NUMBERS[:5]
        assert blocked_numbers.add(tx, NUMBERS[3:8], ANA) == NUMBERS[5:8]
        assert blocked_numbers.add(tx, NUMBERS[:5], ANA) == []
        assert blocked_numbers.add(tx, [], ANA) == []
        made = campaign(tx)
        assert blocked_numbers.add(tx, NUMBERS[:1], ANA, campaign_id=made)
        assert blocked_numbers.total(tx) == 9
        assert blocked_numbers.remove(tx, NUMBERS[0], ANA)
        assert not blocked_numbers.remove(tx, NUMBERS[0], ANA)
        assert blocked_numbers.total(tx) == 8
        found = blocked_numbers.find(tx, NUMBERS[1])
        assert found is not None
        assert (found["reason"], found["created_by"]) == ("asked", "ana")
        assert blocked_numbers.find(tx, NUMBERS[0]) is None
        assert blocked_numbers.find(tx, NUMBERS[0], campaign_id=made)
    assert one(db, COUNTED) == 8
    added = ["blocked.add", "blocked.add", "campaign.create", "blocked.add"]
    assert audited(db) == [*added, "blocked.remove"]


def places(rows: Iterable[Row]) -> list[blocked_pages.Place]:
    return [blocked_pages.place(row) for row in rows]


def test_a_page_goes_on_after_a_block_of_whatever_campaign(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx)
        blocked_numbers.add(tx, NUMBERS, ANA)
        blocked_numbers.add(tx, ["+39333000001"], ANA, source="file")
        blocked_numbers.add(tx, NUMBERS[:3], ANA, campaign_id=made, source="file")
        every = [(n, 0) for n in (*NUMBERS, "+39333000001")]
        every = sorted([*every, *((n, made) for n in NUMBERS[:3])])
        for size in (1, 2, 5, 50):
            found = blocked_pages.every(tx, rows_at_once=size)
            assert places(found) == every
        starts = ("+39", "+3460000001", "+39333")
        found = blocked_pages.page(tx, Filter(number_starts=starts))
        assert [r["number"] for r in found] == [*NUMBERS[10:20], "+39333000001"]
        assert blocked_pages.page(tx, Filter(number_starts=["+34_%9"])) == []


@pytest.mark.parametrize(
    ("campaign_id", "source", "count"),
    [(None, "", 34), (0, "", 31), (7, "", 3), (None, "file", 4), (7, "file", 3),
     (7, "manual", 0), (8, "", 0)],
)  # fmt: skip
def test_blocks_are_found_and_counted_by_campaign_and_source(
    db: Database, campaign_id: int | None, source: str, count: int
) -> None:
    with db.transaction() as tx:
        made = campaign(tx)
        blocked_numbers.add(tx, NUMBERS, ANA)
        blocked_numbers.add(tx, ["+39333000001"], ANA, source="file")
        blocked_numbers.add(tx, NUMBERS[:3], ANA, campaign_id=made, source="file")
        wanted = Filter(made if campaign_id == 7 else campaign_id, source)
        assert len(blocked_pages.page(tx, wanted)) == count
        assert blocked_pages.count(tx, wanted, 1000) == count
        assert blocked_pages.count(tx, wanted, 2) == min(count, 2)


def test_a_campaign_that_is_deleted_takes_its_blocks_and_their_total(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made, other = campaign(tx), campaign(tx, "Other")
        blocked_numbers.add(tx, NUMBERS, ANA, campaign_id=made)
        blocked_numbers.add(tx, NUMBERS[:2], ANA, campaign_id=other)
        blocked_numbers.add(tx, NUMBERS[:5], ANA)
        row = campaigns.by_id(tx, made)
        assert row
        campaigns.remove(tx, row, ANA)
        with pytest.raises(StoreError, match="no campaign"):
            blocked_numbers.add(tx, ["+34600999999"], ANA, campaign_id=made)
    while housekeeping.purge_removed(db):
        continue
    assert one(db, COUNTED) == 7
    assert one(db, "SELECT COUNT(*) FROM campaign WHERE id = %(id)s", id=made) == 0
    with db.transaction() as tx:
        assert blocked_numbers.total(tx) == 7


def test_several_are_let_go_at_once_and_the_total_is_kept(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx)
        blocked_numbers.add(tx, NUMBERS, ANA)
        blocked_numbers.add(tx, NUMBERS[:2], ANA, campaign_id=made)
        gone = [(NUMBERS[0], 0), (NUMBERS[0], made), (NUMBERS[5], made), ("+1", 0)]
        assert blocked_numbers.remove_many(tx, gone) == 2
        assert blocked_numbers.remove_many(tx, []) == 0
        assert blocked_numbers.total(tx) == 30
        assert blocked_numbers.source_of(tx, NUMBERS[1], made)
        assert blocked_numbers.source_of(tx, NUMBERS[2], made)
        assert not blocked_numbers.source_of(tx, NUMBERS[0], made)
    assert one(db, COUNTED) == 30


def test_a_wish_of_an_owner_outlives_our_blocks_of_many(db: Database) -> None:
    everyone = [(number, 0) for number in NUMBERS[:5]]
    with db.transaction() as tx:
        for number in NUMBERS[:3]:
            opt_outs.leave(tx, number, 7, "BAJA", datetime.now(UTC))
        blocks = [NewBlock(number, 0, "asked") for number in NUMBERS[:5]]
        fresh = blocked_numbers.add_many(tx, blocks, "ana", "file")
        assert [block.number for block in fresh] == NUMBERS[3:5]
        assert blocked_numbers.source_of(tx, NUMBERS[0], 0) == "file"
        assert opt_outs.come_back(tx, NUMBERS[2], 8, "ALTA") == opt_outs.Came(
            True, False
        )
        assert blocked_numbers.total(tx) == 5
        assert blocked_numbers.remove_many(tx, everyone) == 5
        left = [blocked_numbers.source_of(tx, n, 0) for n in NUMBERS[:5]]
        assert left == ["opt_out", "opt_out", None, None, None]
        assert blocked_numbers.total(tx) == 2
        assert blocked_numbers.remove_many(tx, everyone) == 2
        assert blocked_numbers.total(tx) == 0
    assert one(db, COUNTED) == 0


def test_blocked_at_the_same_moment_each_is_counted_once(db: Database) -> None:
    added: list[int] = []

    def block(first: int) -> None:
        mine = Database(db.settings)
        for at in range(first, first + 10):
            batch = NUMBERS[at : at + 5]
            with mine.transaction() as tx:
                added.append(len(blocked_numbers.add(tx, batch, ANA)))
        mine.close()

    threads = [threading.Thread(target=block, args=(n,)) for n in (0, 3, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(added) == one(db, COUNTED) == 20
    with db.transaction() as tx:
        assert blocked_numbers.total(tx) == 20


def test_nobody_else_writes_the_table_whose_total_the_claims_trust() -> None:
    writes = re.compile(r"(INSERT[^;]*INTO|UPDATE|DELETE[^;]*FROM)\s+blocked_number\b")
    writing = {
        file.name
        for file in (SERVICE / "store").glob("*.py")
        if writes.search(file.read_text())
    }
    assert writing == {"blocked_numbers.py", "opt_outs.py"}
