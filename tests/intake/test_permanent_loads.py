"""A permanent campaign of a list: who lacks a value is on record once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.domain.campaigns import Draft
from massivesms.domain.numbers import Number, read_number
from massivesms.domain.recipients import Row
from massivesms.domain.smart_text import Choice, Improver
from massivesms.engine import housekeeping
from massivesms.errors import StoreError
from massivesms.intake import campaign_loads, loads
from massivesms.intake.load_sources import Source
from massivesms.store import contacts, erasure, lists, permanent
from massivesms.store.db import Database
from massivesms.vault import NumberHash
from tests.intake.test_loads import SPAIN
from tests.store.examples import ANA, recount


@pytest.fixture(name="db")
def keyed(config: Config, db: Database) -> Iterator[Database]:
    """The database with the key by which a number is known again."""
    database = Database(config.database, hash_of=NumberHash(config.secret_key))
    yield database
    database.close()


def of(*rows: Row) -> Source:
    return Source("file", rows, "clientes.csv")


def test_who_lacks_a_value_is_counted_once_and_newcomers_are_judged(
    db: Database,
) -> None:
    ana = Row(1, "600111222", fields={"first_name": "Ana"})
    made = loads.create_list(db, "L", "", of(ana, Row(2, "600111223")), SPAIN, ANA)
    with db.transaction() as tx:
        chosen = lists.by_id(tx, made.target_id)
    assert chosen is not None
    draft = Draft("C", "Hola <nombre>", list_id=chosen["id"], permanent=True)
    began = campaign_loads.create_campaign_from_list(db, draft, chosen, ANA)
    assert (began.accepted, began.refused) == (1, 1)
    housekeeping.grow_permanent(db)
    counts = "SELECT accepted, refused FROM import WHERE campaign_id = %s"
    with db.transaction() as tx:
        assert tx.tuples(counts, (began.target_id,)) == ((1, 1),)
    loads.add_to_list(db, made.target_id, of(Row(1, "600111224")), SPAIN, ANA)
    housekeeping.grow_permanent(db)
    with db.transaction() as tx:
        assert tx.tuples(counts, (began.target_id,)) == ((1, 2),)
        assert tx.value("SELECT COUNT(*) FROM import_problem") == 2


def test_who_was_refused_at_the_beginning_is_not_written_to_later(
    db: Database,
) -> None:
    long = {"first_name": "\u0416" * 400, "custom_1": "\u0416" * 400}
    rows = of(
        Row(1, "600111222", fields={"first_name": "\u201cAna\u201d", "custom_1": "x"}),
        Row(2, "600111223", fields=long),
    )
    made = loads.create_list(db, "L", "", rows, SPAIN, ANA)
    with db.transaction() as tx:
        chosen = lists.by_id(tx, made.target_id)
    assert chosen is not None
    text = "Hola <nombre> <custom_1>"
    draft = Draft("C", text, list_id=chosen["id"], permanent=True)
    improver = Improver(Choice.MARKS)
    began = campaign_loads.create_campaign_from_list(
        db, draft, chosen, ANA, improver=improver
    )
    assert (began.accepted, began.refused) == (1, 1)
    assert housekeeping.grow_permanent(db) == 0
    newcomer = {"first_name": "\u201cEva\u201d", "custom_1": "x"}
    loads.add_to_list(
        db, made.target_id, of(Row(1, "600111224", fields=newcomer)), SPAIN, ANA
    )
    assert housekeeping.grow_permanent(db) == 1
    with db.transaction() as tx:
        found = [one for (one,) in tx.tuples("SELECT text FROM message ORDER BY id")]
    assert found == ['Hola "Ana" x', 'Hola "Eva" x']


def test_who_was_there_at_the_beginning_is_not_looked_at_again(db: Database) -> None:
    made = loads.create_list(
        db, "L", "", of(Row(1, "600111222"), Row(2, "600111223")), SPAIN, ANA
    )
    with db.transaction() as tx:
        chosen = lists.by_id(tx, made.target_id)
    assert chosen is not None
    draft = Draft("C", "Hola", list_id=chosen["id"], permanent=True)
    began = campaign_loads.create_campaign_from_list(db, draft, chosen, ANA)
    with db.transaction() as tx:
        assert permanent.due(tx) == []
    loads.add_to_list(db, made.target_id, of(Row(1, "600111224")), SPAIN, ANA)
    assert housekeeping.grow_permanent(db) == 1
    # Their numbers are purged and erased; they leave the list and come back.
    with db.transaction() as tx:
        tx.execute(
            "UPDATE message SET created_at = created_at - INTERVAL 9 DAY,"
            " state = IF(number = '+34600111223', 'queued', 'delivered')"
        )
        tx.execute("DELETE FROM campaign_count")
    housekeeping.purge_old(db, 7)
    gone = read_number("600111223", SPAIN)
    assert isinstance(gone, Number)
    with db.transaction() as tx:
        recount(tx)
    erasure.erase(db, gone, SPAIN, ANA)
    with db.transaction() as tx:
        erasure.admit(tx, gone, ANA)
        tx.execute("DELETE FROM contact")
        assert tx.value("SELECT COUNT(*) FROM message WHERE number > ''") == 0
    again = of(*(Row(n, f"60011122{n}") for n in range(2, 6)))
    loads.add_to_list(db, made.target_id, again, SPAIN, ANA)
    assert housekeeping.grow_permanent(db) == 1  # 600111225
    with db.transaction() as tx:
        found = tx.tuples("SELECT number FROM message WHERE number > ''")
    assert found == (("+34600111225",),)
    assert began.accepted == 2


def test_a_contact_is_not_changed_while_a_campaign_reads_its_list(
    config: Config, db: Database
) -> None:
    made = loads.create_list(db, "L", "", of(Row(1, "600111222")), SPAIN, ANA)
    with db.transaction() as tx:
        row = lists.by_id(tx, made.target_id)
        (contact,) = lists.contacts(tx, made.target_id)
        tx.execute("SET SESSION innodb_lock_wait_timeout = 1")
    number = read_number("600111222", SPAIN)
    assert row is not None and isinstance(number, Number)
    other = Database(config.database, hash_of=NumberHash(config.secret_key))
    try:
        with other.transaction() as held:
            lists.lock(held, made.target_id)
            with pytest.raises(StoreError), db.transaction() as tx:
                contacts.change(tx, row, contact, number, {"saldo": "1"}, ANA)
    finally:
        other.close()
    with db.transaction() as tx:
        contacts.change(tx, row, contact, number, {"saldo": "1"}, ANA)
