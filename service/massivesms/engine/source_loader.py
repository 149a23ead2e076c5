"""Sources are read at their hour, each run in a thread of its own.

So a source that hangs holds up neither the others nor the sending. That there is one
run a day, and that one service carries it out, is held by the database; an hour that
passed while no service ran is made up for within the day.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from ..automatic import runs, summary
from ..automatic.heartbeat import BEAT_S
from ..automatic.runs import House, Lost
from ..config import Config
from ..domain.sources import is_due
from ..errors import MassiveSmsError
from ..store import source_runs, sources
from ..store.db import Database, Row, Transaction
from ..vault import NumberHash, Vault
from .board import Board
from .side_thread import SideThread

log = logging.getLogger(__name__)

PURGE_S = 600.0
MOST_AT_ONCE = 4


class SourceLoader(SideThread):
    """Looks which sources are due, and has a thread for each run."""

    waits = "sources wait for the database: %s"

    def __init__(
        self, config: Config, board: Board, owner: str, now: Callable[[], datetime]
    ) -> None:
        super().__init__("sources", config)
        self._config = config
        self._board = board
        self._owner = owner
        self._now = now
        self._vault = Vault(config.secret_key())
        self._runs: dict[int, threading.Thread] = {}
        self._beat_at_s = self._purge_at_s = 0.0

    def look(self) -> None:
        """Does what is due now."""
        self._runs = {
            n: thread for n, thread in self._runs.items() if thread.is_alive()
        }
        if time.monotonic() >= self._beat_at_s:
            self._beat_at_s = time.monotonic() + BEAT_S
            for run_id in self._runs:
                self._db.atomically(
                    lambda tx, n=run_id: source_runs.beat(tx, n, self._owner)  # type: ignore[misc]
                )
            if self._db.atomically(self._revive):
                log.warning("a run of a source had ended with its service")
        if time.monotonic() >= self._purge_at_s:
            self._purge_at_s = time.monotonic() + PURGE_S
            while self._db.atomically(sources.purge):
                pass
        self._db.atomically(self._begin)
        while len(self._runs) < MOST_AT_ONCE and self._start_next():
            pass

    def wait(self, for_s: float) -> None:
        """Waits for the runs at hand."""
        for thread in self._runs.values():
            thread.join(for_s)

    def _revive(self, tx: Transaction) -> bool:
        dead = source_runs.revive(tx)
        summary.put_ended(tx, self._board.picture.settings, dead)
        return bool(dead)

    def _begin(self, tx: Transaction) -> None:
        """Has the runs wait whose hour has come, and those of yesterday end."""
        settings = self._board.picture.settings
        local = self._now().astimezone(settings.time_zone)
        summary.put_ended(tx, settings, source_runs.end_stale(tx, local.date()))
        for source in sources.every(tx):
            if is_due(source, local):
                source_runs.begin_daily(tx, source["id"], local.date())

    def _start_next(self) -> bool:
        run = self._db.atomically(lambda tx: source_runs.take(tx, self._owner))
        if run is None:
            return False
        thread = threading.Thread(
            target=self._carry_out, args=(run,), name=f"source {run['id']}", daemon=True
        )
        self._runs[run["id"]] = thread
        thread.start()
        return True

    def _carry_out(self, run: Row) -> None:
        hash_of = NumberHash(self._config.secret_key)
        db = Database(self._config.database, for_service=True, hash_of=hash_of)
        settings = self._board.picture.settings
        directory = self._config.sources_dir
        house = House(db, self._vault, settings, directory, self._now)
        try:
            state = runs.carry_out(house, run, self._owner)
            log.info("run %d of source %d: %s", run["id"], run["source_id"], state)
        except Lost:
            log.warning("run %d of source %d is not ours", run["id"], run["source_id"])
        except MassiveSmsError as error:  # revived when nobody says that it is alive
            log.warning("run %d of source %d: %s", run["id"], run["source_id"], error)
        finally:
            db.close()
