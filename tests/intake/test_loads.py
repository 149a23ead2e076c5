"""Loads: each good row is in, each bad one on record, or nothing is written at all."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from massivesms.domain.campaigns import Draft
from massivesms.domain.numbers import NumberPlan
from massivesms.domain.recipients import Row
from massivesms.domain.segments import split
from massivesms.errors import ImportRefused, StoreError
from massivesms.intake import campaign_loads, load_sources, loads
from massivesms.intake.load_sources import Source
from massivesms.intake.loads import Loaded
from massivesms.store import campaigns, counts, imports, lists, messages
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.messages import Filter

SPAIN = NumberPlan("34", ("6", "7"))
TABLES = ("campaign", "list", "contact", "message", "import", "import_problem", "audit")


def file_of(text: str | bytes, name: str = "numbers.csv") -> Source:
    content = text.encode() if isinstance(text, str) else text
    return load_sources.file_source(io.BytesIO(content), name)


def create_list(db: Database, actor: Actor, source: Source, name: str = "L") -> Loaded:
    return loads.create_list(db, name, "", source, SPAIN, actor)


def create_campaign(
    db: Database, actor: Actor, source: Source, text: str = "Hola"
) -> Loaded:
    draft = Draft("C", text)
    return campaign_loads.create_campaign_from_file(db, draft, source, SPAIN, actor)


def numbers(db: Database, list_id: int) -> list[str]:
    with db.transaction() as tx:
        return [c["number"] for c in lists.contacts(tx, list_id, limit=10_000)]


def problems(db: Database, import_id: int) -> list[tuple[int, str, str]]:
    """(line, number as written, code) of the rows that were not taken."""
    with db.transaction() as tx:
        found = imports.problems(tx, import_id, limit=10_000)
    return [(row["line"], row["number"], row["code"]) for row in found]


def rows_in(db: Database) -> dict[str, int]:
    with db.transaction() as tx:
        sql = "SELECT COUNT(*) FROM `{}`"
        return {table: int(tx.value(sql.format(table))) for table in TABLES}


# --- into a list ---------------------------------------------------------------


def test_good_rows_go_in_and_bad_ones_are_named_with_line_and_reason(
    db: Database, actor: Actor
) -> None:
    loaded = create_list(
        db,
        actor,
        file_of(
            "phone\n600111222\n\nhello\n0034600111222\n910111222\n+34 600-111-223\n"
        ),
    )
    assert (loaded.accepted, loaded.duplicates, loaded.refused) == (2, 1, 2)
    assert numbers(db, loaded.target_id) == ["+34600111222", "+34600111223"]
    assert [(line, code) for line, _, code in problems(db, loaded.import_id)] == [
        (4, "no_digits"),
        (5, "duplicate"),
        (6, "not_mobile"),
    ]
    with db.transaction() as tx:
        row = lists.by_id(tx, loaded.target_id)
        load = imports.by_id(tx, loaded.import_id)
    assert row is not None and load is not None
    assert (row["included"], row["excluded"]) == (2, 0)
    assert (load["accepted"], load["duplicates"], load["refused"]) == (2, 1, 2)
    assert (load["source"], load["created_by"]) == ("numbers.csv", actor.name)


def test_a_second_file_takes_what_the_list_lacks(db: Database, actor: Actor) -> None:
    first = create_list(db, actor, file_of("600111222\n600111223\n"))
    again = file_of("600111223\n600111224\n600111224\n600111222\n")
    loaded = loads.add_to_list(db, first.target_id, again, SPAIN, actor)
    assert (loaded.accepted, loaded.duplicates, loaded.refused) == (1, 3, 0)
    assert len(numbers(db, first.target_id)) == 3
    said = {line for line, _, code in problems(db, loaded.import_id)}
    assert said == {1, 3, 4}


def test_an_excluded_number_that_comes_again_stays_excluded(
    db: Database, actor: Actor
) -> None:
    made = create_list(db, actor, file_of("600111222\n600111223\n")).target_id
    with db.transaction() as tx:
        row = lists.by_id(tx, made)
        assert row is not None
        lists.set_excluded(tx, row, "+34600111222", True, actor)
    loads.add_to_list(db, made, file_of("600111222\n"), SPAIN, actor)
    with db.transaction() as tx:
        row = lists.by_id(tx, made)
    assert row is not None
    assert (row["included"], row["excluded"]) == (1, 1)


def test_more_than_a_batch_of_good_and_of_bad_rows_is_all_there(
    db: Database, actor: Actor
) -> None:
    count = loads.BATCH * 2 + 1
    lines = [f"6{n:08}\nbad{n}\n" for n in range(count)]
    loaded = create_list(db, actor, file_of("".join(lines)))
    assert (loaded.accepted, loaded.refused) == (count, count)
    assert len(problems(db, loaded.import_id)) == count
    assert len(numbers(db, loaded.target_id)) == count


def test_texts_in_a_list_s_file_are_left_out(db: Database, actor: Actor) -> None:
    loaded = create_list(db, actor, file_of("number,message\n600111222,Hola\n"))
    assert loaded.accepted == 1


# --- into a campaign -------------------------------------------------------------


def test_a_row_s_own_text_is_kept_only_where_it_differs(
    db: Database, actor: Actor
) -> None:
    long = "ñ€" * 100
    source = file_of(f"n;message\n600111222;Hola\n600111223;{long}\n600111224;\n")
    loaded = create_campaign(db, actor, source)
    with db.transaction() as tx:
        own = tx.tuples("SELECT text, segments FROM message ORDER BY id")
        rows = messages.page(tx, Filter(loaded.target_id))
        found = counts.by_state(tx, loaded.target_id)
    parts = len(split(long).parts)
    assert own == ((None, 1), (long, parts), (None, 1))
    assert [row["text"] for row in rows] == ["Hola", long, "Hola"]
    assert found == {"queued": (3, 2 + parts)}


def test_without_a_campaign_text_each_row_must_bring_one(
    db: Database, actor: Actor
) -> None:
    source = file_of("n;message\n600111222;Hola Ana\n600111223;\n600111224;Hola Eva\n")
    loaded = create_campaign(db, actor, source, text="")
    assert (loaded.accepted, loaded.refused) == (2, 1)
    assert problems(db, loaded.import_id) == [(3, "600111223", "text_missing")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 1600, id="eleven segments"),
        pytest.param("x" * 70_000, id="longer than a column"),
        pytest.param("a\0b", id="NUL"),
    ],
)
def test_a_row_with_a_bad_text_is_refused_alone(
    db: Database, actor: Actor, text: str
) -> None:
    rows = [Row(1, "600111222", "Hola"), Row(2, "600111223", text)]
    loaded = create_campaign(db, actor, Source("file", rows))
    assert (loaded.accepted, loaded.refused) == (1, 1)
    [(line, number, _)] = problems(db, loaded.import_id)
    assert (line, number) == (2, "600111223")


def test_a_campaign_from_a_list_has_its_included_numbers(
    db: Database, actor: Actor
) -> None:
    made = create_list(db, actor, file_of("600111222\n600111223\n")).target_id
    with db.transaction() as tx:
        chosen = lists.by_id(tx, made)
        assert chosen is not None
        lists.set_excluded(tx, chosen, "+34600111222", True, actor)
    draft = Draft("C", "a" * 200, list_id=made)
    loaded = campaign_loads.create_campaign_from_list(db, draft, chosen, actor)
    with db.transaction() as tx:
        [row] = messages.page(tx, Filter(loaded.target_id))
    assert (row["number"], row["segments"]) == ("+34600111223", 2)
    assert (loaded.accepted, row["is_local"]) == (1, 1)


# --- nothing half-written --------------------------------------------------------


def breaking_after(count: int, error: Exception) -> Iterator[Row]:
    for n in range(count):
        yield Row(n + 1, f"6{n:08}" if n % 3 else "bad")
    raise error


REFUSALS = {
    "empty": lambda: file_of(b""),
    "binary": lambda: file_of(bytes(range(256)) * 50),
    "no valid number": lambda: file_of("910111222\n"),
    "no rows": lambda: Source("file", []),
    "fails in the middle": lambda: Source(
        "file", breaking_after(loads.BATCH * 3, OSError("disk"))
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("target", ["new list", "old list", "campaign"])
def test_what_is_refused_or_fails_leaves_not_a_row(
    db: Database, actor: Actor, kind: str, target: str
) -> None:
    old = create_list(db, actor, file_of("600111222\n"), "Old").target_id
    before = rows_in(db)
    source = REFUSALS[kind]()
    with pytest.raises((ImportRefused, OSError)):
        if target == "new list":
            create_list(db, actor, source)
        elif target == "old list":
            loads.add_to_list(db, old, source, SPAIN, actor)
        else:
            create_campaign(db, actor, source)
    assert rows_in(db) == before
    with db.transaction() as tx:
        row = lists.by_id(tx, old)
    assert row is not None
    assert row["included"] == 1


def test_a_list_without_a_number_that_may_be_used_makes_no_campaign(
    db: Database, actor: Actor
) -> None:
    made = create_list(db, actor, file_of("600111222\n")).target_id
    with db.transaction() as tx:
        chosen = lists.by_id(tx, made)
        assert chosen is not None
        lists.set_excluded(tx, chosen, "+34600111222", True, actor)
    before = rows_in(db)
    with pytest.raises(ImportRefused, match="no number that may be used"):
        campaign_loads.create_campaign_from_list(db, Draft("C", "Hola"), chosen, actor)
    assert rows_in(db) == before


def test_a_taken_name_leaves_the_other_one_alone(db: Database, actor: Actor) -> None:
    create_list(db, actor, file_of("600111222\n"))
    create_campaign(db, actor, file_of("600111222\n"))
    before = rows_in(db)
    with pytest.raises(StoreError, match="already a list"):
        create_list(db, actor, file_of("600111223\n"))
    with pytest.raises(StoreError, match="already a campaign"):
        create_campaign(db, actor, file_of("600111223\n"))
    assert rows_in(db) == before


def test_a_list_that_was_removed_meanwhile_takes_no_numbers(
    db: Database, actor: Actor
) -> None:
    made = create_list(db, actor, file_of("600111222\n")).target_id
    with db.transaction() as tx:
        row = lists.by_id(tx, made)
        assert row is not None
        lists.remove(tx, row, actor)
    before = rows_in(db)
    with pytest.raises(StoreError):
        loads.add_to_list(db, made, file_of("600111223\n"), SPAIN, actor)
    assert rows_in(db) == before


def test_a_list_that_was_removed_meanwhile_makes_no_campaign(
    db: Database, actor: Actor
) -> None:
    made = create_list(db, actor, file_of("600111222\n")).target_id
    with db.transaction() as tx:
        stale = lists.by_id(tx, made)
        assert stale is not None
        lists.remove(tx, stale, actor)
    with pytest.raises(ImportRefused):
        campaign_loads.create_campaign_from_list(db, Draft("C", "Hola"), stale, actor)
    with db.transaction() as tx:
        assert [row["id"] for row in campaigns.page(tx)] == [1]
