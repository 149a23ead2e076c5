"""Contacts: opened, changed and taken out with counts that are right, and found."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from massivesms.domain.numbers import Number
from massivesms.domain.recipients import Recipient
from massivesms.errors import StoreError
from massivesms.store import contacts, lists
from massivesms.store.db import Database, Row, Transaction
from tests.store import examples
from tests.store.examples import ANA, number
from tests.store.test_page_plans import Explaining
from tests.store.test_plans import big

__all__ = ["big"]  # the fixture

PEOPLE: list[Mapping[str, str] | None] = [
    {"first_name": "José", "last_name": "Pérez"},
    {"first_name": "Ana", "saldo": "10 %"},
    None,
    {"first_name": 'Luis "Lucho"', "ciudad": "A_B\\C"},
    {"last_name": "JOSELITO"},
]


def filled(tx: Transaction, people: list[Mapping[str, str] | None]) -> Row:
    made = lists.create(tx, "Clientes", "", ANA)
    lists.lock(tx, made)
    rows = [Recipient(number(n), None, n, one) for n, one in enumerate(people)]
    lists.add_new_contacts(tx, made, rows)
    row = lists.by_id(tx, made)
    assert row
    return row


def first(tx: Transaction, row: Row) -> Row:
    return lists.contacts(tx, row["id"], limit=1)[0]


def test_a_contact_is_changed_with_its_number_or_without(db: Database) -> None:
    with db.transaction() as tx:
        row = filled(tx, PEOPLE)
        contact = first(tx, row)
        fields = {"first_name": "Pepe", "ciudad": "Lima", "last_name": ""}
        contacts.change(tx, row, contact, number(0), fields, ANA)
        new = Number("+51999888777", False)
        contact = first(tx, row)
        assert contact["fields"] == {"first_name": "Pepe", "ciudad": "Lima"}
        contacts.change(tx, row, contact, new, {}, ANA)
        contact = first(tx, row)
        assert (contact["number"], contact["fields"]) == (new.e164, {})
        with pytest.raises(StoreError, match="in the list already"):
            contacts.change(tx, row, contact, number(1), {}, ANA)
    with db.transaction() as tx:
        changes = tx.rows("SELECT details FROM audit WHERE action LIKE '%%contact'")
    told = str(changes)
    assert "first_name, last_name, ciudad" in told
    assert "Pepe" not in told and "Lima" not in told and new.e164 not in told


@pytest.mark.parametrize("is_excluded", [False, True])
def test_a_contact_that_is_taken_out_is_counted_no_more(
    db: Database, is_excluded: bool
) -> None:
    with db.transaction() as tx:
        row = filled(tx, PEOPLE)
        if is_excluded:
            lists.set_excluded(tx, row, number(0).e164, True, ANA)
        contact = first(tx, row)
        assert contacts.remove(tx, row, contact, ANA)
        assert not contacts.remove(tx, row, contact, ANA)
        left = lists.by_id(tx, row["id"])
        assert left and (left["included"], left["excluded"]) == (4, 0)
        assert contacts.by_id(tx, row["id"], contact["id"]) is None
    assert examples.audited(db)[-1] == "list.take_out"


def test_a_contact_of_another_list_is_not_found(db: Database) -> None:
    with db.transaction() as tx:
        row = filled(tx, PEOPLE)
        assert contacts.by_id(tx, row["id"] + 1, first(tx, row)["id"]) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jose", [0, 4]),
        ("PEREZ", [0]),
        ("first_name", []),
        ("%", [1]),
        ("a_b", [3]),
        ("a_b\\c", [3]),
        ('"lucho"', [3]),
        ("nobody", []),
    ],
)
def test_a_text_is_found_in_the_values_whatever_case_and_accents(
    db: Database, text: str, found: list[int]
) -> None:
    with db.transaction() as tx:
        row = filled(tx, PEOPLE)
        lists.set_excluded(tx, row, number(4).e164, True, ANA)
        got = contacts.search(tx, row["id"], text)
    assert [r["number"] for r in got.rows] == [number(n).e164 for n in found]
    assert got.next_after is None


def test_a_search_is_paged_and_may_be_narrowed(db: Database) -> None:
    with db.transaction() as tx:
        row = filled(tx, [{"n": f"x{n}"} for n in range(9)])
        lists.set_excluded(tx, row, number(2).e164, True, ANA)
        seen: list[str] = []
        after: int | None = 0
        while after is not None:
            got = contacts.search(tx, row["id"], "x", after=after, limit=4)
            seen += [r["number"] for r in got.rows]
            after = got.next_after
        assert seen == [number(n).e164 for n in range(9)]
        used = contacts.search(tx, row["id"], "x", kinds=[lists.IN_USE])
        assert len(used.rows) == 8
        starts = [number(5).e164]
        (one,) = contacts.search(tx, row["id"], "x", number_starts=starts).rows
        assert one["fields"] == {"n": "x5"}


def test_a_long_search_stops_where_it_can_be_gone_on_with(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "LOOKED_AT_ONCE", 3)
    with db.transaction() as tx:
        row = filled(tx, [{"n": "a"}] * 10 + [{"n": "b"}])
        lists.set_excluded(tx, row, number(1).e164, True, ANA)
        got = contacts.search(tx, row["id"], "b", looked_at=6)
        assert not got.rows and got.next_after
        got = contacts.search(tx, row["id"], "b", after=got.next_after)
        assert [r["number"] for r in got.rows] == [number(10).e164]


def test_the_names_of_a_list_are_the_standard_ones_first(db: Database) -> None:
    with db.transaction() as tx:
        row = filled(tx, [{"saldo": "1", "last_name": "P"}, {"first_name": "A"}])
        names = contacts.some_names(tx, row["id"])
    assert names == ["first_name", "last_name", "saldo"]


def test_a_search_and_a_sample_read_an_index(big: Database) -> None:  # noqa: F811
    with big.transaction() as tx:
        explaining = Explaining(tx)
        contacts.search(explaining, 3, "jose")
        contacts.some_names(explaining, 3)
        list(contacts.every(explaining, 3, 0))
    assert explaining.plans
    for plan in explaining.plans:
        for row in [row for row in plan if row["table"] == "contact"]:
            assert row["type"] != "ALL" and row["key"], plan
            assert "filesort" not in (row["Extra"] or ""), plan
