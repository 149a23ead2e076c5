"""One thread that drives one trunk session, and opens it again when it ends.

Owns the lease, the back-off and what the pages see of the trunk. The order of
claiming, submitting and settling is in drive.py.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from ..domain import results
from ..errors import StoreError
from ..store import recovery, trunk_sessions, trunks
from ..store.db import Database, Row, Transaction
from ..store.trunk_sessions import Lease
from ..trunks import registry
from ..trunks.base import TrunkSettings, TrunkUnavailable, Unpaced
from .backoff import Backoff
from .board import Board
from .claiming import LeaseLost
from .drive import Drive, Post
from .throttle import Throttle

log = logging.getLogger(__name__)

DATABASE_WAIT_S = 0.5
LEASE_WAIT_S = 2.0
DRAIN_S = 6.0  # of the ten seconds in which the service must have stopped


class TrunkWorker(threading.Thread):
    """Drives slot 0 of a trunk until told to end, or until a person must help."""

    def __init__(
        self,
        db: Database,
        board: Board,
        trunk: Row,
        settings: TrunkSettings,
        owner: str,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(name=f"trunk {trunk['name']}", daemon=True)
        self.trunk = trunk
        self.is_ready = False
        self.may_come_up = True  # its first try to connect has not failed
        self.is_stopped = False  # by itself: a person must help
        self._db = db
        self._board = board
        self._settings = settings
        self._owner = owner
        self._now = now
        self._ending = threading.Event()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wake_lock = threading.Lock()
        self._backoff = Backoff(random.Random())
        self._throttle = Throttle(trunk["rate_per_s"], time.monotonic())

    @property
    def can_send(self) -> bool:
        """Whether fresh messages should be left to it."""
        return self.is_alive() and (self.is_ready or self.may_come_up)

    def wake(self) -> None:
        """There may be something to claim.

        Never written once the worker has ended: the number of its pipe may then
        be that of another trunk's connection.
        """
        with self._wake_lock, suppress(BlockingIOError):  # full: awake already
            if self._wake_write >= 0:
                os.write(self._wake_write, b"!")

    def end(self) -> None:
        """Drain, settle, give the lease back, end. Returns at once."""
        self._ending.set()
        self.wake()

    def run(self) -> None:
        """Opens the session again and again until told to end."""
        try:
            while not self._ending.is_set() and not self.is_stopped:
                try:
                    self._once()
                except StoreError as error:
                    log.warning("trunk %s waits: %s", self.trunk["name"], error)
                    self._ending.wait(DATABASE_WAIT_S)
                except Exception:  # noqa: BLE001 - the worker's outermost loop
                    log.exception("trunk %s failed", self.trunk["name"])
                    self._ending.wait(self._backoff.next_s())
        finally:
            self.is_ready = self.may_come_up = False
            self._db.close()
            self._close_pipe()

    def _close_pipe(self) -> None:
        with self._wake_lock:
            os.close(self._wake_read)
            os.close(self._wake_write)
            self._wake_read = self._wake_write = -1

    def _once(self) -> None:
        """One session: lease, open, drive, close, give back."""
        lease = self._db.atomically(self._acquire)
        if lease is None:
            self.may_come_up = False
            self._ending.wait(LEASE_WAIT_S)
            return
        try:
            session = registry.session_for(self._settings, Unpaced())
        except TrunkUnavailable as error:
            self._over(lease, error)
            return
        post = Post(self._db, self._board, self.trunk, lease, self._now)
        drive = Drive(post, session, self._throttle)
        ended: TrunkUnavailable | None = None
        try:
            session.open(lambda code, detail: self._show(lease, code, detail))
            self._serve(lease, drive)
        except TrunkUnavailable as error:
            ended = error
        except LeaseLost:
            ended = TrunkUnavailable("lease_lost")
        except StoreError:
            session.close(0.0)  # what it held is put in doubt with the next lease
            raise
        if drive.has_sent:
            self._backoff.reset()
        self.is_ready = self.may_come_up = False
        settled = self._finish(drive)
        if not settled:
            return  # the lease expires, and recovery puts the rest in doubt
        if ended is None:
            self._leave(lease, "idle", "service_stopped", "")
        else:
            self._over(lease, ended)

    def _acquire(self, tx: Transaction) -> Lease | None:
        """The lease; what its dead owner held becomes in doubt with it."""
        lease = trunk_sessions.acquire(tx, self.trunk["id"], 0, self._owner)
        if lease is not None and lease.old_token:
            recovery.recover(tx, lease.trunk_id, lease.old_token, "service_died")
        return lease

    def _serve(self, lease: Lease, drive: Drive) -> None:
        self._db.atomically(lambda tx: trunk_sessions.show(tx, lease, "ready"))
        log.info("trunk %s is ready", self.trunk["name"])
        self.is_ready = True
        while not self._ending.is_set():
            drive.step(self._wake_read)
            with suppress(BlockingIOError):
                os.read(self._wake_read, 4096)

    def _finish(self, drive: Drive) -> bool:
        """Settles what the session held; waits for the database unless ending.

        A session that we end ourselves is drained: what it has on the wire would
        be in doubt otherwise. One that is over does not wait.
        """
        try:
            settled = drive.finish(DRAIN_S)
        except TrunkUnavailable:  # the last answers asked to stop the trunk
            settled = drive.settle()
        while not settled and not self._ending.wait(DATABASE_WAIT_S):
            settled = drive.settle()
        return settled

    def _over(self, lease: Lease, ended: TrunkUnavailable) -> None:
        """The session ended by itself: tell people, and wait or give up."""
        code, detail = ended.code, ended.detail
        log.warning("trunk %s: %s", self.trunk["name"], results.text(code, detail))

        def note(tx: Transaction) -> None:
            trunk_sessions.note_error(tx, lease, code, detail)
            if ended.needs_person:
                revision = self.trunk["revision"]
                trunks.stop(tx, self.trunk["id"], revision, code, detail)
            else:
                trunk_sessions.show(tx, lease, "waiting", code, detail)

        self._db.atomically(note)
        if ended.needs_person:
            self.is_stopped = True
            self._leave(lease, "stopped", code, detail)
        elif self._ending.wait(self._pause_s(ended)):
            self._leave(lease, "idle", "service_stopped", "")

    def _leave(self, lease: Lease, state: str, code: str | None, detail: str) -> None:
        """Gives the lease back, when everything is settled."""
        self._db.atomically(
            lambda tx: trunk_sessions.release(tx, lease, state, code, detail)
        )

    def _pause_s(self, ended: TrunkUnavailable) -> float:
        """How long to wait before the next try."""
        return max(ended.wait_s, self._backoff.next_s())

    def _show(self, lease: Lease, code: str, detail: str) -> None:
        self._db.atomically(
            lambda tx: trunk_sessions.show(tx, lease, "connecting", code, detail)
        )
