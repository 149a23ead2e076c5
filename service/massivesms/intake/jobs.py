"""Carries out the loads that run in the background, one after another.

First all numbers are gathered, without holding anything that others need; what is
to be saved is then saved in one transaction, or nothing is. Threads and polling are
whose who calls `run_next`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..config import Config
from ..domain import calls as calls_domain
from ..domain import settings as product_settings
from ..domain.number_sets import NumberSet
from ..domain.recipients import Row, Screening
from ..errors import MassiveSmsError, StoreError
from ..store import load_jobs, settings
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.db import Row as StoredRow
from ..store.failures import StoreUnavailable
from ..store.load_jobs import Progress
from . import calls, loads
from .loads import Loaded, Source
from .read_ahead import read_ahead

log = logging.getLogger(__name__)

BEAT_S = 1.0


class Stopped(Exception):  # noqa: N818 - nothing is wrong
    """The load is not ours to go on with: cancelled, taken over, or we end."""


def run_next(
    db: Database, config: Config, owner: str, stopping: threading.Event
) -> bool:
    """Carries out the next load; False when there was none.

    `stopping` ends it soon, and gives it back. Raises StoreUnavailable when our own
    database is away: the load is taken up again once its heartbeat is old.
    """
    job = db.atomically(lambda tx: load_jobs.take(tx, owner))
    if job is None:
        return False
    log.info("load %d begins, try %d", job["id"], job["attempts"])
    load = _Load(db, config, job, owner, stopping)
    try:
        with load.beating():
            load.carry_out()
    except Stopped:
        if stopping.is_set():
            db.atomically(lambda tx: load_jobs.release(tx, job["id"], owner))
    except StoreUnavailable:
        raise
    except MassiveSmsError as error:
        problem = error.problem
        log.info("load %d failed: %s", job["id"], problem)
        db.atomically(lambda tx: load_jobs.fail(tx, job["id"], owner, problem))
    return True


def tidy(db: Database) -> None:
    """Takes away what nobody needs any more, a little in each transaction.

    To be called now and then, and after a load.
    """
    for job_id in db.atomically(load_jobs.unneeded):
        _drop_numbers(db, job_id)
    db.atomically(load_jobs.forget)


def _drop_numbers(db: Database, job_id: int) -> None:
    while db.atomically(lambda tx: load_jobs.drop_numbers(tx, job_id)):
        continue


class _Load:
    """One load while it is ours."""

    def __init__(
        self,
        db: Database,
        config: Config,
        job: StoredRow,
        owner: str,
        stopping: threading.Event,
    ) -> None:
        self._db = db
        self._config = config
        self._job = job
        self._id: int = job["id"]
        self._owner = owner
        self._stopping = stopping
        self._is_lost = False
        self._progress = Progress()

    def carry_out(self) -> None:
        """Gathers the numbers unless that is done, and saves them if that is asked.

        Raises Stopped, and what is to be said of a load that failed.
        """
        with self._db.transaction() as tx:
            self._plan = product_settings.read(settings.load(tx)).number_plan
        accepted = self._job["accepted"]
        if accepted is None:
            accepted = self._gather()
        if self._job["saving"] and accepted:
            self._save()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Keeps the load ours, and its progress shown, by a thread of its own."""
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
                with self._db.transaction() as tx:
                    is_ours = load_jobs.beat(tx, self._id, self._owner, self._progress)
                self._is_lost = not is_ours
            except StoreError as error:
                log.warning("no heartbeat of a load: %s", error)
        self._db.close()

    def _check(self) -> None:
        if self._is_lost or self._stopping.is_set():
            raise Stopped

    def _watch(self, done: int, total: int) -> None:
        self._progress.done, self._progress.total = done, total
        self._check()

    def _gather(self) -> int:
        """Keeps the numbers of the calls; how many are mobiles."""
        _drop_numbers(self._db, self._id)  # of whoever had it before us
        query = calls_domain.from_json(self._job["params"]["query"])
        rows = calls.rows(self._config.cdr, query, self._watch)
        screening = Screening(self._plan, texts_allowed=False, seen=NumberSet())
        for batch in read_ahead(rows, load_jobs.ROWS_AT_ONCE):
            numbers = [(row.line, row.raw_number) for row in batch]
            with self._db.transaction() as tx:
                # Holds the job until the commit: nobody takes it over in between.
                if not load_jobs.beat(tx, self._id, self._owner, self._progress):
                    raise Stopped
                load_jobs.add_numbers(tx, self._id, numbers)
            for _ in screening.screen(batch):
                pass
            self._progress.found += len(batch)
        found = screening.summary
        with self._db.transaction() as tx:
            counted = (found.accepted, found.refused)
            if not load_jobs.counted(tx, self._id, self._owner, *counted):
                raise Stopped
        return found.accepted

    def _save(self) -> None:
        params = self._job["params"]
        actor = Actor(self._job["created_by"], params["address"])
        source = Source(self._job["kind"], self._gathered(), is_huge=True)
        if self._job["list_id"] is not None:
            list_id = self._job["list_id"]
            loads.add_to_list(
                self._db, list_id, source, self._plan, actor, self._finish
            )
        else:
            name, description = params["name"], params["description"]
            loads.create_list(
                self._db, name, description, source, self._plan, actor, self._finish
            )

    def _gathered(self) -> Iterator[Row]:
        """The numbers again; read beside the transaction, in a thread of its own."""
        after = 0
        try:
            while True:
                self._check()
                with self._db.transaction() as tx:
                    found = load_jobs.numbers(tx, self._id, after)
                if not found:
                    return
                for line, number in found:
                    yield Row(line, number)
                after = found[-1][0]
        finally:
            self._db.close()

    def _finish(self, tx: Transaction, loaded: Loaded) -> None:
        ended = (loaded.target_id, loaded.import_id)
        if not load_jobs.finish(tx, self._id, self._owner, *ended):
            raise Stopped
