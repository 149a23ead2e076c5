"""Exports in the background: all of it in flat memory, or nothing and the reason."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from massivesms import background
from massivesms.config import Config
from massivesms.export import files, jobs
from massivesms.store import export_jobs, load_jobs
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from tests.store import examples

ANA = Actor("ana", "10.0.0.1")
MANY = 50_000
PATIENCE_S = 60.0
#: A worker in a process of its own; says by how many MB its memory grew.
WORKER = """
import resource, threading
from massivesms import background, config
from massivesms.export import jobs
from massivesms.store.db import Database
found = config.load()
def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
carriers = {"export": lambda job: jobs.carry_out(job, found)}
before = peak_mb()
background.run_next(Database(found.database), "worker", threading.Event(), carriers)
print(peak_mb() - before)
"""


@pytest.fixture
def many(db: Database) -> int:
    """A campaign of fifty thousand messages; its id."""
    with db.transaction() as tx:
        made = examples.campaign(tx, "Otoño")
        tx.execute(
            "INSERT INTO message (campaign_id, number, segments, state, created_at)"
            " SELECT %s, CONCAT('+346', LPAD(seq, 8, '0')), 1, 'submitted',"
            f" UTC_TIMESTAMP(3) FROM seq_1_to_{MANY}",
            (made,),
        )
        examples.recount(tx)
    return made


def create(db: Database, format_name: str = "csv", **chosen: str) -> int:
    params = {
        "source": "messages",
        "filter": {name: [value] for name, value in chosen.items()},
        "format": format_name,
        "language": "es",
    }
    return db.atomically(lambda tx: export_jobs.create(tx, params, ANA))


def run_next(
    db: Database, config: Config, stopping: threading.Event | None = None
) -> bool:
    carriers = {"export": lambda job: jobs.carry_out(job, config)}
    return background.run_next(db, "me", stopping or threading.Event(), carriers)


def look(db: Database, job_id: int) -> Row:
    with db.transaction() as tx:
        row = load_jobs.by_id(tx, job_id)
    assert row
    return row


def left(config: Config) -> list[str]:
    """What lies in the directory of exports."""
    if not config.exports_dir.exists():
        return []
    return sorted(path.name for path in config.exports_dir.iterdir())


def wait_until(is_so: Callable[[], Any]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def worker() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_every_message_is_in_the_file_and_memory_stays_flat(
    db: Database, config: Config, many: int, format_name: str
) -> None:
    job_id = create(db, format_name, campaign=str(many))
    process = worker()
    said, _ = process.communicate(timeout=PATIENCE_S)
    job = look(db, job_id)
    assert (job["state"], job["found"]) == ("done", MANY), job
    path = config.exports_dir / job["file"]
    assert job["size"] == path.stat().st_size
    if format_name == "csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    else:
        book = openpyxl.load_workbook(path, read_only=True)
        rows = [list(map(str, row)) for row in book.active.values]
    assert len(rows) == MANY + 1
    assert {row[3] for row in rows[1:]} == {f"+346{n:08}" for n in range(1, MANY + 1)}
    assert int(said) < 40, "MB"


def test_only_we_can_read_the_file_and_nobody_guesses_its_name(
    db: Database, config: Config
) -> None:
    job_id = create(db)
    run_next(db, config)
    (name,) = left(config)
    assert files.NAME.fullmatch(name) and name.startswith(f"{job_id}-")
    assert (config.exports_dir / name).stat().st_mode & 0o777 == 0o600
    assert config.exports_dir.stat().st_mode & 0o777 == 0o700


def test_who_exported_which_messages_and_how_many_is_in_the_audit(
    db: Database, config: Config
) -> None:
    with db.transaction() as tx:
        examples.campaign(tx, count=3)
    create(db, "xlsx", number="+34600000001", state="queued")
    run_next(db, config)
    with db.transaction() as tx:
        (row,) = tx.rows("SELECT * FROM audit WHERE action = 'message.export'")
    assert (row["user_name"], row["address"]) == ("ana", "10.0.0.1")
    assert '"messages": 1' in row["details"] and "xlsx" in row["details"]
    assert "+34600000001" not in row["details"], "a number is masked"


def test_a_cancelled_export_leaves_nothing(
    db: Database, config: Config, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "BEAT_S", 0.01)
    job_id = create(db, campaign=str(many))
    seen: list[list[str]] = []

    def cancel(self: background.Job, done: int, total: int) -> None:
        if not seen:
            seen.append(left(config))
            with db.transaction() as tx:
                assert load_jobs.cancel(tx, job_id, ANA, "message.export_cancel")
        self.progress.done, self.progress.total = done, total
        wait_until(lambda: self._is_lost)
        self.check()

    monkeypatch.setattr(background.Job, "watch", cancel)
    run_next(db, config)
    assert seen[0] and left(config) == []
    job = look(db, job_id)
    assert (job["state"], job["file"]) == ("cancelled", "")


def test_an_export_of_a_killed_worker_is_begun_again(
    db: Database, config: Config, many: int
) -> None:
    job_id = create(db, "xlsx", campaign=str(many))
    process = worker()
    wait_until(lambda: look(db, job_id)["found"])
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    assert [name[-5:] for name in left(config)] == [".part"]
    with db.transaction() as tx:
        tx.execute("UPDATE load_job SET heartbeat_at = '2020-01-01'")
    assert run_next(db, config)
    job = look(db, job_id)
    assert (job["state"], job["attempts"], job["found"]) == ("done", 2, MANY)
    jobs.tidy(db, config)
    assert left(config) == [job["file"]]


def test_one_that_is_stopped_in_order_is_given_back(
    db: Database, config: Config, many: int
) -> None:
    job_id, stopping = create(db, campaign=str(many)), threading.Event()
    stopping.set()
    run_next(db, config, stopping)
    job = look(db, job_id)
    assert (job["state"], job["attempts"], left(config)) == ("waiting", 0, [])


@pytest.fixture
def small_disk(config: Config, tmp_path: Path) -> Any:
    """A directory on a disk of 400 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield replace(config, exports_dir=place)
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    db: Database, small_disk: Config, many: int, format_name: str
) -> None:
    job_id = create(db, format_name, campaign=str(many))
    run_next(db, small_disk)
    job = look(db, job_id)
    assert job["state"] == "failed"
    assert f"The disk of {small_disk.exports_dir} is full" in job["problem"].text
    assert left(small_disk) == []


def test_a_directory_that_is_none_is_said_in_words(
    db: Database, config: Config, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    job_id = create(db)
    run_next(db, replace(config, exports_dir=tmp_path / "taken"))
    assert "No file can be written to" in look(db, job_id)["problem"].text


def test_files_go_after_a_day_and_with_their_jobs(db: Database, config: Config) -> None:
    old, new = create(db), create(db)
    run_next(db, config)
    run_next(db, config)
    foreign = config.exports_dir / "notes.txt"
    foreign.write_text("not ours")
    (config.exports_dir / f"99-{'a' * 32}.csv").write_text("of no job")
    with db.transaction() as tx:
        tx.execute(
            "UPDATE load_job SET finished_at = finished_at - INTERVAL 25 HOUR"
            " WHERE id = %s",
            (old,),
        )
    jobs.tidy(db, config)
    assert left(config) == sorted([look(db, new)["file"], "notes.txt"])
    assert os.listdir(config.exports_dir)


@pytest.mark.parametrize(
    "name",
    ["../massivesms.conf", "/etc/passwd", "", "1-x.csv", "1-" + "0" * 32 + ".sh"],
)
def test_no_other_file_is_handed_out(config: Config, name: str) -> None:
    config.exports_dir.mkdir()
    assert files.path_of(config.exports_dir, name) is None


def test_a_filter_that_makes_no_sense_exports_nothing(
    db: Database, config: Config
) -> None:
    job_id = create(db, state="nonsense")
    run_next(db, config)
    job = look(db, job_id)
    assert (job["state"], left(config)) == ("failed", [])
    assert "no such state" in job["problem"].text
