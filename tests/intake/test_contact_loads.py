"""Loads of contacts: their fields are kept, and what a load brought can be told."""

from __future__ import annotations

import io

import pytest

from massivesms.domain import contact_fields
from massivesms.domain.numbers import NumberPlan
from massivesms.domain.recipients import Row
from massivesms.intake import load_sources, loads
from massivesms.intake.load_sources import Source
from massivesms.intake.loads import Loaded
from massivesms.store import imports, lists
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.db import Row as StoredRow

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)
ANA = Actor("ana", "192.0.2.1")


def row(n: int, **fields: str) -> Row:
    return Row(n, f"6001{n:05}", fields=fields or None)


def load(db: Database, *rows: Row, name: str = "L") -> Loaded:
    return loads.create_list(db, name, "", Source("file", rows, "x.csv"), SPAIN, ANA)


def contacts(db: Database, list_id: int) -> list[StoredRow]:
    with db.transaction() as tx:
        return lists.contacts(tx, list_id, limit=10_000)


def test_the_fields_of_a_row_are_those_of_its_contact(db: Database) -> None:
    made = load(
        db,
        row(1, first_name="José", saldo="10,5 €"),
        row(2),
        row(3, first_name="", saldo=""),
        row(4, first_name='"; DROP', saldo="%s <b> \\ 🙂"),
    )
    fields = [contact["fields"] for contact in contacts(db, made.target_id)]
    assert fields == [
        {"first_name": "José", "saldo": "10,5 €"},
        {},
        {},
        {"first_name": '"; DROP', "saldo": "%s <b> \\ 🙂"},
    ]
    assert list(fields[0]) == ["first_name", "saldo"]


def test_fields_as_large_as_they_may_be_are_loaded(db: Database) -> None:
    widest = {f"f{n}": "x" * contact_fields.MOST_VALUE for n in range(40)}
    made = load(db, *(Row(n, f"6001{n:05}", fields=widest) for n in range(2100)))
    assert made.accepted == 2100
    assert contacts(db, made.target_id)[-1]["fields"] == widest


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({f"f{n}": "x" for n in range(41)}, "too_many_fields"),
        ({"saldo": "x" * 501}, "field_too_long"),
        ({f"f{n}": "€🙂" * 250 for n in range(40)}, "fields_too_long"),
    ],
)
def test_fields_that_cannot_be_kept_refuse_their_row_alone(
    db: Database, fields: dict[str, str], code: str
) -> None:
    made = load(db, row(1, saldo="1"), Row(2, "600100002", fields=fields))
    assert (made.accepted, made.refused) == (1, 1)
    with db.transaction() as tx:
        (bad,) = imports.problems(tx, made.import_id)
    assert bad["code"] == code
    assert list(bad["fields"]) == list(fields)


def test_a_load_knows_between_which_contacts_its_own_are(db: Database) -> None:
    first = load(db, row(1), row(2))
    source = Source("file", [row(2, saldo="1"), row(3, saldo="2")], "y.csv")
    second = loads.add_to_list(db, first.target_id, source, SPAIN, ANA)
    found = contacts(db, first.target_id)
    assert [contact["fields"] for contact in found] == [{}, {}, {"saldo": "2"}]
    with db.transaction() as tx:
        for made, own in ((first, found[:2]), (second, found[2:])):
            stored = imports.by_id(tx, made.import_id)
            assert stored
            ids = {contact["id"] for contact in own}
            least, most = stored["first_contact_id"], stored["last_contact_id"]
            assert least <= min(ids) and max(ids) <= most
            kept = tx.tuples(
                "SELECT id FROM contact WHERE import_id = %s", (made.import_id,)
            )
            assert {one for (one,) in kept} == ids


def test_a_file_is_known_by_its_digest_and_read_from_where_it_stands() -> None:
    one, same, other = (io.BytesIO(text) for text in (b"a600", b"a600", b"a601"))
    digests = [load_sources.digest_of(file) for file in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert one.read() == b"a600"
