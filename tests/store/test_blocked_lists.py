"""Blocked numbers of a list: counted, excluded so that it shows, used again."""

from __future__ import annotations

import pytest

from massivesms.errors import StoreError
from massivesms.intake import list_blocks
from massivesms.store import blocked_lists, blocked_numbers, lists
from massivesms.store.db import Database, Row
from tests.store.examples import ANA, audited, campaign, contacts, number, one


@pytest.fixture(autouse=True)
def _in_short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocked_lists, "STEP", 7)
    monkeypatch.setattr(blocked_lists.count_some, "__defaults__", (7,))


def block(db: Database, *which: int, campaign_id: int = 0) -> None:
    with db.transaction() as tx:
        numbers = [number(n).e164 for n in which]
        blocked_numbers.add(tx, numbers, ANA, campaign_id=campaign_id)


def row_of(db: Database, list_id: int) -> Row:
    with db.transaction() as tx:
        row = lists.by_id(tx, list_id)
    assert row
    return row


def counts(db: Database, list_id: int) -> tuple[int, int]:
    row = row_of(db, list_id)
    real = "SELECT COUNT(*) FROM contact WHERE list_id = %(id)s AND excluded = 0"
    assert row["included"] == one(db, real, id=list_id)
    return row["included"], row["excluded"]


def test_blocked_contacts_are_excluded_and_used_again(db: Database) -> None:
    with db.transaction() as tx:
        list_id = contacts(tx, count=30)
        lists.set_excluded(
            tx, lists.by_name(tx, "Customers"), number(3).e164, True, ANA
        )
        made = campaign(tx)
    block(db, 1, 2, 3, 29, 77)
    block(db, 2, 5, campaign_id=made)
    assert list_blocks.count(db, list_id) == 3
    assert list_blocks.count(db, list_id, made) == 4
    assert list_blocks.exclude(db, list_id, ANA, made) == 4
    assert list_blocks.exclude(db, list_id, ANA, made) == 0
    assert counts(db, list_id) == (25, 5)
    with db.transaction() as tx:
        blocked = lists.contacts(tx, list_id, kinds=lists.KINDS["blocked"])
        assert [c["number"] for c in blocked] == [number(n).e164 for n in (1, 2, 5, 29)]
        assert len(lists.contacts(tx, list_id, kinds=lists.KINDS["yes"])) == 5
        assert len(lists.contacts(tx, list_id, kinds=lists.KINDS["no"])) == 25
        assert len(lists.contacts(tx, list_id)) == 30
        starts, only = ["+346000000"], lists.KINDS["blocked"]
        some = lists.contacts(tx, list_id, number_starts=starts, kinds=only)
        assert len(some) == 4
    assert list_blocks.include(db, list_id, ANA) == 4
    assert counts(db, list_id) == (29, 1)
    assert audited(db)[-2:] == ["list.exclude_blocked", "list.include_blocked"]


def test_a_person_decides_about_one_that_was_excluded_so(db: Database) -> None:
    with db.transaction() as tx:
        list_id = contacts(tx, count=3)
    block(db, 0, 1)
    list_blocks.exclude(db, list_id, ANA)
    row = row_of(db, list_id)
    with db.transaction() as tx:
        assert lists.set_excluded(tx, row, number(0).e164, True, ANA)  # it is already
        assert lists.set_excluded(tx, row, number(1).e164, False, ANA)
    assert counts(db, list_id) == (2, 1)
    assert list_blocks.include(db, list_id, ANA) == 1
    assert counts(db, list_id) == (3, 0)


def test_without_blocks_or_list_nothing_is_looked_up(db: Database) -> None:
    with db.transaction() as tx:
        list_id = contacts(tx, count=3)
    assert list_blocks.count(db, list_id) == 0
    with pytest.raises(StoreError, match="no list"):
        list_blocks.exclude(db, 77, ANA)
