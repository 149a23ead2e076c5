"""Lists and imports: duplicates once, counts that are right, verdicts read back."""

from __future__ import annotations

import pytest

from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import imports, lists
from massivesms.store.db import Database, Transaction
from massivesms.store.imports import RowProblem
from tests.store import examples
from tests.store.examples import ANA, number


def counted(tx: Transaction, list_id: int) -> tuple[int, int]:
    """(included, excluded) as stored; asserts that the contacts agree."""
    row = lists.by_id(tx, list_id)
    assert row is not None
    real = tx.tuples(
        "SELECT COALESCE(SUM(excluded = 0), 0), COALESCE(SUM(excluded), 0)"
        " FROM contact WHERE list_id = %s",
        (list_id,),
    )[0]
    stored = (row["included"], row["excluded"])
    assert stored == tuple(map(int, real))
    return stored


def test_a_number_is_in_a_list_once_and_in_two_lists_twice(db: Database) -> None:
    with db.transaction() as tx:
        first, second = examples.contacts(tx, "A", 3), examples.contacts(tx, "B", 1)
        present = lists.add_contacts(tx, first, [number(2), number(3)])
        assert present == {number(2).e164}
        assert (counted(tx, first), counted(tx, second)) == ((4, 0), (1, 0))
        assert lists.add_contacts(tx, first, []) == set()


def test_excluding_and_including_keep_the_counts(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.contacts(tx, count=3)
        row = lists.by_id(tx, made)
        assert row is not None
        first = number(0).e164
        for excluded, wanted in ((True, (2, 1)), (True, (2, 1)), (False, (3, 0))):
            assert lists.set_excluded(tx, row, first, excluded, ANA)
            assert counted(tx, made) == wanted
        assert not lists.set_excluded(tx, row, "+34999", True, ANA)
    assert examples.audited(db) == ["list.create", "list.exclude", "list.include"]


def paged(tx: Transaction, list_id: int, **wanted: object) -> list[str]:
    seen: list[str] = []
    after = 0
    while found := lists.contacts(tx, list_id, after=after, limit=2, **wanted):  # type: ignore[arg-type]
        seen += [row["number"] for row in found]
        after = found[-1]["id"]
    return seen


def test_contacts_are_paged_by_key_whatever_the_filter(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.contacts(tx, count=9)
        row = lists.by_id(tx, made)
        assert row is not None
        for n in (1, 2, 5, 8):
            lists.set_excluded(tx, row, number(n).e164, True, ANA)
        tx.execute("DELETE FROM contact WHERE number = %s", (number(4).e164,))
        every = [number(n).e164 for n in (0, 1, 2, 3, 5, 6, 7, 8)]
        out = [number(n).e164 for n in (1, 2, 5, 8)]
        assert paged(tx, made) == every
        assert paged(tx, made, kinds=lists.KINDS["yes"]) == out
        assert paged(tx, made, kinds=lists.KINDS["no"]) == [
            n for n in every if n not in out
        ]
        assert paged(tx, made, number_starts=["+34600"]) == every
        assert paged(tx, made, number_starts=["+346000000", "+346000000"]) == every
        last = number(8).e164
        assert paged(tx, made, number_starts=[last]) == [last]
        assert paged(tx, made, number_starts=[last], kinds=lists.KINDS["no"]) == []
        assert paged(tx, made, number_starts=["+35"]) == []


@pytest.mark.parametrize("odd", ["+34%", "+34_00", "%", "+34' OR '1'='1"])
def test_wildcards_of_a_person_are_no_wildcards(db: Database, odd: str) -> None:
    with db.transaction() as tx:
        made = examples.contacts(tx, count=2)
        found = lists.contacts(tx, made, number_starts=["+34699", odd])
        plain = odd.replace("%", "").replace("_", "")
        assert len(found) == (2 if number(0).e164.startswith(plain) else 0)


def test_lists_are_paged_by_name_over_ties_of_case_and_accent(db: Database) -> None:
    with db.transaction() as tx:
        for name in ("b", "Álamo", "alameda", "Z", "ñu", "Ob"):
            examples.contacts(tx, name)
        seen: list[str] = []
        while found := lists.page(tx, after=seen[-1] if seen else "", limit=2):
            seen += [row["name"] for row in found]
    assert seen == ["alameda", "Álamo", "b", "ñu", "Ob", "Z"]


def test_a_name_is_unique_whatever_its_case(db: Database) -> None:
    with db.transaction() as tx:
        examples.contacts(tx, "Customers")
        other = examples.contacts(tx, "Other")
    with pytest.raises(StoreError, match="already a list"), db.transaction() as tx:
        examples.contacts(tx, "CUSTOMERS")
    with pytest.raises(StoreError, match="already a list"), db.transaction() as tx:
        lists.update(tx, other, "customers", "", ANA)
    with db.transaction() as tx:
        lists.update(tx, other, "OTHER", "now in capitals", ANA)


def test_a_removed_list_takes_its_contacts_and_loads_along(db: Database) -> None:
    with db.transaction() as tx:
        made, kept = examples.contacts(tx, "A", 2), examples.contacts(tx, "B", 1)
        bad = [RowProblem(1, "x", None, Problem("p", "bad"))]
        of_list = imports.create(tx, "file", created_by="ana", list_id=made)
        imports.add_problems(tx, of_list, bad)
        of_campaign = imports.create(
            tx, "list", created_by="ana", list_id=made, campaign_id=9
        )
        row = lists.by_id(tx, made)
        assert row is not None
        lists.remove(tx, row, ANA)
        assert lists.by_id(tx, made) is None
        assert tx.value("SELECT COUNT(*) FROM contact") == 1
        assert tx.value("SELECT COUNT(*) FROM import_problem") == 0
        assert imports.by_id(tx, of_list) is None
        assert imports.by_id(tx, of_campaign), "the campaign keeps its own"
        assert counted(tx, kept) == (1, 0)


def test_a_search_says_in_which_lists_a_number_is(db: Database) -> None:
    with db.transaction() as tx:
        examples.contacts(tx, "A", 2)
        examples.contacts(tx, "B", 1)
        found = lists.search(tx, number(0).e164)
    assert [(row["name"], row["number"]) for row in found] == [
        ("A", number(0).e164),
        ("B", number(0).e164),
    ]


# --- imports ------------------------------------------------------------------


def test_a_problem_is_read_back_as_it_was(db: Database) -> None:
    problem = Problem("too_short", "%(number)s has %(n)s digits.", number="6ñ", n=2)
    with db.transaction() as tx:
        load = imports.create(tx, "file", created_by="ana", source="a.csv", list_id=1)
        row = RowProblem(7, "6ñ", "Hola 😀", problem, {"saldo": "2 €", "x": ""})
        imports.add_problems(tx, load, [row, RowProblem(8, "6", None, problem)])
        found, other = imports.problems(tx, load)
        assert imports.problem_fields(tx, load) == ["saldo"]
    assert (found["fields"], other["fields"]) == ({"saldo": "2 €"}, {})
    assert found["problem"] == problem
    assert str(found["problem"]) == "6ñ has 2 digits."
    assert (found["line"], found["number"], found["row_text"]) == (7, "6ñ", "Hola 😀")


@pytest.mark.parametrize(
    ("number_", "text"),
    [
        pytest.param("9" * 1000, None, id="long number"),
        pytest.param("6", "a" * 70_000, id="long text"),
        pytest.param("6", "😀" * 30_000, id="long text of four bytes a letter"),
    ],
)
def test_a_row_too_long_to_keep_whole_does_not_stop_the_load(
    db: Database, number_: str, text: str | None
) -> None:
    with db.transaction() as tx:
        load = imports.create(tx, "file", created_by="ana", list_id=1)
        bad = RowProblem(1, number_, text, Problem("p", "bad"))
        imports.add_problems(tx, load, [bad])
        [found] = imports.problems(tx, load)
    assert number_.startswith(found["number"]) and len(found["number"]) <= 255
    assert (text or "").startswith(found["row_text"] or "")


@pytest.mark.parametrize("value", ["a" * 5_000, "😀" * 500, "\x01" * 3_000])
def test_fields_too_long_to_keep_whole_are_kept_in_part(
    db: Database, value: str
) -> None:
    fields = {f"f{n:039}": value for n in range(40)}
    problem = Problem("p", "bad")
    bad = [RowProblem(n, "6", "a" * 70_000, problem, fields) for n in range(300)]
    with db.transaction() as tx:
        load = imports.create(tx, "file", created_by="ana", list_id=1)
        imports.add_problems(tx, load, bad)
        found = imports.problems(tx, load, limit=1000)
        assert len(imports.problem_fields(tx, load)) == 40
    assert len(found) == 300
    assert found[-1]["fields"] == dict.fromkeys(fields, value[:250])


def test_problems_are_paged_and_summed_by_reason(db: Database) -> None:
    with db.transaction() as tx:
        load = imports.create(tx, "file", created_by="ana", list_id=1)
        codes = ["short", "short", "long", "short"]
        imports.add_problems(
            tx,
            load,
            [RowProblem(n, "x", None, Problem(c, c)) for n, c in enumerate(codes, 1)],
        )
        first = imports.problems(tx, load, limit=3)
        second = imports.problems(tx, load, after=first[-1]["id"], limit=3)
        assert [row["line"] for row in first + second] == [1, 2, 3, 4]
        reasons = imports.reasons(tx, load)
    assert [(r["code"], r["n"], r["first_line"]) for r in reasons] == [
        ("short", 3, 1),
        ("long", 1, 3),
    ]


def test_a_load_is_finished_with_its_counts_and_found_by_its_target(
    db: Database,
) -> None:
    with db.transaction() as tx:
        load = imports.create(tx, "file", created_by="ana", source="x" * 300, list_id=5)
        imports.finish(tx, load, accepted=3, duplicates=2, refused=1)
        other = imports.create(tx, "file", created_by="ana", campaign_id=6)
        assert [r["id"] for r in imports.of_list(tx, 5)] == [load]
        assert [r["id"] for r in imports.of_campaign(tx, 6)] == [other]
        row = imports.by_id(tx, load)
    assert row is not None
    assert (row["accepted"], row["duplicates"], row["refused"]) == (3, 2, 1)
    assert row["source"] == "x" * 255
