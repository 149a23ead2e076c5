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
from decimal import Decimal

from .. import __version__
from ..config import Config
from ..domain import caps
from ..domain import settings as product_settings
from ..domain.calendars import Calendar
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.routing import Candidate
from ..domain.trunk_kinds import complete
from ..errors import ConfigError, StoreError
from ..event_log import writing as event_log
from ..store import (
    awaited,
    campaigns,
    holidays,
    migrations,
    services,
    settings,
    trunk_sessions,
    trunk_usage,
    trunks,
)
from ..store.db import Database, Row, Transaction
from ..trunks.base import TrunkSettings
from ..vault import NumberHash, PinHash, Vault
from . import housekeeping, incoming
from .board import Board, Picture, Work
from .campaign_events import CampaignEvents
from .identity import Identity
from .mail_tests import MailTests
from .modems import Modems
from .pin_book import StoredPins
from .side_threads import SideThreads
from .throttle import Throttle
from .trunk_tests import TrunkTests
from .trunk_worker import TrunkWorker

log = logging.getLogger(__name__)

LOOK_S = 0.2  # how soon a message put in the queue is noticed
TRUNKS_S = 1.0
SETTINGS_S = 1.0
TOLD_S = 1.0  # how soon an opt-out that a provider told by a call holds
BEAT_S = 3.0
HOUSEKEEPING_S = 3.0
PURGE_S = 60.0
AWAY_WAIT_S = 1.0
END_WAIT_S = 8.5  # the service has stopped within ten seconds of SIGTERM


class Dispatcher:
    """Runs the engine until told to stop."""

    def __init__(
        self, config: Config, now: Callable[[], datetime], identity: Identity
    ) -> None:
        self._config = config
        self._now = now
        self._identity = identity
        self._db = self._database()
        self._vault = Vault(config.secret_key())
        self._board = Board(Picture(product_settings.read({})))
        self._workers: dict[tuple[int, int], TrunkWorker] = {}  # by trunk and slot
        self._throttles: dict[tuple[int, int], Throttle] = {}  # by trunk and revision
        self._settings = product_settings.read({})
        self._calendar = Calendar()
        self._old_workers: list[TrunkWorker] = []
        self._trunks: list[Row] = []
        self._full: set[int] = set()  # trunks with a cap that is used up
        self._tests = TrunkTests(self._db, self._settings_of, self._opened_with)
        self._mail_tests = MailTests(self._db, self._vault)
        self._modems = Modems(self._db)
        self._pins = StoredPins(self._db, PinHash(config.secret_key))
        self._side = SideThreads(config, self._board, identity.owner, now)
        self._campaigns = CampaignEvents()
        self._due: dict[str, float] = {}
        self._has_unsent = False  # more is to be ended that is never sent

    def run(self, stopping: threading.Event, reloading: threading.Event) -> None:
        """Works until told to stop, or to make room for a new configuration.

        Raises WrongSchema, before anything is done, on tables of another version.
        """
        is_away, is_checked = False, False
        while not (stopping.is_set() or reloading.is_set()):
            try:
                if not is_checked:
                    migrations.check(self._db)
                    is_checked = True
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
        if self._is_due("settings", SETTINGS_S):
            self._settings = product_settings.read(self._db.atomically(settings.load))
            self._calendar = self._db.atomically(holidays.calendar)
            event_log.follow(self._settings.time_zone, self._settings.log_events)
        if self._is_due("trunks", TRUNKS_S):
            self._trunks = self._db.atomically(trunks.all_trunks)
            self._full = self._find_full()
            self._match_workers()
            self._tests.carry_out(self._trunks)
            self._mail_tests.carry_out(self._settings)
            now = self._now()
            self._modems.carry_out(self._trunks, self._workers, self._settings, now)
        self._board.picture = self._look()
        if self._has_unsent or self._is_due("unsent", HOUSEKEEPING_S):
            now, keep = self._now(), self._settings
            self._has_unsent = housekeeping.end_unsent(self._db, now, keep)
        if self._is_due("told", TOLD_S):
            incoming.take_told(self._db, self._settings, self._now())
        if self._is_due("housekeeping", HOUSEKEEPING_S):
            self._keep_house()
        if self._is_due("purge", PURGE_S):
            housekeeping.purge_expired(self._db)
            housekeeping.purge_answered(self._db, self._settings)
            today = self._now().astimezone(self._settings.time_zone).date()
            housekeeping.purge_log(self._config.log_dir, today, self._settings)
            housekeeping.roll_up_traffic(self._db)
            self._modems.keep_house(self._settings)
        self._side.match(self._settings)
        if self._board.picture.work:
            for worker in self._workers.values():
                worker.look()

    def _is_due(self, name: str, every_s: float) -> bool:
        now_s = time.monotonic()
        if now_s < self._due.get(name, 0.0):
            return False
        self._due[name] = now_s + every_s
        return True

    def _database(self) -> Database:
        hash_of = NumberHash(self._config.secret_key)
        return Database(self._config.database, for_service=True, hash_of=hash_of)

    # --- the picture -----------------------------------------------------

    def _look(self) -> Picture:
        """Reads what is to be done now, from small tables only."""
        now = self._now()
        rows = [
            row
            for row in self._db.atomically(campaigns.open_work)
            if self._may_send(row, now) or self._may_answer(row)
        ]
        self._campaigns.sending(rows)
        work = [
            Work(row["id"], row["priority"], row["trunk_id"], int(row["queued"]))
            for row in rows
        ]
        return Picture(self._settings, work, self._candidates(), self._calendar)

    def _may_send(self, campaign: Row, now: datetime) -> bool:
        general = self._settings.sending_hours
        zone = self._settings.time_zone
        return self._calendar.schedule(campaign, zone, general).allows(now)

    def _may_answer(self, campaign: Row) -> bool:
        """Whether there may be answers in it, which leave at any hour."""
        is_queue = campaign["id"] == OUTPUT_QUEUE_ID
        return is_queue and self._settings.answers.at_any_hour

    def _candidates(self) -> list[Candidate]:
        able = {key[0] for key, worker in self._workers.items() if worker.can_send}
        return [
            Candidate(
                trunk["id"],
                trunk["priority"],
                trunk["id"] in able and trunk["id"] not in self._full,
                trunk["prefixes"],
                trunk["cost_per_segment"] or Decimal(0),
            )
            for trunk in self._trunks
            if trunk["active"]
        ]

    def _find_full(self) -> set[int]:
        """Trunks that may send nothing more in one of their capped periods."""
        capped = {trunk["id"]: caps.caps_of(trunk) for trunk in self._trunks}
        capped = {trunk_id: c for trunk_id, c in capped.items() if c.set_periods}
        if not capped:
            return set()
        now, zone = self._now(), self._settings.time_zone
        used = self._db.atomically(lambda tx: trunk_usage.used_by_all(tx, now, zone))
        return {t for t, c in capped.items() if caps.left(c, used.get(t, {})) == 0}

    # --- workers ---------------------------------------------------------

    def _match_workers(self) -> None:
        """Starts, ends and replaces workers so that they match the trunks."""
        wanted = {
            trunk["id"]: trunk
            for trunk in self._trunks
            if trunk["active"] and not trunk["stopped_code"]
        }
        for key, worker in list(self._workers.items()):
            trunk = wanted.get(key[0])
            changed = trunk and trunk["revision"] != worker.trunk["revision"]
            has_ended = not worker.is_alive() and not worker.is_stopped
            if trunk is None or changed or has_ended:
                worker.end()
                self._old_workers.append(self._workers.pop(key))
        self._old_workers = [w for w in self._old_workers if w.is_alive()]
        ending = {worker.trunk["id"] for worker in self._old_workers}
        for trunk_id, trunk in wanted.items():
            if trunk_id not in ending:
                self._start_workers(trunk)

    def _start_workers(self, trunk: Row) -> None:
        """Starts those of a trunk's workers that are missing, one for each bind."""
        binds = int(trunk["settings"].get("binds", "1"))
        missing = [n for n in range(binds) if (trunk["id"], n) not in self._workers]
        if not missing:
            return
        try:
            trunk_settings = self._settings_of(trunk)
        except ConfigError as error:
            self._stop_trunk(trunk, str(error))
            return
        for slot in missing:
            worker = TrunkWorker(
                self._database(),
                self._board,
                trunk,
                slot,
                trunk_settings,
                self._throttle(trunk),
                self._identity.owner,
                self._now,
            )
            self._workers[trunk["id"], slot] = worker
            worker.start()

    def _throttle(self, trunk: Row) -> Throttle:
        """The pace of a trunk, shared by its binds, as long as it is not changed."""
        key = trunk["id"], trunk["revision"]
        if key not in self._throttles:
            self._throttles = {
                k: v for k, v in self._throttles.items() if k[0] != trunk["id"]
            }
            rate = trunk["rate_per_s"]
            self._throttles[key] = Throttle(rate, time.monotonic())
        return self._throttles[key]

    def _settings_of(self, trunk: Row) -> TrunkSettings:
        """A trunk's settings with its secrets in the clear. Raises ConfigError."""
        stored = {**trunk["settings"], **self._vault.open(trunk["secrets"])}
        values = complete(trunk["kind"], stored)
        return TrunkSettings(
            trunk["id"],
            trunk["name"],
            trunk["kind"],
            values,
            self._config.scripts_dir,
            lambda: self._settings.webhook_hosts,
            pins=self._pins,
            awaiting=lambda: awaited.read(self._db, trunk["id"]),
        )

    def _opened_with(self, trunk_id: int) -> list[tuple[str, str]]:
        """The steps by which a session that is open now was opened; [] without one."""
        workers = [w for key, w in self._workers.items() if key[0] == trunk_id]
        return next((list(w.opened_with) for w in workers if w.is_ready), [])

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
        housekeeping.grow_permanent(self._db)
        self._campaigns.finished(housekeeping.close_finished(self._db))
        housekeeping.purge_removed(self._db)
        housekeeping.purge_old(self._db, self._settings.keep_days)
        housekeeping.apply_doubt_rules(self._db)
        housekeeping.match_receipts(self._db, self._trunks)
        housekeeping.skip_late_answers(self._db, self._settings)
        housekeeping.give_up_incoming(self._db, self._settings, self._now())
        workers = [*self._workers.values(), *self._old_workers]
        driven = {(worker.trunk["id"], worker.slot) for worker in workers}
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
        self._side.end()
        for worker in self._old_workers:
            worker.join(max(0.0, until_s - time.monotonic()))
        self._side.join()
        try:
            self._db.atomically(lambda tx: services.leave(tx, self._identity.owner))
        except StoreError as error:
            log.warning("could not say goodbye: %s", error)
        self._db.close()
