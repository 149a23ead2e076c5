"""One open session of a trunk, from its first claim to its last settlement.

Belongs to one worker thread. Holds what is claimed and not settled. Nothing of it
is lost while the database is away, and nothing new is claimed then.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ..domain.outcomes import Accepted, Decision, Deferred, InDoubt, Rejected, TrunkDown
from ..domain.smpp_status import QUEUE_FULL, THROTTLED, result_code
from ..errors import StoreError
from ..store import claims, receipts
from ..store.claims import NotAsClaimed, Settlement
from ..store.db import CommitUnknown, Database, Row, Transaction
from ..store.trunk_sessions import Lease
from ..trunks.base import Event, ReceiptCame, Settled, TrunkSession, TrunkUnavailable
from .board import Board
from .claiming import Claimer, ClaimUnknown, Limits, Sending
from .throttle import Throttle
from .verdicts import Route, decide

log = logging.getLogger(__name__)

IDLE_WAIT_S = 1.0
DATABASE_WAIT_S = 0.5
REFUSALS_IN_A_ROW = 10  # over different numbers: the trunk is at fault
DOUBTS_KEPT = 10_000  # settled as in doubt, whose late answer is still welcome
TRIES_AT_END = 8
OWN_REFUSALS = {"text_not_encodable"}  # the text's fault, and never on the wire
TOO_FAST = {result_code(THROTTLED), result_code(QUEUE_FULL)}


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker has besides the session: its database, its trunk, its board."""

    db: Database
    board: Board
    trunk: Row
    lease: Lease
    now: Callable[[], datetime]


class Drive:
    """Claims, submits and settles over one session."""

    def __init__(self, post: Post, session: TrunkSession, throttle: Throttle) -> None:
        self._db = post.db
        self._board = post.board
        self._trunk_id: int = post.trunk["id"]
        self._lease = post.lease
        self._session = session
        self._throttle = throttle
        self._claimer = Claimer(post.db, post.lease, post.trunk, post.now)
        self._held: dict[int, Sending] = {}
        self._doubtful: OrderedDict[int, Sending] = OrderedDict()
        self._outcomes: dict[int, Settlement] = {}  # the last word on each message
        self._look_first = False  # the last settlement's COMMIT was not answered
        self._limbo: list[Sending] = []  # claimed perhaps, written never
        self._refused: set[str] = set()
        self.has_sent = False  # the operator took at least one message
        self._turn = 0
        self._has_more = False  # something may be left to claim

    def step(self, wake_fd: int) -> None:
        """One round: hear, settle, claim, submit.

        Raises TrunkUnavailable when the session is over, LeaseLost when another
        service has it.
        """
        self._take(self._session.poll(self._wait_s(), wake_fd))
        if self.settle():
            self._fill()

    def finish(self, drain_s: float) -> bool:
        """Closes the session and settles all; False when some could not be."""
        self._take(self._session.close(drain_s))
        for _ in range(TRIES_AT_END):
            if self.settle():
                return True
            time.sleep(DATABASE_WAIT_S)
        return False

    # --- hearing ---------------------------------------------------------

    def _take(self, events: Iterable[Event]) -> None:
        """Books events; stops the trunk only after all of them are booked."""
        stop: TrunkUnavailable | None = None
        for event in events:
            if isinstance(event, Settled):
                stop = self._take_outcome(event) or stop
            elif isinstance(event, ReceiptCame):
                self._take_receipt(event)
            else:
                stop = TrunkUnavailable(event.code, event.detail, needs_person=True)
        if stop is not None:
            raise stop

    def _take_outcome(self, event: Settled) -> TrunkUnavailable | None:
        sending = self._held.get(event.message_id)
        if sending is None:
            sending = self._doubtful.pop(event.message_id, None)
            if sending is None:
                return None
            self._held[event.message_id] = sending  # until it is settled again
        outcome = event.outcome
        route = Route(self._trunk_id, sending.fixed, self._board.picture.candidates)
        self._outcomes[event.message_id] = decide(sending.claimed, outcome, route)
        if isinstance(outcome, InDoubt):
            self._doubtful[event.message_id] = sending
            if len(self._doubtful) > DOUBTS_KEPT:
                self._doubtful.popitem(last=False)
        if isinstance(outcome, TrunkDown | Deferred):
            self._throttle.bucket.take(-sending.claimed.segments)
        if isinstance(outcome, Deferred) and outcome.code in TOO_FAST:
            self._throttle.complain(outcome.seconds, time.monotonic())
        if isinstance(outcome, Accepted):
            self.has_sent = True
            self._throttle.accepted(sending.claimed.segments, time.monotonic())
        return self._streak(outcome, sending)

    def _streak(self, outcome: object, sending: Sending) -> TrunkUnavailable | None:
        """Many refusals in a row over different numbers are the trunk's fault."""
        if isinstance(outcome, Accepted):
            self._refused.clear()
        if not isinstance(outcome, Rejected):
            return None
        if outcome.decision is Decision.STOP_TRUNK:
            return TrunkUnavailable(outcome.code, outcome.reason, needs_person=True)
        if outcome.decision is Decision.NEXT_TRUNK and outcome.code not in OWN_REFUSALS:
            self._refused.add(sending.claimed.number)
        if len(self._refused) < REFUSALS_IN_A_ROW:
            return None
        return TrunkUnavailable("refused_in_a_row", outcome.reason, needs_person=True)

    def _take_receipt(self, came: ReceiptCame) -> None:
        receipt = receipts.Receipt(came.smsc_message_id, came.state, came.error)
        try:
            met = self._db.atomically(
                lambda tx: receipts.record(tx, self._trunk_id, receipt)
            )
        except StoreError as error:
            log.warning("receipt left at the operator: %s", error)
            self._session.acknowledge(came, stored=False)
            return
        if not met:
            log.info("receipt kept, its message is not known yet")
        self._session.acknowledge(came, stored=True)

    # --- settling --------------------------------------------------------

    def settle(self) -> bool:
        """Writes back all outcomes; False while the database is away."""
        try:
            self._resolve_limbo()
            if self._outcomes:
                self._write_outcomes()
        except CommitUnknown as error:
            self._look_first = True
            log.warning("settlement will be looked at again: %s", error)
            return False
        except StoreError as error:
            log.warning("outcomes wait for the database: %s", error)
            return False
        return True

    def _write_outcomes(self) -> None:
        outcomes = list(self._outcomes.values())
        try:
            self._db.atomically(lambda tx: self._settle(tx, outcomes, self._look_first))
        except NotAsClaimed:
            self._db.atomically(lambda tx: self._settle(tx, outcomes, checked=True))
        self._look_first = False
        self._outcomes = {}
        for settlement in outcomes:
            self._held.pop(settlement.message_id, None)

    def _settle(
        self, tx: Transaction, outcomes: list[Settlement], checked: bool
    ) -> None:
        claims.settle(tx, outcomes, self._trunk_id, self._lease.token, checked=checked)
        ids = [i for settlement in outcomes for i in settlement.ids]
        receipts.match_waiting(tx, self._trunk_id, ids)

    def _resolve_limbo(self) -> None:
        """Gives back what a claim without an answer may have made ours."""
        if not self._limbo:
            return
        ids = [sending.claimed.message_id for sending in self._limbo]
        token = self._lease.token
        ours = self._db.atomically(lambda tx: claims.still_held(tx, ids, token))
        route = Route(self._trunk_id, fixed=False, candidates=())
        for sending in self._limbo:
            if sending.claimed.message_id in ours:
                nothing_left = TrunkDown("database_away")
                settlement = decide(sending.claimed, nothing_left, route)
                self._outcomes[settlement.message_id] = settlement
        self._limbo = []

    # --- claiming --------------------------------------------------------

    def _fill(self) -> None:
        """Claims and submits while slots and tokens are free, fairly."""
        self._has_more = False
        picture = self._board.picture
        for tier in picture.tiers():
            self._turn += 1
            for n in range(len(tier)):
                limits = self._limits(len(tier) - n)
                if limits is None:
                    self._has_more = True
                    return
                work = tier[(self._turn + n) % len(tier)]
                fresh = picture.takes_fresh(self._trunk_id, work)
                try:
                    ready = self._claimer.claim(work, fresh, limits, picture.settings)
                except ClaimUnknown as unknown:
                    self._limbo += unknown.wanted
                    return
                except StoreError as error:
                    log.warning("nothing is claimed for now: %s", error)
                    return
                self._submit(ready)

    def _limits(self, sharers: int) -> Limits | None:
        """What the next claim may take when `sharers` campaigns share the rest."""
        slots_of = self._session.slots
        free = self._free_slots()
        tokens = self._throttle.available(time.monotonic())
        if free <= 0 or tokens <= 0:
            return None
        share = -(-free // sharers)
        return Limits(share, min(tokens, max(1, -(-tokens // sharers))), slots_of)

    def _free_slots(self) -> int:
        slots_of = self._session.slots
        used = sum(slots_of(s.claimed.segments) for s in self._held.values())
        return self._session.window - used

    def _submit(self, ready: list[Sending]) -> None:
        if not ready:
            return
        for sending in ready:
            self._held[sending.claimed.message_id] = sending
            self._throttle.bucket.take(sending.claimed.segments)
        self._has_more = True
        self._session.submit([sending.submission for sending in ready])

    def _wait_s(self) -> float:
        """How long the next poll may wait."""
        if self._outcomes or self._limbo:
            return DATABASE_WAIT_S
        if not self._has_more or self._free_slots() <= 0:
            return IDLE_WAIT_S  # an answer, or the dispatcher, ends it
        return min(IDLE_WAIT_S, self._throttle.wait_s(time.monotonic()))
