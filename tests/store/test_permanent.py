"""Permanent campaigns: whoever comes into the list gets it, exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.engine import housekeeping
from massivesms.store import campaigns, counts, finished_campaigns, lists, permanent
from massivesms.store import messages as store_messages
from massivesms.store.db import Database, Row, Transaction
from massivesms.vault import NumberHash
from tests.store.examples import ANA, campaign, contacts, number


@pytest.fixture(name="db")
def keyed(config: Config, db: Database) -> Iterator[Database]:
    """The database with the key by which a number is known again."""
    database = Database(config.database, hash_of=NumberHash(config.secret_key))
    yield database
    database.close()


def made(tx: Transaction, list_id: int, **more: object) -> int:
    return campaign(tx, "Siempre", list_id=list_id, permanent=True, **more)


def join(tx: Transaction, list_id: int, *numbers: int) -> None:
    lists.lock(tx, list_id)
    lists.add_contacts(tx, list_id, [number(n) for n in numbers])


def leave(tx: Transaction, list_id: int, n: int) -> None:
    tx.execute(
        "DELETE FROM contact WHERE list_id = %s AND number = %s",
        (list_id, number(n).e164),
    )


def sent_to(db: Database, campaign_id: int) -> list[int]:
    with db.transaction() as tx:
        rows = tx.tuples(
            "SELECT number FROM message WHERE campaign_id = %s ORDER BY id",
            (campaign_id,),
        )
        assert counts.by_campaign(tx, [campaign_id])[campaign_id].get(
            "queued", 0
        ) == len(rows)
    return [int(found[-3:]) for (found,) in rows]


@pytest.fixture
def world(db: Database) -> tuple[int, int]:
    """A list of two, and a permanent campaign that has one of them."""
    with db.transaction() as tx:
        list_id = contacts(tx, count=2)
        return list_id, made(tx, list_id, count=1)


def test_who_is_in_the_list_or_comes_later_gets_it_once(
    db: Database, world: tuple[int, int]
) -> None:
    list_id, campaign_id = world
    assert housekeeping.grow_permanent(db) == 1
    assert sent_to(db, campaign_id) == [0, 1]
    with db.transaction() as tx:
        join(tx, list_id, 5, 6)
    assert housekeeping.grow_permanent(db) == 2
    assert housekeeping.grow_permanent(db) == 0
    assert sent_to(db, campaign_id) == [0, 1, 5, 6]


def test_who_leaves_and_comes_back_does_not_get_it_again_even_when_it_is_purged(
    db: Database, world: tuple[int, int]
) -> None:
    list_id, campaign_id = world
    housekeeping.grow_permanent(db)
    with db.transaction() as tx:
        leave(tx, list_id, 0)
        leave(tx, list_id, 1)
        tx.execute("UPDATE message SET number = '' WHERE campaign_id = %s AND"
                   " state = 'queued'", (campaign_id,))  # fmt: skip
        join(tx, list_id, 0, 1, 7)
        assert permanent.due(tx) == [campaign_id]
    assert housekeeping.grow_permanent(db) == 1


def test_excluded_ones_get_it_when_they_are_put_into_use_again(
    db: Database, world: tuple[int, int]
) -> None:
    list_id, campaign_id = world
    with db.transaction() as tx:
        row = lists.by_id(tx, list_id)
        assert row
        lists.set_excluded(tx, row, number(1).e164, True, ANA)
        join(tx, list_id, 2)
    assert housekeeping.grow_permanent(db) == 1
    with db.transaction() as tx:
        lists.set_excluded(tx, row, number(1).e164, False, ANA)
    assert housekeeping.grow_permanent(db) == 1
    assert sent_to(db, campaign_id) == [0, 2, 1]


def test_a_crash_leaves_neither_a_message_nor_the_place(
    db: Database, world: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    list_id, campaign_id = world
    enqueue = store_messages.enqueue

    def crash(*args: object) -> int:
        enqueue(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(store_messages, "enqueue", crash)
    with pytest.raises(KeyboardInterrupt):
        housekeeping.grow_permanent(db)
    monkeypatch.undo()
    assert sent_to(db, campaign_id) == [0]
    assert housekeeping.grow_permanent(db) == 1
    assert sent_to(db, campaign_id) == [0, 1]


def test_one_round_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction() as tx:
        campaign_id = made(tx, contacts(tx, count=5))
    take = permanent.take_some
    monkeypatch.setattr(permanent, "take_some", lambda tx, one: take(tx, one, 1))
    assert housekeeping.grow_permanent(db) == housekeeping.GROW_BATCHES == 3
    assert housekeeping.grow_permanent(db) == 2
    assert sent_to(db, campaign_id) == [0, 1, 2, 3, 4]


def test_it_never_finishes_until_it_is_ended(
    db: Database, world: tuple[int, int]
) -> None:
    list_id, _ = world
    with db.transaction() as tx:
        campaign_id = campaign(tx, "Vacía", list_id=list_id, permanent=True)
        assert finished_campaigns.close_finished(tx) == {}
        row: Row = campaigns.by_name(tx, "Vacía")
        assert row["permanent"] is True
        assert permanent.end(tx, row, ANA) and not permanent.end(tx, row, ANA)
        assert campaign_id not in permanent.due(tx)
        assert finished_campaigns.close_finished(tx) == {campaign_id: "Vacía"}


def test_places_are_filled_and_who_lacks_a_value_is_on_record(db: Database) -> None:
    with db.transaction() as tx:
        list_id = contacts(tx, count=2)
        campaign_id = made(tx, list_id)
        tx.execute("UPDATE campaign SET text = 'Hola <nombre>' WHERE permanent = 1")
        tx.execute(
            "UPDATE contact SET fields = %s WHERE number = %s",
            (json.dumps({"first_name": "Ana"}), number(0).e164),
        )
    housekeeping.grow_permanent(db)
    with db.transaction() as tx:
        found = tx.tuples("SELECT number, text FROM message")
    assert found == ((number(0).e164, "Hola Ana"),)
    assert sent_to(db, campaign_id) == [0]


def test_what_the_service_asks_goes_by_an_index(
    db: Database, world: tuple[int, int]
) -> None:
    with db.transaction() as tx:
        plan = tx.rows(f"EXPLAIN {permanent.DUE}")
        assert all(row["key"] for row in plan), plan
        values = {"before": 1, "list_id": 1}
        plan = tx.rows(f"EXPLAIN {permanent.LOOK_AGAIN}", values)
        assert all(row["key"] for row in plan), plan


def test_a_list_that_was_looked_through_is_not_read_again(
    db: Database, world: tuple[int, int]
) -> None:
    def reads(tx: Transaction) -> int:
        found = tx.tuples("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(n) for name, n in found if name != "Handler_read_rnd_next")

    list_id, campaign_id = world
    with db.transaction() as tx:
        join(tx, list_id, *range(100, 400))
    while housekeeping.grow_permanent(db):
        continue
    with db.transaction() as tx:
        before = reads(tx)
        assert permanent.due(tx) == []
        assert reads(tx) - before < 20
        join(tx, list_id, 500)
        assert permanent.due(tx) == [campaign_id]
