"""Blocked numbers in the store: each once, counted, and only this room writes them."""

from __future__ import annotations

import re
import threading

from massivesms.store import blocked_numbers
from massivesms.store.db import Database
from tests.architecture.source import SERVICE
from tests.store.examples import ANA, audited, one

COUNTED = "SELECT COUNT(*) FROM blocked_number"
NUMBERS = [f"+34600{n:06}" for n in range(30)]


def test_a_number_is_blocked_once_and_the_total_is_kept(db: Database) -> None:
    with db.transaction() as tx:
        assert blocked_numbers.add(tx, NUMBERS[:5], ANA, reason="asked") == NUMBERS[:5]
        assert blocked_numbers.add(tx, NUMBERS[3:8], ANA) == NUMBERS[5:8]
        assert blocked_numbers.add(tx, NUMBERS[:5], ANA) == []
        assert blocked_numbers.add(tx, [], ANA) == []
        assert blocked_numbers.add(tx, NUMBERS[:1], ANA, campaign_id=7) == NUMBERS[:1]
        assert blocked_numbers.total(tx) == 9
        assert blocked_numbers.remove(tx, NUMBERS[0], ANA)
        assert not blocked_numbers.remove(tx, NUMBERS[0], ANA)
        assert blocked_numbers.total(tx) == 8
        found = blocked_numbers.find(tx, NUMBERS[1])
        assert found is not None
        assert (found["reason"], found["created_by"]) == ("asked", "ana")
        assert blocked_numbers.find(tx, NUMBERS[0]) is None
        assert blocked_numbers.find(tx, NUMBERS[0], campaign_id=7)
    assert one(db, COUNTED) == 8
    assert audited(db) == ["blocked.add"] * 3 + ["blocked.remove"]


def test_a_page_goes_on_after_a_number_and_shows_those_for_all(db: Database) -> None:
    with db.transaction() as tx:
        blocked_numbers.add(tx, NUMBERS, ANA)
        blocked_numbers.add(tx, ["+39333000001"], ANA)
        blocked_numbers.add(tx, ["+34600999999"], ANA, campaign_id=7)
        first = blocked_numbers.page(tx, limit=20)
        second = blocked_numbers.page(tx, after=first[-1]["number"], limit=20)
        assert [r["number"] for r in (*first, *second)] == [*NUMBERS, "+39333000001"]
        starts = ["+39", "+3460000001", "+39333"]
        found = blocked_numbers.page(tx, number_starts=starts)
        assert [r["number"] for r in found] == [*NUMBERS[10:20], "+39333000001"]
        assert blocked_numbers.page(tx, number_starts=["+34_%9"]) == []
        every = [r["number"] for r in blocked_numbers.every(tx, rows_at_once=7)]
        assert every == [*NUMBERS, "+39333000001"]


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
