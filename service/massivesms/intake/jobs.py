"""Loads of the call records in the background.

First all numbers are gathered, without holding anything that others need; what is
to be saved is then saved in one transaction, or nothing is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from .. import background
from ..background import Job, Stopped
from ..config import Config
from ..domain import calls as calls_domain
from ..domain import settings as product_settings
from ..domain.number_sets import NumberSet
from ..domain.recipients import Row, Screening
from ..store import load_jobs, settings
from ..store.db import Database, Transaction
from . import calls, loads
from .load_sources import Source
from .loads import Loaded
from .read_ahead import read_ahead


def run_next(
    db: Database, config: Config, owner: str, stopping: threading.Event
) -> bool:
    """Carries out the next load, where there are no other jobs; False without one."""
    carriers = {calls.KIND: lambda job: carry_out(job, config)}
    return background.run_next(db, owner, stopping, carriers)


def carry_out(job: Job, config: Config) -> None:
    """Gathers the numbers unless that is done, and saves them if that is asked.

    Raises Stopped, and what is to be said of a load that failed.
    """
    _Load(job, config).carry_out()


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

    def __init__(self, job: Job, config: Config) -> None:
        self._job = job
        self._db = job.db
        self._config = config

    def carry_out(self) -> None:
        """See `carry_out` of this room."""
        with self._db.transaction() as tx:
            self._plan = product_settings.read(settings.load(tx)).number_plan
        accepted = self._job.row["accepted"]
        if accepted is None:
            accepted = self._gather()
        if self._job.row["saving"] and accepted:
            self._save()

    def _gather(self) -> int:
        """Keeps the numbers of the calls; how many are mobiles."""
        job = self._job
        _drop_numbers(self._db, job.id)  # of whoever had it before us
        query = calls_domain.from_json(job.params["query"])
        rows = calls.rows(self._config.cdr, query, job.watch)
        screening = Screening(self._plan, texts_allowed=False, seen=NumberSet())
        for batch in read_ahead(rows, load_jobs.ROWS_AT_ONCE):
            numbers = [(row.line, row.raw_number) for row in batch]
            with self._db.transaction() as tx:
                job.hold(tx)  # nobody takes it over before these are committed
                load_jobs.add_numbers(tx, job.id, numbers)
            for _ in screening.screen(batch):
                pass
            job.progress.found += len(batch)
        found = screening.summary
        with self._db.transaction() as tx:
            counted = (found.accepted, found.refused)
            if not load_jobs.counted(tx, job.id, job.owner, *counted):
                raise Stopped
        return found.accepted

    def _save(self) -> None:
        row, params = self._job.row, self._job.params
        actor = self._job.actor
        source = Source(row["kind"], self._gathered(), is_huge=True)
        if row["list_id"] is not None:
            list_id = row["list_id"]
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
                self._job.check()
                with self._db.transaction() as tx:
                    found = load_jobs.numbers(tx, self._job.id, after)
                if not found:
                    return
                for line, number in found:
                    yield Row(line, number)
                after = found[-1][0]
        finally:
            self._db.close()

    def _finish(self, tx: Transaction, loaded: Loaded) -> None:
        ended = (loaded.target_id, loaded.import_id)
        if not load_jobs.finish(tx, self._job.id, self._job.owner, *ended):
            raise Stopped
