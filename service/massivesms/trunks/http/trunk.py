"""The HTTP trunk: one request to a provider for each message, several at once.

Each request has a thread of its own, which knows nothing but its request; everything
else is done by the session's one thread. A message of several segments is one request.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from ...domain.http_provider import Provider, read_provider
from ...domain.outcomes import InDoubt, Outcome, TrunkDown
from ..base import (
    Came,
    Event,
    Note,
    Pace,
    Settled,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
)
from ..polling import poll_precisely
from .answer import Answer, judge
from .bell import Bell
from .line import Line
from .request import Access, Request, render, values_of

LEAST_WAIT_S = 0.0005  # between two questions to the pace
RETRY_S = 10.0  # a provider that is away
#: Trying again by itself would not help: a person must change something.
_OF_A_PERSON = ("tls_certificate",)


class HttpTrunk:
    """A provider that is asked over HTTP."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        values = settings.values
        provider = read_provider(values)
        if not isinstance(provider, Provider):
            raise ValueError("; ".join(problem.text for problem in provider.values()))
        self._provider = provider
        self._access = Access(
            values["user"], values["secret"], values["auth"], values["receipts_url"]
        )
        self._line = Line(settings.own_hosts, settings.number("timeout_s"))
        self._window = settings.number("concurrency")
        self._pace = pace
        self._waiting: deque[Submission] = deque()
        self._granted = 0  # segments of the first that the pace allowed so far
        self._asked: set[int] = set()  # messages whose request is on its way
        self._answers: SimpleQueue[Settled] = SimpleQueue()
        self._bell = Bell()
        self._turn = 0  # of the ports
        self._ready: list[Event] = []
        self._over: TrunkUnavailable | None = None

    @property
    def window(self) -> int:
        """Requests that may be on their way at once (a message each)."""
        return self._window

    @property
    def unwritten(self) -> int:
        """Segments of messages whose request has not begun."""
        return sum(len(one.split.parts) for one in self._waiting)

    def slots(self, segments: int) -> int:
        """A message is one request, however long."""
        return 1

    def open(self, note: Note) -> None:
        """Connects and asks nothing. Raises TrunkUnavailable."""
        host = urlsplit(self._provider.url).hostname or ""
        note("connecting", host)
        down = self._line.reach(self._provider.url)
        if down is not None:
            raise _unavailable(down)
        self._bell.hang()
        note("http_ready", host)

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Starts a request for each submission, as the window and the pace allow."""
        self._waiting.extend(submissions)
        self._start_due()

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """Outcomes of answered requests; raises TrunkUnavailable when it is over."""
        if self._over is not None and not self._asked and not self._ready:
            raise self._over
        until_s = time.monotonic() + timeout_s
        while True:
            is_woken = not self._ready and self._wait(until_s, wake_fd)
            self._take_answers()
            self._start_due()
            if self._ready or is_woken or time.monotonic() >= until_s:
                break
        ready, self._ready = self._ready, []
        return ready

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """Nothing comes this way yet."""

    def check(self, note: Note) -> bool:
        """Opening has shown that it can be reached; nothing more is free of charge."""
        return True

    def close(self, drain_s: float) -> list[Event]:
        """Waits for answers; what has none by then is in doubt."""
        self._give_back("service_stopped", "")
        until_s = time.monotonic() + drain_s
        while self._asked and time.monotonic() < until_s:
            self._wait(until_s, -1)
            self._take_answers()
        for message_id in sorted(self._asked):
            self._ready.append(Settled(message_id, InDoubt("service_died")))
        self._asked.clear()
        self._bell.close()
        ready, self._ready = self._ready, []
        return ready

    def _start_due(self) -> None:
        """Starts what waits, while there is room and the pace grants segments."""
        if self._over is not None:
            self._give_back(self._over.code, self._over.detail)
        now_s = time.monotonic()
        while self._waiting and len(self._asked) < self._window:
            submission = self._waiting[0]
            segments = len(submission.split.parts)
            self._granted += self._pace.take(segments - self._granted, now_s)
            if self._granted < segments:
                return
            self._granted = 0
            self._waiting.popleft()
            self._start(submission)

    def _start(self, submission: Submission) -> None:
        values = values_of(submission, self._access, self._next_port())
        request = render(self._provider, values, self._access)
        self._asked.add(submission.message_id)
        threading.Thread(
            target=self._ask,
            args=(submission.message_id, request),
            name=f"request {submission.message_id}",
            daemon=True,
        ).start()

    def _next_port(self) -> str:
        ports = self._provider.ports
        if not ports:
            return ""
        self._turn += 1
        return ports[(self._turn - 1) % len(ports)]

    def _ask(self, message_id: int, request: Request) -> None:
        """In a thread of its own: the outcome, and a ring of the bell."""
        outcome: Outcome = InDoubt("http_no_answer")
        try:
            found = self._line.ask(request, self._access)
            if isinstance(found, Answer):
                outcome = judge(self._provider, found, self._access)
            else:
                outcome = found
        finally:
            self._answers.put(Settled(message_id, outcome))
            self._bell.ring()

    def _take_answers(self) -> None:
        while True:
            try:
                settled = self._answers.get_nowait()
            except Empty:
                return
            if settled.message_id not in self._asked:
                continue  # told as in doubt already
            self._asked.discard(settled.message_id)
            self._ready.append(settled)
            if isinstance(settled.outcome, TrunkDown):
                self._over = self._over or _unavailable(settled.outcome)

    def _give_back(self, code: str, detail: str) -> None:
        """Settles what was not asked."""
        for submission in self._waiting:
            down = TrunkDown(code, detail)
            self._ready.append(Settled(submission.message_id, down))
        self._waiting.clear()
        self._granted = 0

    def _wait(self, until_s: float, wake_fd: int) -> bool:
        """Waits for an answer, the pace or wake_fd; True when it was wake_fd."""
        poller = select.poll()
        self._bell.register(poller)
        if wake_fd >= 0:
            poller.register(wake_fd, select.POLLIN)
        now_s = time.monotonic()
        wait_s = until_s - now_s
        if self._waiting and len(self._asked) < self._window:
            wait_s = min(wait_s, max(LEAST_WAIT_S, self._pace.wait_s(now_s)))
        found = {fd for fd, _ in poll_precisely(poller, wait_s)}
        self._bell.hush()
        return wake_fd in found


def _unavailable(down: TrunkDown) -> TrunkUnavailable:
    needs_person = down.code in _OF_A_PERSON
    return TrunkUnavailable(
        down.code, down.reason, needs_person=needs_person, wait_s=RETRY_S
    )
