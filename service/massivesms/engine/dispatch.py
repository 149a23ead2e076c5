"""The dispatcher: keeps the picture of the work, one worker for each trunk, and
the heartbeat.

Decides which trunks should be driven and by what priority; it never claims and
never sends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from .. import __version__
from ..config import Config
from ..domain import settings as product_settings
from ..domain.routing import Candidate
from ..errors import ConfigError, StoreError
from ..store import campaigns, services, settings, trunk_sessions, trunks
from ..store.db import Database, Row, Transaction
from ..trunks.base import TrunkSettings
from ..vault import Vault
from . import housekeeping
from .board import Board, Picture, Work
from .identity import Identity
from .trunk_tests import TrunkTests
from .trunk_worker import TrunkWorker

log = logging.getLogger(__name__)

LOOK_S = 0.1  # how soon a message put in the queue is noticed
TRUNKS_S = 0.5
BEAT_S = 3.0
HOUSEKEEPING_S = 2.0
PURGE_S = 60.0
AWAY_WAIT_S = 1.0
END_WAIT_S = 9.0  # the service has stopped within ten seconds of SIGTERM


class Dispatcher:
    """Runs the engine until told to stop."""

    def __init__(
        self, config: Config, now: Callable[[], datetime], identity: Identity
    ) -> None:
        self._config = config
        self._now = now
        self._identity = identity
        self._db = Database(config.database)
        self._vault = Vault(config.secret_key())
        self._board = Board(Picture(product_settings.read({})))
        self._workers: dict[int, TrunkWorker] = {}
        self._old_workers: list[TrunkWorker] = []
        self._trunks: list[Row] = []
        self._tests = TrunkTests(self._db, self._settings_of)
        self._due: dict[str, float] = {}

    def run(self, stopping: threading.Event, reloading: threading.Event) -> None:
        """Works until told to stop, or to make room for a new configuration."""
        is_away = False
        while not (stopping.is_set() or reloading.is_set()):
            try:
                self._round()
                if is_away:
                    log.info("the database is back")
                is_away = False
                stopping.wait(LOOK_S)
            except StoreError as error:
                if not is_away:
                    log.error("waiting for the database: %s", error)
                is_away = True
                stopping.wait(AWAY_WAIT_S)
        self._end()

    def _round(self) -> None:
        if self._is_due("beat", BEAT_S):
            self._db.atomically(self._beat)
        if self._is_due("trunks", TRUNKS_S):
            self._trunks = self._db.atomically(trunks.all_trunks)
            self._match_workers()
            self._tests.carry_out(self._trunks)
        self._board.picture = self._look()
        if self._is_due("housekeeping", HOUSEKEEPING_S):
            self._keep_house()
        if self._is_due("purge", PURGE_S):
            housekeeping.purge_expired(self._db)
        if any(work.queued for work in self._board.picture.work):
            for worker in self._workers.values():
                worker.wake()

    def _is_due(self, name: str, every_s: float) -> bool:
        now_s = time.monotonic()
        if now_s < self._due.get(name, 0.0):
            return False
        self._due[name] = now_s + every_s
        return True

    # --- the picture -----------------------------------------------------

    def _look(self) -> Picture:
        """Reads what is to be done, from small tables only."""

        def read(tx: Transaction) -> tuple[dict[str, str], list[Row]]:
            return settings.load(tx), campaigns.open_work(tx)

        stored, rows = self._db.atomically(read)
        work = [
            Work(row["id"], row["priority"], row["trunk_id"], int(row["queued"]))
            for row in rows
            if row["queued"] > 0
        ]
        return Picture(product_settings.read(stored), work, self._candidates())

    def _candidates(self) -> list[Candidate]:
        return [
            Candidate(trunk["id"], trunk["priority"], self._can_send(trunk["id"]))
            for trunk in self._trunks
            if trunk["active"]
        ]

    def _can_send(self, trunk_id: int) -> bool:
        worker = self._workers.get(trunk_id)
        return worker is not None and worker.can_send

    # --- workers ---------------------------------------------------------

    def _match_workers(self) -> None:
        """Starts, ends and replaces workers so that they match the trunks."""
        wanted = {
            trunk["id"]: trunk
            for trunk in self._trunks
            if trunk["active"] and not trunk["stopped_code"]
        }
        for trunk_id, worker in list(self._workers.items()):
            trunk = wanted.get(trunk_id)
            changed = trunk and trunk["revision"] != worker.trunk["revision"]
            has_ended = not worker.is_alive() and not worker.is_stopped
            if trunk is None or changed or has_ended:
                worker.end()
                self._old_workers.append(self._workers.pop(trunk_id))
        self._old_workers = [w for w in self._old_workers if w.is_alive()]
        ending = {worker.trunk["id"] for worker in self._old_workers}
        for trunk_id, trunk in wanted.items():
            if trunk_id not in self._workers and trunk_id not in ending:
                self._start_worker(trunk)

    def _start_worker(self, trunk: Row) -> None:
        try:
            trunk_settings = self._settings_of(trunk)
        except ConfigError as error:
            self._stop_trunk(trunk, str(error))
            return
        worker = TrunkWorker(
            Database(self._config.database),
            self._board,
            trunk,
            trunk_settings,
            self._identity.owner,
            self._now,
        )
        self._workers[trunk["id"]] = worker
        worker.start()

    def _settings_of(self, trunk: Row) -> TrunkSettings:
        """A trunk's settings with its secrets in the clear. Raises ConfigError."""
        values = {**trunk["settings"], **self._vault.open(trunk["secrets"])}
        return TrunkSettings(
            trunk["id"], trunk["name"], trunk["kind"], values, self._config.scripts_dir
        )

    def _stop_trunk(self, trunk: Row, detail: str) -> None:
        log.error("trunk %s: %s", trunk["name"], detail)
        trunk_id, revision = trunk["id"], trunk["revision"]
        self._db.atomically(
            lambda tx: trunks.stop(tx, trunk_id, revision, "settings_wrong", detail)
        )

    def _end_workers(self) -> None:
        for worker in self._workers.values():
            worker.end()
        self._old_workers += self._workers.values()
        self._workers.clear()

    # --- the rest --------------------------------------------------------

    def _beat(self, tx: Transaction) -> None:
        me = self._identity
        services.register(tx, me.owner, me.host, me.pid, __version__)
        trunk_sessions.beat(tx, me.owner)
        for owner in me.dead_neighbours(trunk_sessions.owners(tx)):
            trunk_sessions.expire(tx, owner)
            services.leave(tx, owner)

    def _keep_house(self) -> None:
        housekeeping.close_finished(self._db)
        housekeeping.purge_removed(self._db)
        driven = {*self._workers, *(w.trunk["id"] for w in self._old_workers)}
        housekeeping.recover_dead(self._db, self._identity.owner, driven)
        candidates = self._board.picture.candidates
        able = {c.trunk_id for c in candidates if c.available}
        present = {trunk["id"] for trunk in self._trunks}
        removed = set(self._db.atomically(trunks.names)) - present
        campaign_ids = [work.campaign_id for work in self._board.picture.work]
        housekeeping.reroute(
            self._db, campaign_ids, candidates, present - able, removed
        )

    def _end(self) -> None:
        """Lets every worker drain, then says that this service is gone."""
        until_s = time.monotonic() + END_WAIT_S
        self._end_workers()
        for worker in self._old_workers:
            worker.join(max(0.0, until_s - time.monotonic()))
        try:
            self._db.atomically(lambda tx: services.leave(tx, self._identity.owner))
        except StoreError as error:
            log.warning("could not say goodbye: %s", error)
        self._db.close()
