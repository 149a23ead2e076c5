"""What a load brought is taken away again: all of that, and nothing else."""

from __future__ import annotations

import io
import threading
import time

import pytest

from massivesms.domain.campaigns import Draft
from massivesms.domain.numbers import NumberPlan
from massivesms.errors import StoreError
from massivesms.intake import campaign_loads, load_sources, loads, undo
from massivesms.intake.loads import Loaded
from massivesms.store import campaigns, import_undo, imports, lists
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.store import examples

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)
ANA = Actor("ana", "192.0.2.1")


def file(*numbers: int) -> load_sources.Source:
    text = "\n".join(f"6001{n:05}" for n in numbers)
    return load_sources.file_source(io.BytesIO(text.encode()), "x.csv")


def left(db: Database, made: Loaded) -> int | None:
    with db.transaction() as tx:
        load = imports.by_id(tx, made.import_id)
        assert load
        return import_undo.left(tx, load)


def numbers(db: Database, list_id: int) -> list[int]:
    with db.transaction() as tx:
        return [int(row["number"][-5:]) for row in lists.contacts(tx, list_id)]


@pytest.mark.parametrize("size", [1, 2, 5000])
def test_the_contacts_of_a_load_are_deleted_and_those_of_others_stay(
    db: Database, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(import_undo, "CONTACT_IDS", size)
    first = loads.create_list(db, "L", "", file(1, 2), SPAIN, ANA)
    second = loads.add_to_list(db, first.target_id, file(2, 3, 4), SPAIN, ANA)
    third = loads.add_to_list(db, first.target_id, file(5), SPAIN, ANA)
    with db.transaction() as tx:
        row = lists.by_id(tx, first.target_id)
        assert row
        lists.set_excluded(tx, row, "+34600100003", True, ANA)
    assert left(db, second) == 2
    assert undo.undo(db, second.import_id, ANA) == 2
    assert numbers(db, first.target_id) == [1, 2, 5]
    assert (left(db, first), left(db, second), left(db, third)) == (2, 0, 1)
    with db.transaction() as tx:
        row = lists.by_id(tx, first.target_id)
        load = imports.by_id(tx, second.import_id)
        assert row and (row["included"], row["excluded"]) == (3, 0)
        assert load and (load["undone"], load["undone_by"]) == (2, "ana")
        assert load["undone_at"]
    assert examples.audited(db)[-1] == "import.undo"


@pytest.mark.parametrize("size", [1, 20_000])
def test_waiting_messages_of_a_load_are_cancelled_and_what_is_sent_stays(
    db: Database, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(import_undo, "MESSAGE_IDS", size)
    draft = Draft("C", "Hola")
    made = campaign_loads.create_campaign_from_file(
        db, draft, file(1, 2, 3), SPAIN, ANA
    )
    with db.transaction() as tx:
        trunk_id = examples.trunk(tx)
        examples.campaign(tx, "Other", 2)
        ours = examples.claim(tx, made.target_id, trunk_id)
        examples.settle(tx, ours, trunk_id, "submitted")
    assert left(db, made) == 2
    assert undo.undo(db, made.import_id, ANA) == 2
    with db.transaction() as tx:
        row = campaigns.by_id(tx, made.target_id)
        other = campaigns.by_name(tx, "Other")
    assert row
    counts = {state: n for state, n in row["counts"].items() if n}
    assert counts == {"submitted": 1, "cancelled": 2}
    assert other["counts"]["queued"] == 2
    assert left(db, made) == 0
    assert undo.undo(db, made.import_id, ANA) == 0
    assert examples.audited(db).count("import.undo") == (2 if size == 1 else 1)


def test_it_stops_where_it_may_not_go_on_and_is_gone_on_with(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_undo, "CONTACT_IDS", 2)
    made = loads.create_list(db, "L", "", file(1, 2, 3, 4, 5), SPAIN, ANA)
    assert undo.undo(db, made.import_id, ANA, lambda: False) == 2
    assert left(db, made) == 3
    assert undo.undo(db, made.import_id, ANA) == 3
    with db.transaction() as tx:
        load = imports.by_id(tx, made.import_id)
    assert load and load["undone"] == 5


@pytest.mark.parametrize("is_list", [True, False])
def test_each_step_is_kept_at_once_so_that_none_is_lost_with_the_process(
    is_list: bool, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_undo, "CONTACT_IDS", 2)
    monkeypatch.setattr(import_undo, "MESSAGE_IDS", 2)
    source = file(1, 2, 3, 4, 5)
    if is_list:
        made = loads.create_list(db, "L", "", source, SPAIN, ANA)
    else:
        draft = Draft("C", "Hola")
        made = campaign_loads.create_campaign_from_file(db, draft, source, SPAIN, ANA)
    seen = []

    def look() -> bool:
        another = Database(db.settings)
        with another.transaction() as tx:
            load = imports.by_id(tx, made.import_id)
        assert load and load["undone_by"] == "ana"
        told = examples.audited(another).count("import.undo")
        another.close()
        seen.append((load["undone"], told))
        return True

    assert undo.undo(db, made.import_id, ANA, look) == 5
    assert seen == [(2, 1), (4, 2), (5, 3)]


WAITS = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = %s"


def test_a_campaign_that_takes_newcomers_is_waited_for_with_nothing_held(
    db: Database,
) -> None:
    draft = Draft("C", "Hola")
    made = campaign_loads.create_campaign_from_file(db, draft, file(1, 2), SPAIN, ANA)
    undone = []

    def undo_it() -> None:
        another = Database(db.settings)
        undone.append(undo.undo(another, made.import_id, ANA))
        another.close()

    undoing = threading.Thread(target=undo_it)
    with db.transaction() as tx:  # holds the campaign first, as all others do
        tx.tuples("SELECT 1 FROM campaign WHERE id = %s FOR UPDATE", (made.target_id,))
        undoing.start()
        deadline_s = time.monotonic() + 30
        while not tx.value(WAITS, ("LOCK WAIT",)) and time.monotonic() < deadline_s:
            undoing.join(0.2)  # asked more often it tells what it told before
        for table, key in (("import", "id"), ("message", "import_id")):
            sql = f"SELECT id FROM {table} WHERE {key} = %s FOR UPDATE NOWAIT"
            assert tx.tuples(sql, (made.import_id,))
    undoing.join(30)
    assert undone == [2]


def test_a_load_of_which_nothing_is_known_is_not_undone(db: Database) -> None:
    made = loads.create_list(db, "L", "", file(1), SPAIN, ANA)
    with db.transaction() as tx:
        tx.execute("UPDATE import SET first_contact_id = NULL")
    assert left(db, made) is None
    with pytest.raises(StoreError, match="not known any more"):
        undo.undo(db, made.import_id, ANA)
    with pytest.raises(StoreError, match="no import 99"):
        undo.undo(db, 99, ANA)
    assert numbers(db, made.target_id) == [1]


def test_the_history_has_all_imports_newest_first(db: Database) -> None:
    made = loads.create_list(db, "L", "", file(1), SPAIN, ANA)
    sent = campaign_loads.create_campaign_from_file(
        db, Draft("C", "x"), file(1), SPAIN, ANA
    )
    with db.transaction() as tx:
        rows = imports.history(tx)
        later = imports.history(tx, before=sent.import_id, limit=5)
    assert [row["id"] for row in rows] == [sent.import_id, made.import_id]
    assert [(row["list"], row["campaign"]) for row in rows] == [
        (None, "C"),
        ("L", None),
    ]
    assert [row["id"] for row in later] == [made.import_id]
