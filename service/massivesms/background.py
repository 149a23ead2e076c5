"""Work in the background: taken up by exactly one worker, with progress and a cancel.

Owns what all kinds of it have in common: who has a job, its heartbeat, giving it back
and saying why it failed. What a kind does is whose `carriers` are given. Threads and
polling are whose who calls `run_next`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .errors import MassiveSmsError, StoreError
from .store import load_jobs
from .store.audit import Actor
from .store.db import Database, Row, Transaction
from .store.failures import StoreUnavailable
from .store.load_jobs import Progress

log = logging.getLogger(__name__)

BEAT_S = 1.0


class Stopped(Exception):  # noqa: N818 - nothing is wrong
    """The job is not ours to go on with: cancelled, taken over, or we end."""


class Job:
    """One job while it is ours."""

    def __init__(
        self, db: Database, row: Row, owner: str, stopping: threading.Event
    ) -> None:
        self.db = db
        self.row = row
        self.id: int = row["id"]
        self.owner = owner
        self.progress = Progress()
        self._stopping = stopping
        self._is_lost = False

    @property
    def params(self) -> dict[str, Any]:
        """What it was asked to do."""
        found: dict[str, Any] = self.row["params"]
        return found

    @property
    def actor(self) -> Actor:
        """Who asked for it, and from where."""
        return Actor(self.row["created_by"], self.params["address"])

    def check(self) -> None:
        """To be called now and then. Raises Stopped when it is not ours any more."""
        if self._is_lost or self._stopping.is_set():
            raise Stopped

    def watch(self, done: int, total: int) -> None:
        """Shows how far it is. Raises Stopped like `check`."""
        self.progress.done, self.progress.total = done, total
        self.check()

    def hold(self, tx: Transaction) -> None:
        """Keeps the job ours until the commit. Raises Stopped when it is not."""
        if not load_jobs.beat(tx, self.id, self.owner, self.progress):
            raise Stopped

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Keeps the job ours, and its progress shown, by a thread of its own."""
        ended = threading.Event()
        thread = threading.Thread(
            target=self._beat_until, args=(ended,), name="load heartbeat", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat_until(self, ended: threading.Event) -> None:
        while not ended.wait(BEAT_S) and not self._is_lost:
            try:
                with self.db.transaction() as tx:
                    is_ours = load_jobs.beat(tx, self.id, self.owner, self.progress)
                self._is_lost = not is_ours
            except StoreError as error:
                log.warning("no heartbeat of a load: %s", error)
        self.db.close()


Carrier = Callable[[Job], None]


def run_next(
    db: Database,
    owner: str,
    stopping: threading.Event,
    carriers: Mapping[str, Carrier],
) -> bool:
    """Carries out the next job by its kind's carrier; False when there was none.

    `stopping` ends it soon, and gives it back. Raises StoreUnavailable when our own
    database is away: the job is taken up again once its heartbeat is old.
    """
    row = db.atomically(lambda tx: load_jobs.take(tx, owner))
    if row is None:
        return False
    log.info("load %d begins, try %d", row["id"], row["attempts"])
    job = Job(db, row, owner, stopping)
    try:
        with job.beating():
            carriers[row["kind"]](job)
    except Stopped:
        if stopping.is_set():
            db.atomically(lambda tx: load_jobs.release(tx, job.id, owner))
    except StoreUnavailable:
        raise
    except MassiveSmsError as error:
        problem = error.problem
        log.info("load %d failed: %s", job.id, problem)
        db.atomically(lambda tx: load_jobs.fail(tx, job.id, owner, problem))
    return True
