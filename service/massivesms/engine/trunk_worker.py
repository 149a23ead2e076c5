"""One thread that drives one trunk session, and opens it again when it ends.

Owns the lease, the back-off and what the pages see of the trunk. What goes over
the wire is drive's, what goes into the database the settler's and the claimer's.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime

from ..domain import results
from ..errors import StoreError
from ..store import modem_states, recovery, trunk_sessions, trunks
from ..store.db import Database, Row, Transaction
from ..store.trunk_sessions import Lease
from ..trunks import registry
from ..trunks.base import (
    ModemSession,
    TrunkSession,
    TrunkSettings,
    TrunkUnavailable,
)
from .backoff import Backoff
from .board import Board
from .claiming import LeaseLost
from .drive import CUT, Drive
from .post import Post
from .throttle import Throttle

log = logging.getLogger(__name__)

DATABASE_WAIT_S = 0.5
LEASE_WAIT_S = 2.0
# Why a session ends that another server, where the modem is, may be able to open.
NOT_HERE = frozenset(
    {
        *("port_missing", "port_rights", "port_busy", "port_failed", "port_no_modem"),
        *("modem_other", "modem_unplugged", "modem_stopped_answering"),
    }
)
DRAIN_S = 5.0  # of the ten seconds in which the service must have stopped


class TrunkWorker(threading.Thread):
    """Drives one bind (slot) of a trunk until told to end, or a person must help."""

    def __init__(
        self,
        db: Database,
        board: Board,
        trunk: Row,
        slot: int,
        settings: TrunkSettings,
        throttle: Throttle,
        owner: str,
        now: Callable[[], datetime],
    ) -> None:
        number = f" {slot + 1}" if slot else ""
        super().__init__(name=f"trunk {trunk['name']}{number}", daemon=True)
        self.trunk = trunk
        self.slot = slot
        self.is_ready = False
        self.may_come_up = True  # its first try to connect has not failed
        self.is_stopped = False  # by itself: a person must help
        self._db = db
        self._board = board
        self._settings = settings
        self._throttle = throttle
        self._owner = owner
        self._now = now
        self._ending = threading.Event()
        self._drive: Drive | None = None
        self._backoff = Backoff(random.Random())
        self._was_unanswered = False  # the last session: it was over for that
        self.opened_with: list[tuple[str, str]] = []  # the steps of the last opening

    @property
    def can_send(self) -> bool:
        """Whether fresh messages should be left to it."""
        return self.is_alive() and (self.is_ready or self.may_come_up)

    def look(self) -> None:
        """There may be something to claim."""
        drive = self._drive
        if drive is not None:
            drive.look()

    def ask_balance(self, balance_id: int) -> bool:
        """Has its modem ask for the balance; False when it is not there."""
        drive = self._drive
        if drive is None or not self.is_ready:
            return False
        drive.ask_balance(balance_id)
        return True

    def end(self) -> None:
        """Drain, settle, give the lease back, end. Returns at once."""
        self._ending.set()
        drive = self._drive
        if drive is not None:
            drive.wake()

    def run(self) -> None:
        """Opens the session again and again until told to end."""
        try:
            while not self._ending.is_set() and not self.is_stopped:
                try:
                    self._once()
                except StoreError as error:
                    log.warning("%s waits: %s", self.name, error)
                    self._ending.wait(DATABASE_WAIT_S)
                except Exception:  # noqa: BLE001 - the worker's outermost loop
                    log.exception("%s failed", self.name)
                    self._ending.wait(self._backoff.next_s())
        finally:
            self.is_ready = self.may_come_up = False
            self._db.close()

    def _once(self) -> None:
        """One session: lease, open, drive, close, give back."""
        lease = self._db.atomically(self._acquire)
        if lease is None:
            self.may_come_up = False
            self._ending.wait(LEASE_WAIT_S)
            return
        try:
            session = registry.session_for(self._settings, self._throttle)
        except TrunkUnavailable as error:
            self._over(lease, error)
            return
        post = Post(
            self._db,
            self._board,
            self.trunk,
            lease,
            self._throttle,
            self._now,
            session.window,
            session.slots,
            self._was_unanswered,
        )
        self._drive = drive = Drive(post, session)
        has_finished = False
        try:
            ended = self._open_and_serve(lease, session, drive)
            if drive.has_sent:
                self._backoff.reset()
            if ended is not None:
                self._was_unanswered = ended.code == "no_answers"
            self.is_ready = self.may_come_up = False
            is_ours = ended is None or ended.code != "lease_lost"
            settled = drive.finish(DRAIN_S if is_ours else CUT, self._ending)
            has_finished = True
        finally:
            self._drive = None
            if not has_finished:
                drive.abandon()
        if not settled:
            return  # the lease expires, and recovery puts the rest in doubt
        if ended is None:
            self._leave(lease, "idle", "service_stopped", "")
        else:
            self._over(lease, ended)

    def _open_and_serve(
        self, lease: Lease, session: TrunkSession, drive: Drive
    ) -> TrunkUnavailable | None:
        """Why the session is over; None when we end it ourselves."""
        self.opened_with = []
        try:
            try:
                session.open(lambda code, detail: self._show(lease, code, detail))
            finally:
                self._note_modem(session)
            self._db.atomically(lambda tx: trunk_sessions.show(tx, lease, "ready"))
            log.info("%s is ready", self.name)
            self.is_ready = True
            self._db.close()  # this thread needs it no more until the end
            drive.start()
            while not self._ending.is_set():
                drive.step()
        except TrunkUnavailable as error:
            return error
        except LeaseLost:
            return TrunkUnavailable("lease_lost")
        except StoreError as error:
            return TrunkUnavailable("database_away", str(error))
        return None

    def _note_modem(self, session: TrunkSession) -> None:
        """Keeps what a modem said of itself, before anything is claimed for its SIM."""
        seen = session.seen if isinstance(session, ModemSession) else None
        if seen is not None:
            self._db.atomically(
                lambda tx: modem_states.write(tx, self.trunk["id"], seen)
            )

    def _acquire(self, tx: Transaction) -> Lease | None:
        """The lease; what its dead owner held becomes in doubt with it."""
        lease = trunk_sessions.acquire(tx, self.trunk["id"], self.slot, self._owner)
        if lease is not None and lease.old_token:
            recovery.recover(tx, lease.trunk_id, lease.old_token, "service_died")
        return lease

    def _over(self, lease: Lease, ended: TrunkUnavailable) -> None:
        """The session ended by itself: tell people, and wait or give up."""
        code, detail = ended.code, ended.detail
        log.warning("%s: %s", self.name, results.text(code, detail))

        def note(tx: Transaction) -> None:
            trunk_sessions.note_error(tx, lease, code, detail)
            if ended.needs_person:
                revision = self.trunk["revision"]
                trunks.stop(tx, self.trunk["id"], revision, code, detail)
            elif self._may_be_elsewhere(code):
                trunk_sessions.release(tx, lease, "waiting", code, detail)
            else:
                trunk_sessions.show(tx, lease, "waiting", code, detail)

        self._db.atomically(note)
        if ended.needs_person:
            self.is_stopped = True
            self._leave(lease, "stopped", code, detail)
        elif self._ending.wait(self._pause_s(ended)):
            self._leave(lease, "idle", "service_stopped", "")

    def _may_be_elsewhere(self, code: str) -> bool:
        """Whether what this server has not may be at another one, which may try."""
        return self.trunk["kind"] in registry.HELD_BY_ONE and code in NOT_HERE

    def _leave(self, lease: Lease, state: str, code: str | None, detail: str) -> None:
        """Gives the lease back, when everything is settled."""
        self._db.atomically(
            lambda tx: trunk_sessions.release(tx, lease, state, code, detail)
        )

    def _pause_s(self, ended: TrunkUnavailable) -> float:
        """How long to wait before the next try."""
        return max(ended.wait_s, self._backoff.next_s())

    def _show(self, lease: Lease, code: str, detail: str) -> None:
        self.opened_with.append((code, detail))
        self._db.atomically(
            lambda tx: trunk_sessions.show(tx, lease, "connecting", code, detail)
        )
