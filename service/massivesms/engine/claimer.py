"""Claiming for one session: as much as the window and the pace have room for.

A thread of its own. A slot is free when its row is settled, so what a crash leaves
in doubt is never more than the window. What a COMMIT without an answer may have
made ours is given back as soon as it can be read again, and never written.
"""

from __future__ import annotations

import logging
import threading
import time

from ..domain.outcomes import TrunkDown
from ..errors import StoreError
from ..store import claims
from ..store.counts import Changes
from ..store.db import Transaction
from ..store.failures import CommitUnknown
from ..trunks.base import Settled
from .claiming import Claim, Claiming, LeaseLost, Room
from .ledger import Ledger
from .post import DATABASE_WAIT_S, Post
from .tray import ThreadFailed, Tray

log = logging.getLogger(__name__)

PACE_WAIT_S = 0.05  # how often a limited pace is asked again


class Claimer(threading.Thread):
    """Claims for one session until its tray says that nothing is to be claimed."""

    def __init__(self, post: Post, tray: Tray, ledger: Ledger) -> None:
        name = f"{threading.current_thread().name} claimer"
        super().__init__(name=name, daemon=True)
        self._db = post.db
        self._board = post.board
        self._lease = post.lease
        self._throttle = post.throttle
        self._window = post.window
        self._cautious = post.cautious
        self._tray = tray
        self._ledger = ledger
        self._claiming = Claiming(post)
        self._limbo: Claim | None = None  # claimed perhaps, written never
        self._is_away = False

    def run(self) -> None:
        """Works until nothing is to be claimed any more."""
        has_ended = False
        try:
            timeout_s: float | None = None
            while self._tray.may_claim or self._limbo is not None:
                self._tray.wait_to_claim(timeout_s)
                timeout_s = self._round()
            has_ended = True
        except LeaseLost as lost:
            has_ended = True
            self._tray.fail(lost)
        finally:
            if not has_ended:
                self._tray.fail(ThreadFailed(self.name))
            self._db.close()

    def _round(self) -> float | None:
        """One claim; how long to wait for the next one, None = until told."""
        try:
            self._resolve_limbo()
            room = self._room()
            if room is None:
                return None
            if room.segments <= 0:
                return PACE_WAIT_S
            began_s = time.monotonic()
            claim = self._claim(room)
        except StoreError as error:
            level = logging.DEBUG if self._is_away else logging.WARNING
            log.log(level, "nothing is claimed for now: %s", error)
            self._is_away = True
            return DATABASE_WAIT_S
        self._is_away = False
        if claim.messages:
            self._ledger.hold(claim)
            self._tray.put_submissions(self._claiming.submissions(claim), began_s)
        return PACE_WAIT_S if self._claiming.was_cut_short else None

    def _claim(self, room: Room) -> Claim:
        made = Claim()

        def work(tx: Transaction) -> Claim:
            nonlocal made
            changes = Changes()
            one = Room(room.slots, room.segments)
            made = self._claiming.claim(tx, one, self._board.picture, changes)
            changes.write(tx)
            return made

        try:
            return self._db.atomically(work)
        except CommitUnknown:
            self._limbo = made if made.messages else None
            raise

    def _resolve_limbo(self) -> None:
        """Gives back what a COMMIT without an answer may have made ours."""
        claim, token = self._limbo, self._lease.token
        if claim is None:
            return
        ids = [c.message_id for c in claim.messages]
        ours = self._db.atomically(lambda tx: claims.still_held(tx, ids, token))
        claim.messages = [c for c in claim.messages if c.message_id in ours]
        self._ledger.hold(claim)
        nothing_left = TrunkDown("database_away")
        self._tray.hand_in(
            [Settled(c.message_id, nothing_left) for c in claim.messages]
        )
        self._limbo = None

    def _room(self) -> Room | None:
        """What may be claimed now; None when nothing can be before we are told."""
        if not self._tray.may_claim or not self._board.picture.work:
            return None
        # After a session without answers, one message shows whether they come.
        is_first = self._cautious and not self._ledger.was_answered
        slots = (1 if is_first else self._window) - self._ledger.used_slots
        if slots <= 0:
            return None
        if self._claiming.is_full:
            return Room(slots, 0)
        pace = self._throttle.claimable(time.monotonic()) - self._tray.unwritten
        return Room(slots, pace)
