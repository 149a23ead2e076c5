"""Permanent campaigns: whoever comes into the list gets it, exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from massivesms.config import Config
from massivesms.domain.campaigns import Draft
from massivesms.domain.smart_text import Choice
from massivesms.engine import housekeeping
from massivesms.store import (
    campaigns,
    counts,
    finished_campaigns,
    imports,
    lists,
    permanent,
    unsent,
)
from massivesms.store import contacts as store_contacts
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
    monkeypatch.setattr(permanent, "take_some", lambda tx, one, _: take(tx, one, 1))
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


def give(tx: Transaction, list_id: int, n: int, **fields: str) -> None:
    """Changes the fields of a contact, as its page does."""
    row = lists.by_id(tx, list_id)
    found = tx.value(
        "SELECT id FROM contact WHERE list_id = %s AND number = %s",
        (list_id, number(n).e164),
    )
    contact = store_contacts.by_id(tx, list_id, found)
    assert row and contact
    store_contacts.change(tx, row, contact, number(n), fields, ANA)


def with_places(db: Database, text: str, **more: object) -> tuple[int, int]:
    """A list of one without fields, and a permanent campaign whose text has places."""
    with db.transaction() as tx:
        list_id = contacts(tx, count=1)
        campaign_id = made(tx, list_id, **more)
        imports.create(tx, "list", campaign_id=campaign_id, created_by="ana")
        tx.execute("UPDATE campaign SET text = %s WHERE permanent = 1", (text,))
        tx.execute("UPDATE contact SET created_at = created_at + INTERVAL 1 DAY")
    return list_id, campaign_id


COUNTS = "SELECT accepted, refused FROM import WHERE campaign_id = %s"
ON_RECORD = "SELECT COUNT(*) FROM import_problem"


def test_who_gets_the_value_later_gets_the_message_then(db: Database) -> None:
    list_id, campaign_id = with_places(db, "Hola <nombre>")
    housekeeping.grow_permanent(db)
    with db.transaction() as tx:
        assert tx.tuples(COUNTS, (campaign_id,)) == ((0, 1),)
        give(tx, list_id, 0, saldo="3")
    assert housekeeping.grow_permanent(db) == 0
    with db.transaction() as tx:
        assert tx.tuples(COUNTS, (campaign_id,)) == ((0, 1),)
        assert tx.value(ON_RECORD) == 1  # tried again, and not counted again
        give(tx, list_id, 0, first_name="Ana")
    assert housekeeping.grow_permanent(db) == 0
    assert sent_to(db, campaign_id) == [0]
    with db.transaction() as tx:
        assert tx.tuples(COUNTS, (campaign_id,)) == ((1, 0),)
        assert tx.value(ON_RECORD) == 0
        give(tx, list_id, 0, first_name="Eva")
    assert housekeeping.grow_permanent(db) == 0


def test_a_filled_text_is_judged_and_made_cheaper_as_when_it_began(
    db: Database,
) -> None:
    list_id, campaign_id = with_places(db, "Hola <nombre>", characters=Choice.MARKS)
    with db.transaction() as tx:
        join(tx, list_id, 1)
        give(tx, list_id, 0, first_name="\u201cAna\u201d")
        give(tx, list_id, 1, first_name="\u0416" * 700)
        tx.execute("UPDATE contact SET created_at = created_at + INTERVAL 1 DAY")
    assert housekeeping.grow_permanent(db) == 1
    with db.transaction() as tx:
        assert tx.tuples("SELECT text FROM message") == (('Hola "Ana"',),)
        assert tx.tuples(COUNTS, (campaign_id,)) == ((1, 1),)
        assert tx.value("SELECT code FROM import_problem") == "text_too_long"


def test_no_campaign_waits_for_the_large_list_of_another(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permanent, "BATCH", 2)
    with db.transaction() as tx:
        large = contacts(tx, count=40)
        ids = [campaign(tx, f"C{n}", list_id=large, permanent=True) for n in range(5)]
    assert housekeeping.grow_permanent(db) <= 3 * 2
    assert all(sent_to(db, one) for one in ids)


def test_it_is_over_when_its_deadline_has_passed(db: Database) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with db.transaction() as tx:
        list_id = contacts(tx, count=1)
        campaign_id = made(tx, list_id, deadline_at=yesterday)
        assert finished_campaigns.close_finished(tx) == {campaign_id: "Siempre"}
        tx.execute(
            "UPDATE campaign SET deadline_at = deadline_at + INTERVAL 2 DAY"
            " WHERE permanent = 1"
        )
    assert housekeeping.grow_permanent(db) == 1
    with db.transaction() as tx:
        assert tx.value("SELECT open FROM campaign WHERE permanent = 1") == 1
        tx.execute("UPDATE campaign SET purged_at = created_at, text = ''")
        join(tx, list_id, 4)
        assert permanent.due(tx) == []


@pytest.mark.parametrize("way", ["moved", "taken away", "changed"])
def test_one_whose_deadline_is_moved_is_open_again(db: Database, way: str) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=1) if way == "moved" else None
    with db.transaction() as tx:
        list_id = contacts(tx)
        yesterday = now - timedelta(days=1)
        campaign_id = made(tx, list_id, deadline_at=yesterday)
        other = campaign(tx, "Once", deadline_at=yesterday)
        assert len(finished_campaigns.close_finished(tx)) == 2
        for one in (campaign_id, other):
            row = campaigns.by_id(tx, one)
            assert row
            unsent.set_deadline(tx, row, now - timedelta(hours=1), ANA)
        is_open = "SELECT open FROM campaign WHERE id = %s"
        assert not tx.value(is_open, (campaign_id,))
        for one in (campaign_id, other):
            row = campaigns.by_id(tx, one)
            assert row
            if way == "changed":
                draft = Draft(row["name"], "Otro texto")
                campaigns.update(tx, row, draft, 1, ANA)
            else:
                unsent.set_deadline(tx, row, later, ANA)
        assert tx.value(is_open, (campaign_id,)) == 1
        assert tx.value(is_open, (other,)) == 0
        assert finished_campaigns.close_finished(tx) == {}
        join(tx, list_id, 5)
    assert housekeeping.grow_permanent(db) == 1


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
