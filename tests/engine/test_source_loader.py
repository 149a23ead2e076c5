"""Sources run at their hour: once a day whatever happens, and failures are said."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.automatic import drafts
from massivesms.automatic.runs import House, Lost, carry_out
from massivesms.domain import settings as product_settings
from massivesms.domain.sources import MOST_TRIES, RETRY_S, Draft
from massivesms.domain.words import Problem
from massivesms.engine.board import Board, Picture
from massivesms.engine.source_loader import SourceLoader
from massivesms.store import settings, source_runs, sources
from massivesms.store.db import Row
from massivesms.vault import Vault
from tests.engine.world import ANA, World

MADRID = ZoneInfo("Europe/Madrid")
THURSDAY = date(2026, 7, 2)
QUERY = "SELECT * FROM cuotas WHERE vence = :date"


class Loader(SourceLoader):
    """The thread's work without the thread: each look is asked for."""

    def __init__(self, world: World, owner: str = "host:1") -> None:
        stored = world.db.atomically(settings.load)
        board = Board(Picture(product_settings.read(stored)))
        self.clock = datetime.now(UTC)
        super().__init__(world.config, board, owner, lambda: self.clock)

    def at(self, text: str) -> None:
        """Looks at a moment of Madrid's clock, and waits for the runs."""
        self.clock = datetime.fromisoformat(text).replace(tzinfo=MADRID)
        self._beat_at_s = 0.0
        self.look()
        self.wait(30)
        self._db.close()


@pytest.fixture
def source_id(world: World) -> Iterator[int]:
    world.set(time_zone="Europe/Madrid", country_code="34", mobile_prefixes="6,7")
    world.config.sources_dir.mkdir(parents=True)
    path = world.config.sources_dir / "erp.db"
    with sqlite3.connect(path) as erp:
        erp.execute("CREATE TABLE cuotas (celular, nombre, vence)")
        erp.execute("INSERT INTO cuotas VALUES ('600111222', 'Ana', '2026-07-02')")
    erp.close()
    draft = Draft(
        "ERP", "sqlite", str(path), query=QUERY, text="Hola <nombre>", days=(3, 4),
        mail_to="eva@example.com",
    )  # fmt: skip
    yield create(world, draft)


def create(world: World, draft: Draft) -> int:
    """A source as of the day before its first run; its id."""
    vault = Vault(world.config.secret_key())
    made = drafts.new(draft, vault, datetime(2026, 7, 1, 12, tzinfo=MADRID))
    assert not isinstance(made, dict)
    return world.db.atomically(lambda tx: sources.create(tx, made, ANA))


def runs(world: World, source_id: int) -> list[Row]:
    return world.db.atomically(lambda tx: source_runs.history(tx, source_id))


def test_a_source_runs_once_at_its_hour_whoever_looks(
    world: World, source_id: int
) -> None:
    one, other = Loader(world), Loader(world, "host:2")
    one.at("2026-07-01 20:00")  # no day of it
    one.at("2026-07-02 07:59")
    assert not runs(world, source_id)
    other.at("2026-07-02 15:00")  # no service ran at its hour
    one.at("2026-07-02 15:01")
    (run,) = runs(world, source_id)
    assert (run["state"], run["accepted"], run["day"]) == ("done", 1, THURSDAY)
    assert world.ask("SELECT name FROM campaign WHERE id > 1") == "ERP 2026-07-02"
    assert world.ask("SELECT text FROM message") == "Hola Ana"
    assert world.ask("SELECT kind FROM import") == "automatic"
    assert world.ask("SELECT recipients FROM mail") == "eva@example.com"
    one.at("2026-07-03 08:00")
    assert runs(world, source_id)[0]["state"] == "nothing"


def test_a_source_that_is_away_is_tried_again_and_then_loads(
    world: World, source_id: int
) -> None:
    file = world.config.sources_dir / "erp.db"
    away = file.rename(file.with_suffix(".away"))
    loader = Loader(world)
    loader.at("2026-07-02 08:00")
    (run,) = runs(world, source_id)
    assert run["state"] == "failed" and run["problem"].code == "source_file"
    assert run["due_at"] is not None and world.ask("SELECT COUNT(*) FROM mail") == 0
    away.rename(file)
    sql = "UPDATE source_run SET due_at = UTC_TIMESTAMP(3)"
    world.db.atomically(lambda tx: tx.execute(sql))
    loader.at("2026-07-02 08:16")
    (run,) = runs(world, source_id)
    assert (run["state"], run["tries"], run["problem"]) == ("done", 2, None)


def test_a_source_that_stays_away_is_told_after_the_last_try(
    world: World, source_id: int
) -> None:
    (world.config.sources_dir / "erp.db").unlink()
    loader = Loader(world)
    now = "UPDATE source_run SET due_at = UTC_TIMESTAMP(3) WHERE due_at IS NOT NULL"
    for tries in range(1, MOST_TRIES + 1):
        loader.at(f"2026-07-02 08:0{tries}")
        (run,) = runs(world, source_id)
        assert (run["state"], run["tries"]) == ("failed", tries)
        if tries < MOST_TRIES:
            assert run["due_at"] - run["finished_at"] == timedelta(seconds=RETRY_S)
            assert world.ask("SELECT COUNT(*) FROM mail") == 0
            loader.at(f"2026-07-02 08:0{tries}")  # it is not time yet
            assert runs(world, source_id)[0]["tries"] == tries
            world.db.atomically(lambda tx: tx.execute(now))
    assert run["due_at"] is None and world.ask("SELECT COUNT(*) FROM mail") == 1
    loader.at("2026-07-02 23:59")
    assert runs(world, source_id)[0]["tries"] == MOST_TRIES


def test_a_run_whose_service_died_is_carried_out_by_another(
    world: World, source_id: int
) -> None:
    def die(tx: object) -> None:
        source_runs.begin_daily(tx, source_id, THURSDAY)  # type: ignore[arg-type]
        source_runs.take(tx, "dead:1")  # type: ignore[arg-type]

    world.db.atomically(die)
    sql = "UPDATE source_run SET alive_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"
    world.db.atomically(lambda tx: tx.execute(sql))
    Loader(world).at("2026-07-02 09:00")
    (run,) = runs(world, source_id)
    assert (run["state"], run["accepted"]) == ("done", 1)


def aged(world: World) -> None:
    """Nobody has said for long that a run goes on."""
    sql = "UPDATE source_run SET alive_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"
    world.db.atomically(lambda tx: tx.execute(sql))


def test_a_run_whose_service_died_too_often_is_told(
    world: World, source_id: int
) -> None:
    begin = source_runs.begin_daily
    world.db.atomically(lambda tx: begin(tx, source_id, THURSDAY))
    for tries in range(1, MOST_TRIES + 1):
        assert world.db.atomically(lambda tx: source_runs.take(tx, "dead:1"))
        aged(world)
        if tries < MOST_TRIES:
            assert world.db.atomically(source_runs.revive)
    Loader(world).at("2026-07-02 09:00")
    (run,) = runs(world, source_id)
    assert (run["state"], run["due_at"]) == ("failed", None)
    assert "The service ended while it ran" in world.ask("SELECT body FROM mail")


def test_a_run_that_is_taken_over_tells_no_failure(
    world: World, source_id: int
) -> None:
    begin = source_runs.begin_daily
    world.db.atomically(lambda tx: begin(tx, source_id, THURSDAY))
    mine = world.db.atomically(lambda tx: source_runs.take(tx, "slow:1"))
    assert mine is not None
    aged(world)
    world.db.atomically(source_runs.revive)
    assert world.db.atomically(lambda tx: source_runs.take(tx, "host:1"))
    (world.config.sources_dir / "erp.db").unlink()
    house = House(
        world.db, Vault(world.config.secret_key()), product_settings.read({}),
        world.config.sources_dir, lambda: datetime.now(UTC),
    )  # fmt: skip
    with pytest.raises(Lost):
        carry_out(house, mine, "slow:1")
    (run,) = runs(world, source_id)
    assert run["state"] == "running" and world.ask("SELECT COUNT(*) FROM mail") == 0


def test_a_failure_that_is_tried_no_more_at_midnight_is_told(
    world: World, source_id: int
) -> None:
    file = world.config.sources_dir / "erp.db"
    away = file.rename(file.with_suffix(".away"))
    loader = Loader(world)
    loader.at("2026-07-02 23:55")
    assert world.ask("SELECT COUNT(*) FROM mail") == 0
    away.rename(file)
    for minute in (1, 2):
        loader.at(f"2026-07-03 00:0{minute}")
    (run,) = runs(world, source_id)
    assert (run["state"], run["due_at"]) == ("failed", None)
    assert world.ask("SELECT COUNT(*) FROM mail") == 1
    assert "erp.db cannot be read" in world.ask("SELECT body FROM mail")


def test_a_run_that_nobody_began_by_midnight_is_told(
    world: World, source_id: int
) -> None:
    begin = source_runs.begin_daily
    world.db.atomically(lambda tx: begin(tx, source_id, THURSDAY))
    Loader(world).at("2026-07-03 00:01")
    (run,) = runs(world, source_id)
    assert run["state"] == "failed"
    assert "the day was over" in world.ask("SELECT body FROM mail")


def test_a_source_that_has_run_today_uses_up_no_more_numbers(
    world: World, source_id: int
) -> None:
    loader = Loader(world)
    for minute in range(5):
        loader.at(f"2026-07-02 08:0{minute}")
    source = world.db.atomically(lambda tx: sources.by_id(tx, source_id))
    assert source is not None
    next_id = world.db.atomically(
        lambda tx: source_runs.begin(tx, source, THURSDAY, THURSDAY, ANA)
    )
    (_, daily) = runs(world, source_id)
    assert next_id == daily["id"] + 1


def test_a_later_day_of_sending_starts_at_the_hour_of_the_source(
    world: World, source_id: int
) -> None:
    source = world.db.atomically(lambda tx: sources.by_id(tx, source_id))
    assert source is not None
    send_on = date(2026, 7, 6)
    world.db.atomically(
        lambda tx: source_runs.begin(tx, source, THURSDAY, send_on, ANA)
    )
    Loader(world).at("2026-07-05 20:00")
    start = world.ask("SELECT start_at FROM campaign WHERE id > 1")
    assert start == datetime(2026, 7, 6, 6)  # noqa: DTZ001 UTC


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
