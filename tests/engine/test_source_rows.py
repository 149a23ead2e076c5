"""What a run makes of rows and dropped files: each once, bad ones said."""

from __future__ import annotations

import os
import sqlite3
import time

import pytest

from massivesms.domain.sources import Draft
from massivesms.domain.words import Problem
from massivesms.store import source_runs, sources
from tests.engine.source_house import (
    THURSDAY,
    Loader,
    create,
    runs,
)
from tests.engine.world import ANA, World


def test_each_file_of_a_folder_becomes_a_campaign_of_its_own(
    world: World, source_id: int
) -> None:
    folder = world.config.sources_dir / "in"
    folder.mkdir()
    for n in range(3):
        path = folder / f"{n}.csv"
        path.write_text(f"celular\n60011122{n}\n")
        os.utime(path, (time.time() - 60,) * 2)
    of_folder = create(
        world, Draft("Carpeta", "folder", str(folder), text="Hola", days=(3,))
    )
    loader = Loader(world)
    for minute in range(4):
        loader.at(f"2026-07-02 08:0{minute}")
    found = runs(world, of_folder)
    assert [(run["state"], run["accepted"]) for run in found] == [("done", 1)] * 3
    assert sorted(path.name for path in (folder / "done").iterdir()) == [
        "0.csv", "1.csv", "2.csv",
    ]  # fmt: skip


def test_a_bad_row_that_is_left_of_a_day_is_nothing_new(
    world: World, source_id: int
) -> None:
    with sqlite3.connect(world.config.sources_dir / "erp.db") as erp:
        erp.execute("INSERT INTO cuotas VALUES ('no es', 'Eva', '2026-07-02')")
    erp.close()
    loader = Loader(world)
    loader.at("2026-07-02 08:00")
    (run,) = runs(world, source_id)
    assert (run["state"], run["accepted"], run["refused"]) == ("done", 1, 1)
    source = world.db.atomically(lambda tx: sources.by_id(tx, source_id))
    assert source is not None
    again = (source, THURSDAY, THURSDAY, ANA)
    world.db.atomically(lambda tx: source_runs.begin(tx, *again))
    loader.at("2026-07-02 09:00")
    run = runs(world, source_id)[0]
    assert run["state"] == "nothing"
    assert [run[n] for n in ("rows_read", "duplicates", "refused")] == [2, 1, 1]


def test_why_a_row_is_bad_is_kept_to_be_said_in_any_language(
    world: World, source_id: int
) -> None:
    with sqlite3.connect(world.config.sources_dir / "erp.db") as erp:
        erp.execute("UPDATE cuotas SET celular = 'no es'")
    erp.close()
    Loader(world).at("2026-07-02 08:00")
    (run,) = runs(world, source_id)
    assert run["problem"].code == "no_valid_number"
    assert isinstance(run["problem"].params["reason"], Problem)
    assert "Line 1:" in str(run["problem"])


def test_a_file_that_cannot_be_loaded_holds_up_no_other(
    world: World, source_id: int
) -> None:
    folder = world.config.sources_dir / "in"
    folder.mkdir()
    texts = {
        "a": "celular;apellido\n600111222;Ana\n",  # the message wants another column
        "b": "celular;nombre\nno es;Eva\n",
        "c": "celular;nombre\n600111223;Eva\n",
        "d": "celular;nombre\n600111223;Eva\n\n",  # loaded for this day already
        "e": "celular;nombre\n600111224;Luis\n",
    }
    for name, text in texts.items():
        path = folder / f"{name}.csv"
        path.write_text(text)
        os.utime(path, (time.time() - 60,) * 2)
    of_folder = create(
        world, Draft("Carpeta", "folder", str(folder), text="Hola <nombre>", days=(3,))
    )
    loader = Loader(world)
    for minute in range(7):
        loader.at(f"2026-07-02 08:0{minute}")
    states = [run["state"] for run in reversed(runs(world, of_folder))]
    assert states == ["failed", "failed", "done", "nothing", "done"]
    assert sorted(p.name for p in (folder / "refused").iterdir()) == ["a.csv", "b.csv"]
    assert sorted(p.name for p in (folder / "done").iterdir()) == [
        "c.csv", "d.csv", "e.csv",
    ]  # fmt: skip


@pytest.mark.parametrize("has_more", [False, True])
def test_a_file_that_is_no_table_is_told_at_once_and_stays_told(
    world: World, source_id: int, has_more: bool
) -> None:
    folder = world.config.sources_dir / "in"
    folder.mkdir()
    contents = {"a.csv": b"\x00\x01" * 99, "b.csv": b"celular\n600111222\n"}
    for name in sorted(contents)[: 1 + has_more]:
        path = folder / name
        path.write_bytes(contents[name])
        os.utime(path, (time.time() - 60,) * 2)
    of_folder = create(
        world,
        Draft(
            "Carpeta",
            "folder",
            str(folder),
            text="Hola",
            mail_to="eva@example.com",
            days=(3,),
        ),
    )
    sql = "UPDATE source_run SET due_at = UTC_TIMESTAMP(3) WHERE due_at IS NOT NULL"
    loader = Loader(world)
    for minute in (0, 16, 32):
        loader.at(f"2026-07-02 08:{minute:02}")
        world.db.atomically(lambda tx: tx.execute(sql))
    *later, daily = runs(world, of_folder)
    assert (daily["state"], daily["tries"], daily["due_at"]) == ("failed", 1, None)
    assert daily["problem"].code == "source_file"
    told = "SELECT COUNT(*) FROM mail WHERE body LIKE '%%a.csv cannot be read%%'"
    assert world.ask(told) == 1
    assert [run["state"] for run in later] == ["done"] * has_more


def test_a_long_text_column_is_sent_whole(world: World, source_id: int) -> None:
    text = "Le recordamos su cita. " * 30
    with sqlite3.connect(world.config.sources_dir / "erp.db") as erp:
        erp.execute("UPDATE cuotas SET nombre = ?", (text,))
    erp.close()
    Loader(world).at("2026-07-02 08:00")
    (run,) = runs(world, source_id)
    assert (run["state"], run["accepted"]) == ("done", 1)
    assert world.ask("SELECT text FROM message") == f"Hola {text.strip()}"


def test_a_row_whose_message_is_cut_is_refused_and_the_others_are_sent(
    world: World, source_id: int
) -> None:
    folder = world.config.sources_dir / "in"
    folder.mkdir()
    path = folder / "a.csv"
    path.write_text("movil;mensaje\n600111222;Hola\n600111223;Ana; a las 10\n")
    os.utime(path, (time.time() - 60,) * 2)
    of_folder = create(world, Draft("Carpeta", "folder", str(folder), days=(3,)))
    loader = Loader(world)
    loader.at("2026-07-02 08:00")
    (run,) = runs(world, of_folder)
    assert [run[n] for n in ("state", "accepted", "refused")] == ["done", 1, 1]
    code = f"SELECT code FROM import_problem WHERE import_id = {run['import_id']}"  # noqa: S608
    assert world.ask(code) == "extra_cells"
    path.write_text('movil;mensaje\n600111222;Hola\n600111223;"Ana; a las 10"\n')
    os.utime(path, (time.time() - 60,) * 2)  # mended, it is loaded after all
    source = world.db.atomically(lambda tx: sources.by_id(tx, of_folder))
    assert source is not None
    again = (source, THURSDAY, THURSDAY, ANA)
    world.db.atomically(lambda tx: source_runs.begin(tx, *again))
    loader.at("2026-07-02 09:00")
    run = runs(world, of_folder)[0]
    assert [run[n] for n in ("state", "accepted", "duplicates")] == ["done", 1, 1]
    text = f"SELECT text FROM message WHERE campaign_id = {run['campaign_id']}"  # noqa: S608
    assert world.ask(text) == "Ana; a las 10"
