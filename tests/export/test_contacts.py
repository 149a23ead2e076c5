"""A list as a file: all that is known of each contact, and it can be loaded again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from massivesms.domain import contact_fields, contact_use
from massivesms.domain.campaigns import Draft
from massivesms.domain.numbers import Number, NumberPlan
from massivesms.domain.recipients import Recipient
from massivesms.errors import ImportRefused
from massivesms.export import contacts as contact_files
from massivesms.intake import campaign_loads, load_sources, loads, mapping
from massivesms.languages import catalogue
from massivesms.store import imports, lists
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row

ANA = Actor("ana")
SPAIN = NumberPlan("34", ("6", "7"), 9, 9)
PERU = NumberPlan("51", ("9",), 9, 9)


def filled(db: Database, *people: dict[str, str] | None) -> Row:
    with db.transaction() as tx:
        made = lists.create(tx, "L", "", ANA)
        lists.lock(tx, made)
        rows = [
            Recipient(Number(f"+34600{n:06}", True), None, n, one)
            for n, one in enumerate(people)
        ]
        lists.add_new_contacts(tx, made, rows)
        row = lists.by_id(tx, made)
    assert row
    return row


def exported(
    db: Database, row: Row, kinds: tuple[int, ...] = lists.ANY_USE
) -> list[list[str]]:
    out = io.BytesIO()
    contact_files.write(db, row, "csv", out, str, kinds)
    return list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


def test_each_field_of_any_contact_has_a_column(db: Database) -> None:
    row = filled(db, {"saldo": "1"}, None, {"last_name": "Pérez", "first_name": "Á"})
    assert exported(db, row) == [
        ["Number", "First name", "Last name", "saldo"],
        ["+34600000000", "", "", "1"],
        ["+34600000001", "", "", ""],
        ["+34600000002", "Á", "Pérez", ""],
    ]


def test_use_is_told_where_it_differs(db: Database) -> None:
    row = filled(db, None, None)
    with db.transaction() as tx:
        lists.set_excluded(tx, row, "+34600000000", True, ANA)
        found = lists.by_id(tx, row["id"])
    assert found
    rows = exported(db, found)
    assert rows[1:] == [["+34600000001", "In use"], ["+34600000000", "Excluded"]]
    assert exported(db, found, lists.KINDS["no"]) == [["Number"], ["+34600000001"]]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", ["csv", "csv_semicolons", "xlsx"])
@pytest.mark.parametrize("kinds", [lists.ANY_USE, lists.KINDS["yes"]])
def test_who_is_excluded_stays_so_when_an_export_is_loaded_again(
    db: Database, language: str, name: str, kinds: tuple[int, ...]
) -> None:
    row = filled(db, {"saldo": "1"}, {"saldo": "2", "uso": "diario"}, {"saldo": "3"})
    with db.transaction() as tx:
        lists.set_excluded(tx, row, "+34600000001", True, ANA)
        tx.execute("UPDATE contact SET excluded = 2 WHERE number = '+34600000002'")
        tx.execute("UPDATE list SET included = 1, excluded = 2")
        found = lists.by_id(tx, row["id"])
    assert found
    out = io.BytesIO()
    contact_files.write(db, found, name, out, catalogue(language).gettext, kinds)
    out.seek(0)
    source = load_sources.file_source(out, f"l.{name[:4]}")
    made = loads.create_list(db, "Again", "", source, SPAIN, ANA)
    wanted = {"+34600000000": 0, "+34600000001": 1, "+34600000002": 2}
    if len(kinds) == 2:
        del wanted["+34600000000"]
    with db.transaction() as tx:
        again = lists.by_id(tx, made.target_id)
        loaded = lists.contacts(tx, made.target_id)
        notes = (imports.by_id(tx, made.import_id) or {})["notes"]
    assert {c["number"]: c["excluded"] for c in loaded} == wanted
    assert again is not None
    assert (again["included"], again["excluded"]) == (len(wanted) - 2, 2)
    assert {c["fields"]["saldo"] for c in loaded} <= {"1", "2", "3"}
    assert not any(set(c["fields"]) & {"use"} for c in loaded)
    assert "excluded, as the file says: 2" in " ".join(note.text for note in notes)
    out.seek(0)
    source = load_sources.file_source(out, f"l.{name[:4]}")
    draft = Draft("C", "Hola")
    if len(kinds) == 2:
        with pytest.raises(ImportRefused, match="excluded from use"):
            campaign_loads.create_campaign_from_file(db, draft, source, SPAIN, ANA)
        return
    done = campaign_loads.create_campaign_from_file(db, draft, source, SPAIN, ANA)
    assert (done.accepted, done.refused) == (1, 2)


def test_who_is_excluded_in_a_file_is_so_in_the_list_that_has_them_already(
    db: Database,
) -> None:
    row = filled(db, {"saldo": "1"}, None, None, None)
    with db.transaction() as tx:
        tx.execute("UPDATE contact SET excluded = 2 WHERE number = '+34600000003'")
        tx.execute("UPDATE list SET included = 3, excluded = 1")
    text = (
        "Number,Use\n600000000,Excluded\n600000001,In use\n"
        "600000002,Excluded: blocked\n600000003,Excluded\n600000004,Excluded\n"
    )
    source = load_sources.file_source(io.BytesIO(text.encode()), "l.csv")
    made = loads.add_to_list(db, row["id"], source, SPAIN, ANA)
    assert (made.accepted, made.duplicates) == (1, 4)
    with db.transaction() as tx:
        found = lists.contacts(tx, row["id"])
        counted = lists.by_id(tx, row["id"])
        notes = (imports.by_id(tx, made.import_id) or {})["notes"]
        details = tx.value("SELECT details FROM audit ORDER BY id DESC LIMIT 1")
    uses = {contact["number"][-1]: contact["excluded"] for contact in found}
    assert uses == {"0": 1, "1": 0, "2": 2, "3": 2, "4": 1}
    assert counted and (counted["included"], counted["excluded"]) == (1, 4)
    assert [note.text for note in notes] == [
        "Numbers that are excluded, as the file says: 4."
    ]
    assert json.loads(details)["excluded"] == 2
    draft = Draft("C", "Hola", list_id=row["id"])
    done = campaign_loads.create_campaign_from_list(db, draft, counted, ANA)
    assert done.accepted == 1


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("by_wizard", [False, True])
def test_the_use_takes_the_place_of_no_field(
    db: Database, tmp_path: Path, language: str, by_wizard: bool
) -> None:
    most = contact_fields.MOST_FIELDS
    own = {f"f{n}": "x" for n in range(most - 3)}
    row = filled(db, {**own, "use": "a", "uso": "b", "use_2": "c"}, own)
    with db.transaction() as tx:
        lists.set_excluded(tx, row, "+34600000001", True, ANA)
        found = lists.by_id(tx, row["id"])
    assert found
    path = tmp_path / "l.csv"
    with open(path, "wb") as file:
        words = catalogue(language).gettext
        contact_files.write(db, found, "csv", file, words, lists.ANY_USE)
    if by_wizard:
        guess = mapping.look(path, "").guess
        assert not mapping.check(guess)
        source = load_sources.Source("file", mapping.rows(path, "", guess, []), "l")
    else:
        source = load_sources.file_source(io.BytesIO(path.read_bytes()), "l.csv")
    made = loads.create_list(db, "Again", "", source, SPAIN, ANA)
    with db.transaction() as tx:
        first, second = lists.contacts(tx, made.target_id)
    renamed = {"use_3": "a", "uso_2": "b", "use_2": "c"}
    assert (first["excluded"], first["fields"]) == (0, {**own, **renamed})
    assert (second["excluded"], second["fields"]) == (1, own)


def test_a_file_of_its_own_with_too_many_fields_is_not_taken_for_ours() -> None:
    fields = {f"f{n}": "x" for n in range(contact_fields.MOST_FIELDS)}
    assert contact_use.check({**fields, "use": "Excluded"}) is None
    problem = contact_use.check({**fields, "use": "daily"})
    assert problem is not None and problem.code == "too_many_fields"


def test_our_words_for_the_use_of_a_contact_are_known_in_either_language() -> None:
    for language in ("en", "es"):
        words = catalogue(language).gettext
        name = contact_fields.name_of(words(contact_use.HEADING))
        for use, label in contact_use.LABELS.items():
            fields = {name: words(label), "saldo": "1"}
            assert contact_use.told(fields) == (use, {"saldo": "1"})
    for other in ({"uso": "diario"}, {"otro": "Excluido"}, {}, None):
        assert contact_use.told(other) == (None, other)


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "-2+3", "+1+A1", "\t=1"])
def test_no_cell_of_a_list_is_a_formula(db: Database, cell: str) -> None:
    row = filled(db, {"first_name": cell, "=f": "x"})
    heading, first = exported(db, row)
    assert not any(one.startswith(("=", "@", "-", "\t")) for one in heading + first)
    assert first[0] == "+34600000000" and first[1] == f"'{cell}"


def test_the_headings_of_an_export_are_known_when_it_is_loaded() -> None:
    for name, words in contact_fields.STANDARD.items():
        for language in ("en", "es"):
            said = catalogue(language).gettext(words)
            if language == "en" or said != words:
                assert contact_fields.name_of(said) == name, said
    assert contact_fields.name_of("Valor personalizado 2") == "custom_2"


@pytest.mark.parametrize("plan", [SPAIN, PERU], ids=["spain", "peru"])
@pytest.mark.parametrize("name", ["csv", "csv_semicolons"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_row_of_the_sample_is_taken(
    db: Database, plan: NumberPlan, name: str, language: str
) -> None:
    out = io.BytesIO()
    contact_files.sample(name, out, catalogue(language).gettext, plan)
    out.seek(0)
    source = load_sources.file_source(out, "sample.csv")
    loaded = loads.create_list(db, "Sample", "", source, plan, ANA)
    assert (loaded.accepted, loaded.refused, loaded.duplicates) == (2, 0, 0)
