"""Between the threads of a session: what was heard, and what is to be sent.

The wire never waits for the database, and settling does not wait for claiming. Each
thread takes what is meant for it as a whole; nothing in the tray belongs to two.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from ..trunks.base import Came, Event, Submission

Acknowledgement = tuple[Came, bool]  # stored?


class ThreadFailed(Exception):
    """The settler or the claimer ended by a fault of ours; its name."""


class ToSend:
    """What the wire takes at once; `claimed_at_s` is of its oldest claim."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.claimed_at_s = time.monotonic()
        self.acknowledgements: list[Acknowledgement] = []
        self.balances: list[int] = []  # to be asked for
        self.failure: BaseException | None = None


class Tray:
    """What goes between the wire, the settler and the claimer of one session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard_changed = threading.Condition(self._lock)
        self._claim_changed = threading.Condition(self._lock)
        self._heard: list[Event] = []
        self._to_send = ToSend()
        self._looks = False  # there may be something to claim
        self._may_claim = True
        self._is_closing = False
        self._unwritten = 0
        self._pipe_lock = threading.Lock()
        self.wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    # --- the wire's side -------------------------------------------------

    def hand_in(self, events: Sequence[Event]) -> None:
        """What was heard."""
        with self._lock:
            self._heard += events
            self._heard_changed.notify()

    def take_to_send(self) -> ToSend:
        """Everything that was put here for the wire, in order."""
        with suppress(BlockingIOError):
            os.read(self.wake_read, 4096)
        with self._lock:
            taken, self._to_send = self._to_send, ToSend()
        return taken

    def tell_unwritten(self, segments: int) -> None:
        """Segments that the session has taken and not written yet."""
        self._unwritten = segments

    def stop_claiming(self) -> None:
        """Nothing is to be claimed any more: the claimer ends."""
        with self._lock:
            self._may_claim = False
            self._claim_changed.notify()

    def close(self) -> None:
        """Nothing more will be heard: the settler ends once all is settled."""
        with self._lock:
            self._is_closing = True
            self._heard_changed.notify()

    def discard(self) -> None:
        """The session is over."""
        with self._pipe_lock:
            os.close(self.wake_read)
            os.close(self._wake_write)
            self._wake_write = -1

    def wake_wire(self) -> None:
        """Ends the wire's poll()."""
        # Never written once discarded: the number may be another one's socket.
        with self._pipe_lock, suppress(BlockingIOError):  # full: awake already
            if self._wake_write >= 0:
                os.write(self._wake_write, b"!")

    # --- the settler's side ----------------------------------------------

    @property
    def is_closing(self) -> bool:
        """Whether nothing more will be heard."""
        return self._is_closing and not self._heard

    def take_heard(self, timeout_s: float | None, *, is_settled: bool) -> list[Event]:
        """Waits for something that was heard, and takes it."""
        with self._lock:
            # What could not be written back is not tried again at once.
            self._heard_changed.wait_for(
                lambda: self._heard or (self._is_closing and is_settled), timeout_s
            )
            taken, self._heard = self._heard, []
        return taken

    def put_acknowledgements(self, done: Sequence[Acknowledgement]) -> None:
        """What came and is stored, or could not be."""
        with self._lock:
            self._to_send.acknowledgements += done
        self.wake_wire()

    # --- the claimer's side ----------------------------------------------

    @property
    def may_claim(self) -> bool:
        """Whether the session wants more."""
        return self._may_claim

    @property
    def unwritten(self) -> int:
        """What is claimed and has not reached the wire, about."""
        return self._unwritten + len(self._to_send.submissions)

    def look(self) -> None:
        """There may be something to claim, or room for more."""
        with self._lock:
            self._looks = True
            self._claim_changed.notify()

    def wait_to_claim(self, timeout_s: float | None) -> None:
        """Until there may be something to claim, or nothing is to be any more."""
        with self._lock:
            self._claim_changed.wait_for(
                lambda: self._looks or not (self._may_claim or timeout_s), timeout_s
            )
            self._looks = False

    def put_submissions(
        self, submissions: Sequence[Submission], claimed_at_s: float
    ) -> None:
        """Claimed and committed: to be written."""
        with self._lock:
            if not self._to_send.submissions:
                self._to_send.claimed_at_s = claimed_at_s
            self._to_send.submissions += submissions
        self.wake_wire()

    # --- the dispatcher's side ---------------------------------------------

    def put_balance(self, balance_id: int) -> None:
        """A modem is to ask for its balance."""
        with self._lock:
            self._to_send.balances.append(balance_id)
        self.wake_wire()

    # --- anybody's -------------------------------------------------------

    def fail(self, failure: BaseException) -> None:
        """The worker is to raise this; nothing more is claimed."""
        with self._lock:
            self._to_send.failure = failure
            self._may_claim = False
            self._claim_changed.notify()
        self.wake_wire()
