"""Permanent campaigns of large lists: one contact is looked at, not all the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.domain.words import Problem
from massivesms.engine import housekeeping
from massivesms.store import contacts as store_contacts
from massivesms.store import imports, lists, permanent
from massivesms.store.db import Database, Transaction
from massivesms.store.imports import RowProblem
from massivesms.vault import NumberHash
from tests.store.examples import ANA, contacts, number
from tests.store.test_permanent import COUNTS, give, join, made, with_places

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
        before = reads(tx)
        give(tx, list_id, 0, saldo="3")
        join(tx, list_id, 1)
        tx.execute("UPDATE contact SET created_at = created_at + INTERVAL 1 DAY")
    assert housekeeping.grow_permanent(db) == 0
    with db.transaction() as tx:
        assert reads(tx) - before < 300
        assert tx.tuples(COUNTS, (campaign_id,)) == ((0, MANY + 2),)
        before = reads(tx)
        give(tx, list_id, 0, first_name="Ana")
        assert reads(tx) - before < 300
        assert tx.tuples(COUNTS, (campaign_id,)) == ((1, MANY + 1),)


def place(tx: Transaction, campaign_id: int) -> int:
    """How far a campaign has looked."""
    sql = "SELECT taken_until FROM campaign WHERE id = %s"
    return int(tx.value(sql, (campaign_id,)))


def test_who_gets_a_value_is_looked_at_alone_and_newcomers_have_their_turn(
    db: Database,
) -> None:
    list_id, campaign_id = with_places(db, "Hola <nombre>")
    with db.transaction() as tx:
        join(tx, list_id, *range(1, 1 + MANY))
    while housekeeping.grow_permanent(db) or permanent_due(db):
        continue
    with db.transaction() as tx:
        looked_until = place(tx, campaign_id)
        before = reads(tx)
        give(tx, list_id, 0, saldo="3")
        assert sent_to(tx) == []
        give(tx, list_id, 0, first_name="Ana")
        assert reads(tx) - before < 300
        assert place(tx, campaign_id) == looked_until
        assert sent_to(tx) == [number(0).e164]
        give(tx, list_id, 0, first_name="Eva")  # it has one
        assert permanent.due(tx) == []
        assert sent_to(tx) == [number(0).e164]


def test_another_number_of_a_contact_gets_it_too_and_an_excluded_one_does_not(
    db: Database,
) -> None:
    with db.transaction() as tx:
        list_id = contacts(tx, count=2)
        campaign_id = made(tx, list_id)
    assert housekeeping.grow_permanent(db) == 2
    with db.transaction() as tx:
        row = lists.by_id(tx, list_id)
        first, second = lists.contacts(tx, list_id)
        assert row
        lists.set_excluded(tx, row, second["number"], True, ANA)
        store_contacts.change(tx, row, first, number(8), {}, ANA)
        store_contacts.change(tx, row, second, number(9), {}, ANA)
        assert sent_to(tx)[2:] == [number(8).e164]
        join(tx, list_id, 5)
        new = lists.contacts(tx, list_id)[-1]
        store_contacts.change(tx, row, new, number(6), {}, ANA)  # its turn comes
        assert sent_to(tx)[3:] == []
        assert permanent.due(tx) == [campaign_id]
    assert housekeeping.grow_permanent(db) == 1
    with db.transaction() as tx:
        assert sent_to(tx)[3:] == [number(6).e164]


def test_a_contact_that_is_just_being_looked_at_is_taken_as_it_is_changed(
    config: Config, db: Database
) -> None:
    list_id, campaign_id = with_places(db, "Hola <nombre>")
    other = Database(config.database, hash_of=NumberHash(config.secret_key))
    begun = threading.Event()

    def change() -> None:
        with other.transaction() as tx:
            begun.set()
            give(tx, list_id, 0, first_name="Ana")
        other.close()

    changing = threading.Thread(target=change)
    with db.transaction() as tx:
        assert permanent.take_some(tx, campaign_id) == (1, 0)  # without its value
        changing.start()
        begun.wait(30)
        changing.join(0.3)  # it waits for the campaign
    changing.join(30)
    assert not changing.is_alive()
    with db.transaction() as tx:
        assert sent_to(tx) == [number(0).e164]


def permanent_due(db: Database) -> list[int]:
    """Campaigns with contacts that were not looked at yet."""
    with db.transaction() as tx:
        return permanent.due(tx)


def sent_to(tx: Transaction) -> list[str]:
    """The numbers of all messages."""
    return [one for (one,) in tx.tuples("SELECT number FROM message ORDER BY id")]
