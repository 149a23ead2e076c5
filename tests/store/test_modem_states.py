"""What modems said, and that a count goes with its SIM card."""

from __future__ import annotations

from datetime import datetime

import pytest

from massivesms.domain.modem_live import ModemSeen
from massivesms.store import modem_states, trunk_usage, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.trunks import TrunkDraft

DAY = {"day": datetime(2026, 11, 21)}
X, Y = "734040000000001", "734040000000002"


@pytest.fixture
def two(db: Database) -> tuple[int, int]:
    def make(name: str) -> int:
        draft = TrunkDraft(name, "modem", settings={"port": "/dev/ttyUSB0"})
        return db.atomically(lambda tx: trunks.create(tx, draft, Actor("ana")))

    return make("one"), make("two")


def opened(db: Database, trunk_id: int, imsi: str) -> None:
    seen = ModemSeen("/dev/ttyUSB0", imsi=imsi)
    db.atomically(lambda tx: modem_states.write(tx, trunk_id, seen))


def sends(db: Database, trunk_id: int, segments: int) -> None:
    db.atomically(lambda tx: trunk_usage.add(tx, trunk_id, DAY, segments))


def used(db: Database, trunk_id: int) -> int:
    found = db.atomically(lambda tx: trunk_usage.locked(tx, trunk_id, DAY))
    return found.get("day", 0)


def test_another_card_begins_anew_and_the_first_goes_on(
    db: Database, two: tuple[int, int]
) -> None:
    one, _ = two
    opened(db, one, X)
    sends(db, one, 5)
    opened(db, one, Y)
    assert used(db, one) == 0
    sends(db, one, 2)
    opened(db, one, X)
    assert used(db, one) == 5
    opened(db, one, Y)
    assert used(db, one) == 2


def test_cards_that_change_places_keep_their_counts(
    db: Database, two: tuple[int, int]
) -> None:
    one, other = two
    opened(db, one, X)
    opened(db, other, Y)
    sends(db, one, 5)
    sends(db, other, 2)
    opened(db, one, Y)
    opened(db, other, X)
    assert (used(db, one), used(db, other)) == (2, 5)
    opened(db, other, Y)
    opened(db, one, X)
    assert (used(db, one), used(db, other)) == (5, 2)


def test_what_was_counted_before_the_card_was_known_is_its_own(
    db: Database, two: tuple[int, int]
) -> None:
    one, _ = two
    sends(db, one, 5)
    opened(db, one, X)
    assert used(db, one) == 5


def test_a_card_that_does_not_say_who_it_is_changes_nothing(
    db: Database, two: tuple[int, int]
) -> None:
    one, _ = two
    opened(db, one, X)
    sends(db, one, 5)
    opened(db, one, "")
    assert used(db, one) == 5
    opened(db, one, X)
    assert used(db, one) == 5


def test_a_removed_trunks_card_keeps_its_count(
    db: Database, two: tuple[int, int]
) -> None:
    one, other = two
    opened(db, one, X)
    sends(db, one, 5)
    with db.transaction() as tx:
        row = trunks.by_id(tx, one)
        assert row is not None
        trunks.remove(tx, row, Actor("ana"))
    opened(db, other, X)
    assert used(db, other) == 5
    with db.transaction() as tx:
        assert list(modem_states.of_all(tx)) == [other]
