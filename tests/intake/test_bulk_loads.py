"""Bulk files: each row names its campaign, and has a verdict."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.numbers import NumberPlan
from massivesms.errors import ImportRefused, StoreError
from massivesms.intake import bulk_loads, bulk_rows
from massivesms.intake.bulk_loads import Loaded
from massivesms.store import (
    approvals,
    bulk,
    campaigns,
    claims,
    counts,
    finished_campaigns,
    imports,
    settings,
    unsent,
)
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row, Transaction
from tests.store.examples import ANA, audited, campaign

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)


EVA = Actor("eva")


@pytest.fixture(autouse=True)
def made(db: Database) -> int:
    """The campaign Otoño 2026 with one message."""
    with db.transaction() as tx:
        return campaign(tx, "Otoño 2026", 1)


def load(db: Database, text: str | bytes) -> Loaded:
    data = text if isinstance(text, bytes) else text.encode()
    return bulk_loads.load(db, io.BytesIO(data), "bulk.csv", SPAIN, ANA)


def added(db: Database, loaded: Loaded) -> list[tuple[int, str, str | None]]:
    with db.transaction() as tx:
        found = tx.tuples(
            "SELECT campaign_id, RIGHT(number, 3), text FROM message"
            " WHERE import_id = %s ORDER BY id",
            (loaded.import_id,),
        )
    return list(found)


def verdicts(db: Database, loaded: Loaded) -> list[tuple[int, str]]:
    with db.transaction() as tx:
        rows = imports.problems(tx, loaded.import_id)
        stored: Row | None = imports.by_id(tx, loaded.import_id)
    assert stored and stored["kind"] == "bulk"
    counted = (stored["accepted"], stored["duplicates"], stored["refused"])
    assert counted == (loaded.accepted, loaded.duplicates, loaded.refused)
    return [(row["line"], row["code"]) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "Otoño 2026;600111001;Buenas;9999;\n;600111002;Adiós;9999;\n",
        "Otoño 2026;600111001;Buenas;9999\n;600111002;Adiós;\n",
        "campaña;destino;mensaje;prioridad\n  OTOÑO  2026 ;600 111 001;Buenas;1\n"
        "Cola de salida;600111002;Adiós;\n\n   \n",
        "number;message;priority;campaign\n600111001;Buenas;;otoño 2026\n"
        "600111002;Adiós;;\n",
        '"Otoño 2026";"600111001";"Buenas";"5"\r\n"";"600111002";"Adiós";""\r\n',
        "Otoño 2026,600111001,Buenas,9999,\n,600111002,Adiós,9999,\n",
        "Otoño 2026;600111001;Buenas;9;\n;600111002;Adiós;9;\n".encode("cp1252"),
    ],
    ids=["semicolon at the end", "none", "header", "other order", "quotes", "commas",
         "Windows"],
)  # fmt: skip
def test_a_file_is_read_as_people_write_it(
    db: Database, made: int, text: str | bytes
) -> None:
    loaded = load(db, text)
    assert added(db, loaded) == [
        (made, "001", "Buenas"),
        (OUTPUT_QUEUE_ID, "002", "Adiós"),
    ]
    assert (loaded.accepted, loaded.duplicates, loaded.refused) == (2, 0, 0)
    assert audited(db)[-1] == "campaign.bulk"


def test_every_row_has_a_verdict(db: Database, made: int) -> None:
    with db.transaction() as tx:
        campaign(tx, "Pasada")  # nothing is queued in it
    lines = [
        "Otoño 2026;600111001;;;",  # the campaign's own text
        "Invierno;600111001;Buenas;1;",
        "Pasada;600111001;Buenas;1;",
        "Otoño 2026;911223344;Buenas;1;",
        "Otoño 2026;4.47E+11;Buenas;1;",
        ";600111001;;1;",
        "Otoño 2026;600111002;Buenas;alta;",
        "Otoño 2026;600111002;Buenas;10000;",
        "Otoño 2026;600111002;Buenas;1;",
        "Otoño 2026;+34 600 111 002;Buenas;2;",
        "Otoño 2026;600111002;Otra cosa;1;",  # another message: two are sent
        "Otoño 2026;600111003;Buenas",
        "Otoño 2026;600111003;Buenas; y adiós;1",
    ]
    loaded = load(db, "\n".join(lines))
    assert verdicts(db, loaded) == [
        (2, "campaign_unknown"),
        (3, "campaign_over"),
        (4, "not_mobile"),
        (5, "scientific"),
        (6, "bulk_no_text"),
        (7, "priority_wrong"),
        (8, "priority_wrong"),
        (10, "bulk_twice"),
        (12, "bulk_cells"),
        (13, "bulk_more_cells"),
    ]
    assert added(db, loaded) == [
        (made, "001", None),
        (made, "002", "Buenas"),
        (made, "002", "Otra cosa"),
    ]
    assert (loaded.accepted, loaded.duplicates, loaded.refused) == (3, 1, 9)


def test_what_is_discarded_or_past_its_deadline_is_over(
    db: Database, made: int
) -> None:
    with db.transaction() as tx:
        unsent.discard(tx, campaigns.by_name(tx, "Otoño 2026"), ANA)
    with pytest.raises(ImportRefused) as refused:
        load(db, "Otoño 2026;600111001;Buenas;1;")
    assert refused.value.problem.code == "bulk_nothing_usable"
    assert "is over" in str(refused.value.problem)
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM import") == 0


def test_a_smaller_priority_is_claimed_first_and_none_is_last(
    db: Database, made: int
) -> None:
    lines = [
        "Otoño 2026;600111001;Buenas;;",
        "Otoño 2026;600111002;Buenas;500;",
        "Otoño 2026;600111003;Buenas;0;",
        "Otoño 2026;600111004;Buenas;9999;",
    ]
    load(db, "\n".join(lines))
    with db.transaction() as tx:
        found = claims.candidates(tx, made, 0, 10)
        assert counts.by_state(tx, made)["queued"] == (5, 5)
    assert [c.number[-3:] for c in found[:2]] == ["003", "002"]
    assert [c.number[-3:] for c in found[3:]] == ["001", "004"]


def test_a_campaign_that_is_deleted_meanwhile_leaves_nothing_of_the_file(
    db: Database, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = Database(db.settings)
    book = bulk.book

    def late(*args: object) -> None:
        with another.transaction() as other:
            campaigns.remove(other, campaigns.by_name(other, "Otoño 2026"), ANA)
        book(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "book", late)
    with pytest.raises(StoreError, match="deleted while"):
        load(db, "Otoño 2026;600111001;Buenas;;")
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM message WHERE import_id > 0") == 0


def _discard(tx: Transaction) -> None:
    unsent.discard(tx, campaigns.by_name(tx, "Otoño 2026"), ANA)


def _end(tx: Transaction) -> None:
    """All of it is discarded; the wish to is forgotten, and it is open still."""
    _discard(tx)
    found = campaigns.by_name(tx, "Otoño 2026")["id"]
    now = datetime.now(UTC)
    while unsent.end_some(tx, found, now, ZoneInfo("UTC")):
        pass
    assert tx.value("SELECT discard_by IS NULL AND open FROM campaign WHERE id > 1")


def _close(tx: Transaction) -> None:
    _end(tx)
    assert finished_campaigns.close_finished(tx)


def _expire(tx: Transaction) -> None:
    tx.execute("UPDATE campaign SET deadline_at = '2020-01-01' WHERE id > 1")


@pytest.mark.parametrize("end", [_discard, _end, _close, _expire])
def test_a_campaign_that_ends_meanwhile_is_not_opened_again(
    end: Callable[[Transaction], None],
    db: Database,
    made: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    another = Database(db.settings)
    add = bulk.add

    def late(*args: object) -> None:
        with another.transaction() as other:
            end(other)
        add(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "add", late)
    with pytest.raises(StoreError, match="Otoño 2026 ended while"):
        load(db, ";600111001;Buenas;;\nOtoño 2026;600111001;Buenas;;")
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM message WHERE import_id > 0") == 0
        assert tx.value("SELECT COUNT(*) FROM import") == 0


def test_claims_go_on_while_a_file_is_loaded(
    db: Database, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = Database(db.settings)
    seen: list[object] = []
    finish = imports.finish

    def look(*args: object, **more: object) -> None:
        with another.transaction() as other:
            campaigns.set_paused(
                other, campaigns.by_name(other, "Otoño 2026"), False, ANA
            )
            seen.append(claims.claimable(other, made))
        finish(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "finish", look)
    load(db, "Otoño 2026;600111001;Buenas;;")
    assert seen[0] is not None


def test_the_file_of_bad_rows_is_loaded_again_once_repaired(
    db: Database, made: int
) -> None:
    loaded = load(
        db, "Otoño 2026;600111001;Buenas;1;\nOtoña 2026;600111002;=Di;7;\n;x;a;;\n"
    )
    out = io.BytesIO()
    with db.transaction() as tx:
        rows = imports.problems(tx, loaded.import_id)
    bad = [
        bulk_rows.BadRow(r["line"], r["number"], r["problem"], r["row_text"])
        for r in rows
    ]
    bulk_rows.write_bad(bad, out)
    text = out.getvalue().decode("utf-8-sig")
    assert "Otoña 2026;600111002;'=Di;7;There is no campaign" in text
    again = load(db, text.replace("Otoña", "Otoño"))
    assert added(db, again) == [(made, "002", "=Di")]


def test_a_file_makes_the_approval_of_its_campaign_void(
    db: Database, made: int
) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"approval_above": "2"})
    load(db, "Otoño 2026;600111001;A;1;\nOtoño 2026;600111002;B;1;")
    with db.transaction() as tx:
        assert campaigns.by_name(tx, "Otoño 2026")["approval"] == "waiting"
        assert claims.claimable(tx, made) is None
        approvals.approve(tx, campaigns.by_name(tx, "Otoño 2026"), EVA)
    load(db, "Otoño 2026;600111003;A;1;")
    with db.transaction() as tx:
        assert campaigns.by_name(tx, "Otoño 2026")["approval"] == "waiting"


def test_the_output_queue_is_no_way_around_an_approval(db: Database) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"approval_above": "1"})
    load(db, ";600111001;A;1;")
    with pytest.raises(StoreError, match="second person"):
        load(db, ";600111001;A;1;\n;600111002;B;1;")
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM message WHERE import_id > 0") == 1


def book(*rows: list[object], hidden: int = 0) -> bytes:
    """A workbook with one sheet, perhaps with a row that is hidden."""
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    if hidden:
        made.worksheets[0].row_dimensions[hidden].hidden = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("head", [["campaña", "destino", "mensaje", "prioridad"], None])
def test_the_last_cells_of_a_row_of_a_workbook_may_be_blank(
    head: list[object] | None, db: Database, made: int
) -> None:
    rows: list[list[object]] = [
        ["Otoño 2026", 600111001, "Buenas", 5],
        ["Otoño 2026", 600111002, "Buenas"],
        ["Otoño 2026", 600111003],
        ["Otoño 2026"],
    ]
    loaded = load(db, book(*([head] if head else []), *rows))
    assert added(db, loaded) == [
        (made, "001", "Buenas"),
        (made, "002", "Buenas"),
        (made, "003", None),
    ]
    assert verdicts(db, loaded) == [(5 if head else 4, "bulk_cells")]


def test_what_is_to_be_said_of_a_file_is_kept_with_its_load(db: Database) -> None:
    row: list[object] = ["Otoño 2026", 600111001, "Buenas", 5]
    sheet = load(db, book(row, ["Otoño 2026", "600111002", "Buenas", 5], hidden=2))
    text = load(db, "Otoño 2026;600111003.0;Buenas;5")
    for loaded, code in ((sheet, "book_hidden_rows"), (text, "numbers_mended")):
        assert [note.code for note in loaded.notes] == [code]
        with db.transaction() as tx:
            stored = imports.by_id(tx, loaded.import_id)
        assert stored is not None and stored["notes"] == loaded.notes
