"""The web's own threads carry out loads: two workers, one load each, a clean end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from massivesms.config import Config
from massivesms.domain.calls import Query
from massivesms.intake.calls import KIND
from massivesms.store import load_jobs
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from tests.call_tables import CallTable, call_tables
from tests.servers.mariadb import PrivateMariaDB
from tests.web.sending import rows, spain
from tests.web.test_serve import served

PATIENCE_S = 30.0
JOBS = "SELECT * FROM load_job ORDER BY id"


@pytest.fixture
def calls(mariadb: PrivateMariaDB, db: Database) -> Iterator[CallTable]:
    spain(db)
    with call_tables(mariadb):
        table = CallTable(mariadb, "FreePBX 17")
        table.fill(50)
        yield table
        table.close()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def web(config: Config, db: Database, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with served(config, f"127.0.0.1:{port}") as process:
        yield process


def create(db: Database, name: str) -> int:
    params: dict[str, Any] = {"query": Query().to_json(), "name": name}
    params["description"] = ""
    return db.atomically(
        lambda tx: load_jobs.create(tx, KIND, params, Actor("ana"), saving=True)
    )


def wait_until(is_so: Callable[[], Any]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def states(db: Database) -> list[str]:
    return [row["state"] for row in rows(db, JOBS)]


def workers_of(master: int) -> list[int]:
    text = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(pid) for pid in text.split()]


def is_up(worker: int) -> bool:
    """Whether its thread of loads runs: a signal before that is lost to gunicorn."""
    return len(list(Path(f"/proc/{worker}/task").iterdir())) > 1


def is_closed(port: int) -> bool:
    """Whether no process listens any more: each worker is about to end its loads."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_each_load_is_carried_out_once(
    db: Database, calls: CallTable, web: subprocess.Popen[bytes]
) -> None:
    for n in range(6):
        create(db, f"List {n}")
    wait_until(lambda: set(states(db)) == {"done"})
    found = rows(db, "SELECT included FROM list")
    assert [row["included"] for row in found] == [50] * 6
    assert {row["attempts"] for row in rows(db, JOBS)} == {1}


def test_the_web_ends_in_order_and_the_next_one_goes_on(
    db: Database, calls: CallTable, web: subprocess.Popen[bytes], port: int
) -> None:
    wait_until(lambda: [is_up(worker) for worker in workers_of(web.pid)] == [True] * 2)
    calls.run("LOCK TABLES cdr WRITE")
    create(db, "Kept")
    wait_until(lambda: states(db) == ["running"])
    web.send_signal(signal.SIGTERM)
    wait_until(lambda: is_closed(port))
    wait_until(lambda: len(workers_of(web.pid)) == 1)  # the other one was idle
    time.sleep(0.5)
    calls.run("UNLOCK TABLES")
    assert web.wait(PATIENCE_S) == 0
    (job,) = rows(db, JOBS)
    assert (job["state"], job["attempts"]) == ("waiting", 0)
    assert rows(db, "SELECT * FROM list") == []


def test_the_load_of_a_killed_worker_is_taken_up_by_another(
    db: Database, calls: CallTable, web: subprocess.Popen[bytes]
) -> None:
    calls.run("LOCK TABLES cdr WRITE")
    create(db, "Survives")
    wait_until(lambda: states(db) == ["running"])
    for worker in workers_of(web.pid):  # gunicorn starts others
        os.kill(worker, signal.SIGKILL)
    calls.run("UNLOCK TABLES")
    wait_until(lambda: states(db) == ["done"])
    (job,) = rows(db, JOBS)
    assert job["attempts"] == 2
    assert [row["included"] for row in rows(db, "SELECT * FROM list")] == [50]
