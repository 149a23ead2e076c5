"""What nobody understood is kept, bounded in every way, and all of it counted."""

from __future__ import annotations

import pytest

from massivesms.store import unreadable
from massivesms.store.db import Database


def test_it_is_kept_as_it_came_and_counted_by_kind(db: Database) -> None:
    with db.transaction() as tx:
        unreadable.add(tx, 1, "receipt", b"\x00\xff'%s")
        unreadable.add(tx, 1, "pdu", b"x" * 1000)
        unreadable.add(tx, 2, "message", b"")
        rows = unreadable.last(tx)
        totals = unreadable.totals(tx, 1)
    assert [row["kind"] for row in rows] == ["message", "pdu", "receipt"]
    assert rows[2]["octets"] == b"\x00\xff'%s"
    assert (len(rows[1]["octets"]), rows[1]["length"]) == (512, 1000)
    assert {row["kind"]: row["total"] for row in totals} == {"receipt": 1, "pdu": 1}


def test_of_each_trunk_the_last_ones_stay(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = unreadable.OLDEST_THAT_STAYS.replace(
        f"LIMIT {unreadable.MOST_KEPT - 1}", "LIMIT 2"
    )
    monkeypatch.setattr(unreadable, "OLDEST_THAT_STAYS", three)
    with db.transaction() as tx:
        unreadable.add(tx, 2, "pdu", b"other")
        for n in range(6):
            unreadable.add(tx, 1, "pdu", b"%d" % n)
        kept = [row["octets"] for row in unreadable.last(tx, trunk_id=1)]
        assert kept == [b"5", b"4", b"3"]
        assert len(unreadable.last(tx)) == 4
        (total,) = unreadable.totals(tx, 1)
    assert total["total"] == 6


def test_what_is_old_is_forgotten_but_not_its_count(db: Database) -> None:
    with db.transaction() as tx:
        unreadable.add(tx, 1, "pdu", b"old")
        tx.execute("UPDATE unreadable SET received_at = '2020-01-01'")
        unreadable.add(tx, 1, "pdu", b"new")
        assert unreadable.purge(tx) == 1
        (total,) = unreadable.totals(tx, 1)
    assert total["total"] == 2
