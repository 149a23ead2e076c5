"""massivesms source: loads from another database, once for each row of a day."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from massivesms.automatic import heartbeat
from massivesms.config import Config
from massivesms.store import settings, source_runs
from massivesms.store.db import Database
from massivesms.vault import NumberHash
from tests.cli.conftest import COMMAND, Run
from tests.fakes.target import Answer, Target, status

ROWS = [
    ("600111222", "Ana", "12.50", "2026-07-02", 1),
    ("600111222", "Ana", "80", "2026-07-02", 2),
    ("hola", "Eva", "7", "2026-07-02", 3),
    ("600111224", "", "7", "2026-07-02", 4),
    ("600111225", "Luis", "7", "2026-07-03", 5),
]
DAY = ("--date", "2026-07-02")
QUERY = "SELECT * FROM cuotas WHERE vence = :date"


@pytest.fixture
def file(config: Config, db: Database) -> Path:
    with db.transaction() as tx:
        settings.save(tx, {"country_code": "34", "mobile_prefixes": "6,7"})
    config.sources_dir.mkdir(parents=True)
    path = config.sources_dir / "erp.db"
    with sqlite3.connect(path) as erp:
        erp.execute("CREATE TABLE cuotas (celular, nombre, monto, vence, codigo)")
        erp.executemany("INSERT INTO cuotas VALUES (?, ?, ?, ?, ?)", ROWS)
    erp.close()
    return path


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massivesms.domain.sources.KEEP_DAYS", 10_000)


def add(run: Run, path: Path, *more: str) -> None:
    run(
        "source", "add", "ERP", "--type", "sqlite", "--place", path, "--query", QUERY,
        "--message", "Hola <nombre>: <monto>", "--key-column", "codigo", *more,
    ).done()  # fmt: skip


def test_a_trial_shows_the_messages_and_stores_nothing(
    run: Run, file: Path, db: Database
) -> None:
    add(run, file)
    found = run("source", "test", "ERP", *DAY, "--json").done().json
    assert [one["text"] for one in found["first"]] == [
        "Hola Ana: 12.50",
        "Hola Ana: 80",
    ]
    assert (found["messages"], found["refused"], found["segments"]) == (2, 2, 2)
    assert [one["line"] for one in found["bad"]] == [3, 4]
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM import") == 0
        assert tx.value("SELECT COUNT(*) FROM source_run") == 0


def test_a_cell_of_the_other_side_does_nothing_to_the_terminal(
    run: Run, file: Path
) -> None:
    add(run, file)
    with sqlite3.connect(file) as erp:
        erp.execute("UPDATE cuotas SET nombre = char(27) || '[2J' WHERE codigo = 1")
        erp.execute("UPDATE cuotas SET celular = char(27) || '6' WHERE codigo = 3")
        erp.execute("UPDATE cuotas SET nombre = 'A' || char(0x202e) WHERE codigo = 2")
    erp.close()
    said = run("source", "test", "ERP", *DAY).done().out
    assert "\x1b" not in said and "\u202e" not in said
    assert "\\x1b6" in said and "A\\u202e" in said


def test_no_row_of_a_day_is_loaded_twice_and_a_repaired_one_is(
    run: Run, file: Path, db: Database
) -> None:
    add(run, file)
    first = run("source", "run", "ERP", *DAY, "--json").done().json
    assert (first["state"], first["accepted"], first["refused"]) == ("done", 2, 2)
    with sqlite3.connect(file) as erp:
        erp.execute("UPDATE cuotas SET nombre = 'Eva' WHERE codigo = 4")
    erp.close()
    again = run("source", "run", "ERP", *DAY, "--json").done().json
    assert (again["accepted"], again["duplicates"], again["refused"]) == (1, 2, 1)
    with db.transaction() as tx:
        names = tx.tuples("SELECT name FROM campaign WHERE id > 1 ORDER BY id")
        assert names == (("ERP 2026-07-02",), ("ERP 2026-07-02 (2)",))
        assert tx.value("SELECT COUNT(*) FROM source_key") == 3
        assert tx.value("SELECT COUNT(*) FROM import WHERE kind = 'automatic'") == 2
        texts = tx.tuples("SELECT text FROM message ORDER BY id")
    assert texts == (("Hola Ana: 12.50",), ("Hola Ana: 80",), ("Hola Eva: 7",))
    none = run("source", "run", "ERP", "--date", "2026-07-01", "--json").done().json
    assert none["state"] == "nothing"


def test_a_row_without_a_key_is_refused_and_the_others_are_loaded(
    run: Run, file: Path, db: Database
) -> None:
    add(run, file)
    with sqlite3.connect(file) as erp:
        erp.execute("UPDATE cuotas SET codigo = NULL WHERE codigo = 2")
        erp.execute("UPDATE cuotas SET codigo = ' ', celular = '600111226'"
                    " WHERE codigo = 3")  # fmt: skip
    erp.close()
    found = run("source", "test", "ERP", *DAY, "--json").done().json
    assert (found["messages"], found["duplicates"]) == (1, 0)
    empty = [one["line"] for one in found["bad"] if "codigo" in one["reason"]]
    assert empty == [2, 3]
    first = run("source", "run", "ERP", *DAY, "--json").done().json
    assert (first["accepted"], first["duplicates"], first["refused"]) == (1, 0, 3)
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM source_key") == 1


def test_a_row_that_is_refused_does_not_take_the_key_of_a_good_one(
    run: Run, file: Path, db: Database
) -> None:
    add(run, file)
    with sqlite3.connect(file) as erp:
        erp.execute("UPDATE cuotas SET codigo = 9")  # a bad number, no name, two good
        erp.execute("UPDATE cuotas SET rowid = -rowid")  # the good ones come last
    erp.close()
    found = run("source", "test", "ERP", *DAY, "--json").done().json
    assert [one["text"] for one in found["first"]] == ["Hola Ana: 80"]
    reasons = {one["line"]: one["reason"] for one in found["bad"]}
    assert "same key" in reasons.pop(4) and sorted(reasons) == [1, 2]
    done = run("source", "run", "ERP", *DAY, "--json").done().json
    assert [done[n] for n in ("accepted", "duplicates", "refused")] == [1, 1, 2]
    with db.transaction() as tx:
        assert tx.value("SELECT text FROM message") == "Hola Ana: 80"


def test_a_place_of_the_number_is_filled_as_in_every_load(
    run: Run, file: Path, db: Database
) -> None:
    add(run, file, "--message", "Hola <number>")
    found = run("source", "test", "ERP", *DAY, "--json").done().json
    assert found["first"][0]["text"] == "Hola +34600111222"
    run("source", "run", "ERP", *DAY).done()
    with db.transaction() as tx:
        text = tx.value("SELECT text FROM message ORDER BY id LIMIT 1")
        assert text == "Hola +34600111222"


def test_the_key_of_a_row_tells_no_number(
    run: Run, file: Path, config: Config, db: Database
) -> None:
    add(run, file, "--key-column", "")
    run("source", "run", "ERP", *DAY).done()
    hash_of = NumberHash(config.secret_key)
    with db.transaction() as tx:
        keys = {key for (key,) in tx.tuples("SELECT row_key FROM source_key")}
    assert keys == {hash_of("source 0:+34600111222")[:16]}


def test_a_failed_run_says_why_and_leaves_nothing(
    run: Run, file: Path, db: Database
) -> None:
    add(run, file, "--most-rows", "1", "--mail-to", "eva@example.com")
    run("source", "run", "ERP", *DAY).refused("more than 1 rows")
    shown = run("source", "show", "ERP", "--json").done().json
    assert shown["runs"][0]["state"] == "failed"
    with db.transaction() as tx:
        for table in ("import", "message", "source_key"):
            assert tx.value(f"SELECT COUNT(*) FROM `{table}`") == 0
        assert "failed" in tx.value("SELECT subject FROM mail")
    run("source", "remove", "ERP").done()
    run("source", "show", "ERP").refused("no source called ERP")


def test_what_is_wrong_with_a_source_is_said(run: Run) -> None:
    bad = ("source", "add", "X", "--type", "sqlite", "--place", "erp.db")
    run(*bad, "--query", "DELETE FROM a").refused("place:", "query:")
    run(*bad, "--query", "SELECT 1; SELECT 2").refused("several")


@pytest.mark.parametrize("day", ["9999-12-31", "2000-01-01"])
def test_a_day_of_sending_that_makes_no_sense_is_refused(
    day: str, run: Run, file: Path, db: Database
) -> None:
    add(run, file)
    words = "within a year" if day > "2026" else "passed"
    run("source", "run", "ERP", "--send-on", day).refused(words)
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM source_run") == 0


def test_a_source_is_turned_off_and_on(run: Run, file: Path) -> None:
    add(run, file)
    assert "turned off" in run("source", "disable", "ERP").done().out
    assert run("source", "show", "ERP", "--json").done().json["active"] is False
    run("source", "enable", "ERP").done()
    assert run("source", "show", "ERP", "--json").done().json["active"] is True


def meanwhile(work: Callable[[], None]) -> Answer:
    """An address that has its rows ready when something else has been done."""

    def answer(line: socket.socket, _ending: threading.Event) -> None:
        work()
        line.sendall(status("200 OK", body="celular\n600111222\n"))

    return answer


def add_address(run: Run, db: Database, target: Target) -> None:
    with db.transaction() as tx:
        own = {"webhook_hosts": "127.0.0.1"}
        spain = {"country_code": "34", "mobile_prefixes": "6,7"}
        settings.save(tx, spain | own)
    run(
        "source", "add", "ERP", "--type", "url", "--place", target.url,
        "--message", "Hola",
    ).done()  # fmt: skip


def test_a_run_by_command_says_that_it_goes_on(
    run: Run, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)

    def alive_at() -> datetime:
        with db.transaction() as tx:
            found: datetime = tx.value("SELECT alive_at FROM source_run")
        return found

    beats: list[bool] = []

    def look() -> None:
        first, give_up_at = alive_at(), time.monotonic() + 20
        while alive_at() == first and time.monotonic() < give_up_at:
            time.sleep(0.02)
        beats.append(alive_at() > first)

    with Target([meanwhile(look)]) as target:
        add_address(run, db, target)
        assert "1 new" in run("source", "run", "ERP").done().out
    assert beats == [True]


def test_a_run_by_command_that_is_taken_over_says_so(run: Run, db: Database) -> None:
    sql = "UPDATE source_run SET alive_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"

    def take_over() -> None:
        with db.transaction() as tx:
            tx.execute(sql)
            assert source_runs.revive(tx)

    with Target([meanwhile(take_over)]) as target:
        add_address(run, db, target)
        run("source", "run", "ERP").refused("taken over", "source show")
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM message") == 0
        assert tx.value("SELECT COUNT(*) FROM source_key") == 0


def test_a_run_by_command_that_is_interrupted_is_not_gone_on_with(
    run: Run, config: Config, db: Database
) -> None:
    asked = threading.Event()

    def hang(_line: socket.socket, ending: threading.Event) -> None:
        asked.set()
        ending.wait(60)

    with Target([hang]) as target:
        add_address(run, db, target)
        words = [COMMAND, "--config", config.file, "source", "run", "ERP"]
        with subprocess.Popen(list(map(str, words)), stderr=subprocess.PIPE) as command:
            assert asked.wait(30)
            command.send_signal(signal.SIGINT)
            assert command.wait(30) == 1
    with db.transaction() as tx:
        found = tx.row("SELECT state, due_at, problem FROM source_run")
    assert found is not None and (found["state"], found["due_at"]) == ("failed", None)
    assert "interrupted" in found["problem"]


def drop(folder: Path, name: str, text: str) -> Path:
    """A file that was dropped a while ago."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    os.utime(path, (time.time() - 60,) * 2)
    return path


def test_a_trial_leaves_dropped_files_where_they_are(
    run: Run, config: Config, file: Path, db: Database
) -> None:
    folder = config.sources_dir / "in"
    first = drop(folder, "a.csv", "celular\n600111222\n")
    run(
        "source", "add", "In", "--type", "folder", "--place", folder,
        "--message", "Hola",
    ).done()  # fmt: skip
    run("source", "run", "In").done()
    (folder / "done" / "a.csv").rename(first)  # the very same file again
    drop(folder, "b.csv", "no;numbers\n")
    run("source", "test", "In").refused("b.csv cannot be read")
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.csv", "done"]
    assert not list((folder / "done").iterdir())
    run("source", "run", "In").refused("b.csv cannot be read")
    assert sorted(path.name for path in folder.iterdir()) == ["done", "refused"]
