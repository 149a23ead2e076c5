"""Named timetables: slots of the days of a week, and which campaigns go by them."""

from __future__ import annotations

from ..domain.campaigns import name_taken, not_found
from ..domain.timetables import Slot, Timetable
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import audit
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

NAMED = 3  # campaigns that a refusal names

ALL = """
SELECT t.id, t.name, t.removed,
       (SELECT COUNT(*) FROM campaign c
        WHERE c.timetable_id = t.id AND c.open = 1 AND c.removed = 0) AS campaigns
FROM timetable t ORDER BY t.name"""
SLOTS = "SELECT timetable_id, day, starts, ends FROM timetable_slot"


def all_timetables(tx: Transaction) -> list[Row]:
    """Those that are not removed, by name, with `table` and open `campaigns`."""
    return [row for row in _all(tx) if not row["removed"]]


def by_id(tx: Transaction, timetable_id: int) -> Row | None:
    """One of them, or None."""
    return next((r for r in all_timetables(tx) if r["id"] == timetable_id), None)


def even_removed(tx: Transaction, timetable_id: int | None) -> Row | None:
    """One that a campaign goes by, whether or not it was removed meanwhile."""
    return next((row for row in _all(tx) if row["id"] == timetable_id), None)


BY_NAME = "SELECT id FROM timetable WHERE name = %(name)s AND removed = 0"


def by_name(tx: Transaction, name: str) -> Row:
    """The timetable of that name; StoreError when there is none."""
    found = tx.value(BY_NAME, {"name": name})
    row = by_id(tx, int(found)) if found is not None else None
    if row is None:
        raise StoreError(not_found("timetable", name))
    return row


def load(tx: Transaction) -> dict[int, Timetable]:
    """All timetables by id, removed ones too: their campaigns still go by them."""
    return {row["id"]: row["table"] for row in _all(tx)}


def _all(tx: Transaction) -> list[Row]:
    slots: dict[int, list[Slot]] = {}
    for timetable_id, day, starts, ends in tx.tuples(SLOTS):
        slots.setdefault(timetable_id, []).append(Slot(day, starts, ends))
    rows = tx.rows(ALL)
    for row in rows:
        found = sorted(slots.get(row["id"], []))
        row["table"] = Timetable(row["name"], tuple(found))
    return rows


INSERT = """
INSERT INTO timetable (name, created_at, changed_at)
VALUES (%(name)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""
INSERT_SLOT = """
INSERT INTO timetable_slot (timetable_id, day, starts, ends)
VALUES (%s, %s, %s, %s)"""


def create(tx: Transaction, table: Timetable, actor: Actor) -> int:
    """Stores a new timetable; its id. StoreError when the name is taken."""
    with unique(name_taken("timetable", table.name)):
        timetable_id = tx.insert(INSERT, {"name": table.name})
    _insert_slots(tx, timetable_id, table)
    audit.record(tx, actor, "timetable.create", table.name, _audited(table))
    return timetable_id


UPDATE = """
UPDATE timetable SET name = %(name)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""
DELETE_SLOTS = "DELETE FROM timetable_slot WHERE timetable_id = %(id)s"


def update(tx: Transaction, row: Row, table: Timetable, actor: Actor) -> None:
    """Changes one; campaigns go by it within seconds. StoreError when taken."""
    with unique(name_taken("timetable", table.name)):
        tx.execute(UPDATE, {"id": row["id"], "name": table.name})
    tx.execute(DELETE_SLOTS, {"id": row["id"]})
    _insert_slots(tx, row["id"], table)
    changed = audit.changes(_audited(row["table"]), _audited(table))
    if changed:
        audit.record(tx, actor, "timetable.change", table.name, changed)


USED_BY = """
SELECT id, name FROM campaign
WHERE timetable_id = %(id)s AND open = 1 AND removed = 0 ORDER BY id LIMIT 100"""


def used_by(tx: Transaction, timetable_id: int) -> list[Row]:
    """Campaigns with something left to send that go by it: id and name."""
    return tx.rows(USED_BY, {"id": timetable_id})


REMOVE = """
UPDATE timetable SET removed = 1, changed_at = UTC_TIMESTAMP(3),
  name = LEFT(CONCAT('#', id, ' ', name), 120)
WHERE id = %(id)s AND removed = 0"""


def remove(tx: Transaction, row: Row, actor: Actor) -> None:
    """Removes one that no open campaign goes by, or StoreError that names those."""
    using = used_by(tx, row["id"])
    if using:
        raise StoreError(
            Problem(
                "timetable_in_use",
                N_(
                    "Campaigns are sent by the timetable %(name)s: %(campaigns)s."
                    " Give them another one first."
                ),
                name=row["name"],
                campaigns=", ".join(c["name"] for c in using[:NAMED]),
            )
        )
    tx.execute(REMOVE, {"id": row["id"]})
    audit.record(tx, actor, "timetable.remove", row["name"], _audited(row["table"]))


def _insert_slots(tx: Transaction, timetable_id: int, table: Timetable) -> None:
    rows = [(timetable_id, s.day, s.start, s.end) for s in table.slots]
    tx.many(INSERT_SLOT, rows)


def _audited(table: Timetable) -> dict[str, object]:
    return {"name": table.name, "times": "; ".join(table.lines())}
