"""The wire's side of one session, from its first submission to its last answer.

Belongs to the worker's thread. Never waits for the database: that is for the
settler and the claimer, each a thread of its own, with the tray between them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from ..domain.outcomes import TrunkDown
from ..store import trunk_sessions
from ..trunks.base import (
    ModemSession,
    Settled,
    Submission,
    TrunkSession,
    TrunkUnavailable,
)
from .claimer import Claimer
from .claiming import LeaseLost
from .ledger import Ledger
from .post import DATABASE_WAIT_S, Post
from .settler import Settler
from .tray import ToSend, Tray

log = logging.getLogger(__name__)

POLL_S = 2.5  # less than what counts as standing still
#: Older claims are not written: the lease may have been taken over meanwhile.
STALE_S = 5.0
CUT = -1.0  # a drain of less than no time: nothing more is written
SETTLE_S = 4.0  # for the last answers, when the service ends


class Drive:
    """Submits what was claimed and hears what comes of it."""

    def __init__(self, post: Post, session: TrunkSession) -> None:
        self._post = post
        self._session = session
        self._tray = Tray()
        self._ledger = Ledger(
            post.lease.trunk_id,
            post.throttle,
            post.slots_of,
            cautious=post.cautious,
        )
        self._settler = Settler(post, self._tray, self._ledger)
        self._claimer = Claimer(post, self._tray, self._ledger)
        self._stepped_at_s = time.monotonic()

    @property
    def has_sent(self) -> bool:
        """Whether the operator took at least one message."""
        return self._ledger.has_sent

    def start(self) -> None:
        """The session is open: begin to claim."""
        self._stepped_at_s = time.monotonic()
        self._settler.start()
        self._claimer.start()
        self._tray.look()

    def look(self) -> None:
        """There may be something to claim."""
        self._tray.look()

    def ask_balance(self, balance_id: int) -> None:
        """Has the modem ask for its balance; what comes of it is heard."""
        self._tray.put_balance(balance_id)

    def wake(self) -> None:
        """Ends a poll() of the session."""
        self._tray.wake_wire()

    def step(self) -> None:
        """One round: submit, hear.

        Raises TrunkUnavailable when the session is over, LeaseLost when another
        service has it.
        """
        self._check_after_sleep()
        to_send = self._tray.take_to_send()
        self._acknowledge(to_send)
        if to_send.failure is not None:
            self._give_back(to_send.submissions)
            raise to_send.failure
        if to_send.submissions:
            if time.monotonic() - to_send.claimed_at_s > STALE_S:
                self._give_back(to_send.submissions)
            else:
                self._session.submit(to_send.submissions)
        if isinstance(self._session, ModemSession):
            for balance_id in to_send.balances:
                self._session.ask_balance(balance_id)
        self._tray.tell_unwritten(self._session.unwritten)
        events = self._session.poll(POLL_S, self._tray.wake_read)
        if events:
            self._tray.hand_in(events)

    def finish(self, drain_s: float, ending: threading.Event) -> bool:
        """Closes the session and settles all; False when that was not possible.

        Waits for the database for as long as the service lives.
        """
        self._tray.stop_claiming()
        if self._settler.ident is None:  # never started: nothing was claimed
            self._session.close(drain_s)
            self._tray.discard()
            return True
        self._tray.hand_in(self._session.close(drain_s))
        until_s = time.monotonic() + SETTLE_S
        settled = _join(self._claimer, ending, until_s)
        self._give_back(self._tray.take_to_send().submissions)
        self._tray.close()
        settled = _join(self._settler, ending, until_s) and settled
        self._tray.discard()
        return settled

    def abandon(self) -> None:
        """After a fault of our own: cut the line; the threads end by themselves."""
        self._tray.stop_claiming()
        with suppress(TrunkUnavailable):
            self._tray.hand_in(self._session.close(CUT))
        self._tray.close()
        self._tray.discard()

    def _acknowledge(self, to_send: ToSend) -> None:
        left = len(to_send.acknowledgements)
        for came, stored in to_send.acknowledgements:
            left -= 1
            self._session.acknowledge(came, stored, more=left > 0)

    def _give_back(self, submissions: Sequence[Submission]) -> None:
        """Claimed, and certainly never written."""
        nothing_left = TrunkDown("service_stopped")
        self._tray.hand_in([Settled(s.message_id, nothing_left) for s in submissions])

    def _check_after_sleep(self) -> None:
        """When this process has slept, asks whether the session is still ours.

        What lies in the session's buffers may have been put in doubt by another
        service, and decided by a person: it must not go out then.
        """
        now_s = time.monotonic()
        slept_s, self._stepped_at_s = now_s - self._stepped_at_s, now_s
        if slept_s < STALE_S:
            return
        log.warning("this process stood still for %.0f s", slept_s)
        lease = self._post.lease
        if not self._post.db.atomically(lambda tx: trunk_sessions.is_held(tx, lease)):
            raise LeaseLost


def _join(thread: threading.Thread, ending: threading.Event, until_s: float) -> bool:
    """Whether a thread has ended; waits as long as the service lives."""
    while thread.is_alive():
        thread.join(DATABASE_WAIT_S)
        if ending.is_set() and time.monotonic() > until_s:
            break
    return not thread.is_alive()
