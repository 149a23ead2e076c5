"""Files of blocked numbers: a verdict for every row, and the total is right."""

from __future__ import annotations

import io
import json
import threading
import time
import tracemalloc

import pytest

from massivesms.domain.numbers import NumberPlan
from massivesms.errors import ImportRefused
from massivesms.intake import block_loads
from massivesms.intake.block_loads import Loaded
from massivesms.store import blocked_numbers, blocked_pages, campaigns, claims, imports
from massivesms.store.db import Database, Row
from tests.store.examples import ANA, audited, campaign, number

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)


@pytest.fixture(autouse=True)
def made(db: Database) -> int:
    """The campaign Otoño 2026."""
    with db.transaction() as tx:
        return campaign(tx, "Otoño 2026")


def load(db: Database, text: str | bytes, **more: object) -> Loaded:
    data = text if isinstance(text, bytes) else text.encode()
    return block_loads.load(db, io.BytesIO(data), "b.csv", SPAIN, ANA, **more)  # type: ignore[arg-type]


def blocked(db: Database) -> dict[str, int]:
    with db.transaction() as tx:
        rows = list(blocked_pages.every(tx))
        assert blocked_numbers.total(tx) == len(rows)
    return {row["number"][-3:]: row["campaign_id"] for row in rows}


def verdicts(db: Database, loaded: Loaded) -> list[tuple[int, str]]:
    with db.transaction() as tx:
        rows = imports.problems(tx, loaded.import_id)
        stored: Row | None = imports.by_id(tx, loaded.import_id)
    assert stored
    counted = (stored["accepted"], stored["duplicates"], stored["refused"])
    assert counted == (loaded.accepted, loaded.duplicates, loaded.refused)
    return [(row["line"], row["code"]) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "600111001;Otoño 2026;\n600111002;\n",
        "600111001;Otoño 2026\n600111002\n",
        "600111001,Otoño 2026,\n600111002,,\n",
        "600111001\tOtoño 2026\n600111002\t\n",
        "Número;Campaña;\n600 111 001;  OTOÑO  2026 ;\n+34600111002;*;\n",
        "campaign;phone\notoño 2026;600111001\n;600111002\n",
        "telefono;motivo;campaña\n600111001;pidió;Otoño 2026\n600111002;;\n",
        '"600111001";"Otoño 2026"\r\n"600111002";""\r\n\r\n',
        "\ufeff600111001;Otoño 2026;\n600111002;\n",
        "600111001;Otoño 2026;\n600111002;\n".encode("cp1252"),
        "600111001;Otoño 2026;\n600111002;\n".encode("utf-16"),
        "sep=;\n600111001;Otoño 2026;\n600111002;\n",
    ],
    ids=["semicolon at the end", "none", "commas", "tabs", "header", "campaign first",
         "reason", "quotes", "BOM", "Windows", "UTF-16", "sep"],
)  # fmt: skip
def test_a_file_is_read_as_people_write_it(
    db: Database, made: int, text: str | bytes
) -> None:
    loaded = load(db, text)
    assert (loaded.accepted, loaded.duplicates, loaded.refused) == (2, 0, 0)
    assert blocked(db) == {"001": made, "002": 0}


def test_every_row_has_a_verdict(db: Database, made: int) -> None:
    with db.transaction() as tx:
        blocked_numbers.add(tx, ["+34600111001"], ANA)
    lines = [
        "600111001;",  # blocked already
        "600111001;Otoño 2026;",  # but not for this one
        "600111002;Invierno;",
        "911223344;Otoño 2026;",
        "hola;;",
        "600111003;;",
        "+34 600 111 003;",  # a second time
        "600111003;Otoño 2026",
        "",
        "600111004;2026;",
    ]
    loaded = load(db, "\n".join(lines))
    assert (loaded.accepted, loaded.duplicates, loaded.refused) == (3, 2, 4)
    assert verdicts(db, loaded) == [
        (1, "already_blocked"),
        (3, "campaign_unknown"),
        (4, "not_mobile"),
        (5, "no_digits"),
        (7, "duplicate"),
        (10, "campaign_unknown"),
    ]
    assert audited(db)[-1] == "blocked.load"
    again = load(db, "\n".join(lines))
    assert (again.accepted, again.duplicates, again.refused) == (0, 5, 4)


def test_rows_without_a_campaign_are_for_the_one_that_is_chosen(
    db: Database, made: int
) -> None:
    load(db, "600111001\n600111002\n", default=made)
    assert blocked(db) == {"001": made, "002": made}
    load(db, "600111003;Invierno;\n600111004;*;\n", with_campaigns=False)
    assert blocked(db) == {"001": made, "002": made, "003": 0, "004": 0}


def test_single_messages_are_a_campaign_by_either_name(db: Database) -> None:
    load(db, "600111001;Cola de salida;\n600111002;output queue;\n")
    assert blocked(db) == {"001": 1, "002": 1}


def test_a_reason_comes_along_and_a_name_is_no_campaign(db: Database) -> None:
    load(db, f"numero;nombre;motivo\n600111001;Ana;pidió\n600111002;Eva;{'x' * 161}\n")
    assert blocked(db) == {"001": 0}
    with db.transaction() as tx:
        [row] = blocked_pages.page(tx)
    assert (row["reason"], row["source"], row["created_by"]) == ("pidió", "file", "ana")


def test_what_is_no_file_of_numbers_blocks_nothing(db: Database) -> None:
    for data in (b"", b"PK\x03\x04xl/", b"hola\nadios\n"):
        with pytest.raises(ImportRefused):
            load(db, data)
    assert blocked(db) == {}
    with db.transaction() as tx:
        assert imports.of_blocked(tx) == []


def test_a_campaign_that_is_removed_meanwhile_takes_no_blocks(
    db: Database, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = block_loads._begin

    def remove_first(tx, name, actor):  # type: ignore[no-untyped-def]
        row = campaigns.by_id(tx, made)
        assert row
        campaigns.remove(tx, row, ANA)
        return begin(tx, name, actor)

    monkeypatch.setattr(block_loads, "_begin", remove_first)
    loaded = load(db, "600111001;Otoño 2026;\n600111002;\n")
    assert verdicts(db, loaded) == [(1, "campaign_unknown")]
    assert blocked(db) == {"002": 0}


def test_the_words_of_a_verdict_name_the_campaign(db: Database) -> None:
    loaded = load(db, "600111001;Nada;\n600111002;\n")
    with db.transaction() as tx:
        [row] = imports.problems(tx, loaded.import_id)
    assert "Nada" in str(row["problem"]) and row["row_text"] == "Nada"
    assert json.dumps(row["problem"].params)


def test_a_large_file_takes_little_memory_and_claims_do_not_wait_long(
    db: Database, made: int
) -> None:
    """Each batch is a transaction of its own: claims hold the same row shared."""
    text = "".join(f"{number(n).e164};Otoño 2026;\n" for n in range(20_000))
    waits: list[float] = []
    done = threading.Event()

    def claim() -> None:
        mine = Database(db.settings)
        with mine.transaction() as tx:
            tx.execute("UPDATE campaign SET paused = 0 WHERE id = %s", (made,))
        while not done.is_set():
            began_s = time.monotonic()
            with mine.transaction() as tx:
                assert claims.claimable(tx, made)
            waits.append(time.monotonic() - began_s)
        mine.close()

    thread = threading.Thread(target=claim)
    thread.start()
    tracemalloc.start()
    try:
        loaded = load(db, text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        done.set()
        thread.join()
    assert loaded.accepted == 20_000
    assert peak < 25_000_000
    assert max(waits) < 2.0  # a loaded machine, and memory that is traced
