"""Loads in the background, carried out in this process or held in the middle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from massivesms.config import Config
from massivesms.domain.calls import Query
from massivesms.intake import jobs
from massivesms.store import load_jobs
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from tests.call_tables import CallTable

ANA = Actor("ana", "10.0.0.1")


PATIENCE_S = 30.0


WORKER = """
import threading
from massivesms import config
from massivesms.intake import jobs
from massivesms.store.db import Database
found = config.load()
jobs.run_next(Database(found.database), found, "worker", threading.Event())
"""


def create(
    db: Database, *, saving: bool = True, list_id: int | None = None, **more: Any
) -> int:
    params = {"query": Query().to_json(), "name": "Calls", "description": "", **more}
    return db.atomically(
        lambda tx: load_jobs.create(
            tx, "call_records", params, ANA, saving=saving, list_id=list_id
        )
    )


def run_next(db: Database, config: Config, owner: str = "me") -> bool:
    return jobs.run_next(db, config, owner, threading.Event())


def look(db: Database, job_id: int) -> Row:
    with db.transaction() as tx:
        row = load_jobs.by_id(tx, job_id)
    assert row
    return row


def value(db: Database, sql: str) -> Any:
    with db.transaction() as tx:
        return tx.value(sql)


def grow_old(db: Database) -> None:
    """Nobody has heard of the owners of all loads for a while."""
    with db.transaction() as tx:
        tx.execute(
            "UPDATE load_job SET heartbeat_at = heartbeat_at - INTERVAL 11 SECOND"
        )


def wait_until(is_so: Callable[[], Any]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


@contextmanager
def in_background(
    config: Config, stopping: threading.Event | None = None
) -> Iterator[threading.Thread]:
    """One worker, in a thread with a connection of its own."""

    def work() -> None:
        db = Database(config.database)
        jobs.run_next(db, config, "background", stopping or threading.Event())
        db.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield thread
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


@contextmanager
def held(calls: CallTable, db: Database, job_id: int) -> Iterator[None]:
    """The PBX lets nobody read its calls; the load has begun and waits for them."""
    calls.run("LOCK TABLES cdr WRITE")
    yield
    calls.run("UNLOCK TABLES")
