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
from ...domain.http_questions import read_questions
from ...domain.http_reasons import result_code
from ...domain.http_told import read_places
from ...domain.outcomes import Accepted, InDoubt, Outcome, Rejected, TrunkDown
from ...domain.words import Problem
from ..base import (
    Came,
    Event,
    Note,
    Pace,
    Settled,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
    UnreadableCame,
)
from ..polling import poll_precisely, stood_still
from .answer import Answer, judge
from .asking import Asker
from .bell import Bell
from .line import Line
from .request import Request, access_of, render, values_of

LEAST_WAIT_S = 0.0005  # between two questions to the pace
OUTSIDE = result_code("window")  # the person has not written lately
RETRY_S = 10.0  # a provider that is away
DOUBTS_IN_A_ROW = 5  # at least a window of them: it takes messages and answers none
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
        self._awaiting = settings.awaiting
        self._access = access_of(values)
        self._line = Line(settings.own_hosts, settings.number("timeout_s"))
        self._window = settings.number("concurrency")
        self._pace = pace
        self._waiting: deque[Submission] = deque()
        self._granted = 0  # segments of the first that the pace allowed so far
        self._asked: dict[int, str] = {}  # whose request is on its way -> number
        self._answers: SimpleQueue[Settled] = SimpleQueue()
        self._bell = Bell()
        self._asker = self._make_asker(settings)
        self._has_remembered = False  # those taken by earlier sessions
        self._turn = 0  # of the ports
        self._ready: list[Event] = []
        self._doubts = 0  # since the last answer that says what became of a message
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
        self._remember()
        until_s = time.monotonic() + timeout_s
        while True:
            is_woken = not self._ready and self._wait(until_s, wake_fd)
            self._take_answers()
            if stood_still(until_s):
                break
            self._start_due()
            if self._asker is not None:
                self._asker.start_due()
                self._ready += self._asker.take()
            if self._ready or is_woken or time.monotonic() >= until_s:
                break
        ready, self._ready = self._ready, []
        return ready

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """What was asked for is stored, or is to be told again."""
        if self._asker is not None:
            self._asker.acknowledge(came, stored)

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
        if self._asker is not None:
            self._ready += self._asker.close(until_s)
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
        requests = [
            render(provider, values, self._access)
            for provider in self._ways(submission)
        ]
        self._asked[submission.message_id] = submission.destination
        threading.Thread(
            target=self._ask,
            args=(submission.message_id, requests),
            name=f"request {submission.message_id}",
            daemon=True,
        ).start()

    def _ways(self, submission: Submission) -> list[Provider]:
        """What is asked, and what then if the service window turns out to be closed."""
        outside = self._provider.outside
        if outside is None:
            return [self._provider]
        return [self._provider, outside] if submission.in_window else [outside]

    def _next_port(self) -> str:
        ports = self._provider.ports
        if not ports:
            return ""
        self._turn += 1
        return ports[(self._turn - 1) % len(ports)]

    def _ask(self, message_id: int, requests: Sequence[Request]) -> None:
        """In a thread of its own: the outcome, and a ring of the bell.

        The second request only after the provider has refused the first for its
        service window: what may have been taken is never asked twice.
        """
        outcome: Outcome = InDoubt("http_no_answer")
        try:
            for request in requests:
                outcome = InDoubt("http_no_answer")
                outcome = self._ask_once(message_id, request)
                if not isinstance(outcome, Rejected) or outcome.code != OUTSIDE:
                    break
        finally:
            self._answers.put(Settled(message_id, outcome))
            self._bell.ring()

    def _ask_once(self, message_id: int, request: Request) -> Outcome:
        found = self._line.ask(request, self._access)
        if not isinstance(found, Answer):
            return found
        outcome = judge(self._provider, found, self._access)
        if self._provider.has_own_ids and isinstance(outcome, Accepted):
            return Accepted((str(message_id),))
        return outcome

    def _make_asker(self, settings: TrunkSettings) -> Asker | None:
        """What asks for receipts and messages, when the settings want that."""
        if settings.values["receipts"] != "ask":
            return None
        questions = read_questions(settings.values)
        places = read_places(settings.values)
        if isinstance(questions, dict) or isinstance(places, dict):
            problems = {**_problems(questions), **_problems(places)}
            raise ValueError("; ".join(one.text for one in problems.values()))
        ring = self._bell.ring
        return Asker(self._provider, questions, places, self._access, self._line, ring)

    def _remember(self) -> None:
        """Asks for receipts of what earlier sessions sent, from the first poll on."""
        if self._asker is not None and not self._has_remembered:
            self._has_remembered = True
            for their_id, number, age_s in self._awaiting():
                self._asker.expect(their_id, number, age_s)

    def _take_answers(self) -> None:
        while True:
            try:
                settled = self._answers.get_nowait()
            except Empty:
                return
            if settled.message_id not in self._asked:
                continue  # told as in doubt already
            number = self._asked.pop(settled.message_id)
            self._ready.append(settled)
            self._look_into(settled, number)
            self._count(settled.outcome)
            if isinstance(settled.outcome, TrunkDown):
                self._over = self._over or _unavailable(settled.outcome)

    def _count(self, outcome: Outcome) -> None:
        """Ends the session when messages leave us and nobody says what became of them.

        Each of them is in doubt and sent no more: the others shall not be lost too.
        """
        if not isinstance(outcome, InDoubt):
            self._doubts = 0
            return
        self._doubts += 1
        if self._doubts >= max(DOUBTS_IN_A_ROW, self._window) and self._over is None:
            self._over = TrunkUnavailable("no_answers", outcome.reason, wait_s=RETRY_S)

    def _look_into(self, settled: Settled, number: str) -> None:
        """Asks for the receipt of what was taken; keeps what nobody understood."""
        outcome = settled.outcome
        if isinstance(outcome, InDoubt) and outcome.code == "http_unreadable":
            self._ready.append(UnreadableCame("pdu", outcome.reason.encode()))
        if self._asker is None:
            return
        if isinstance(outcome, Accepted):
            for their_id in outcome.ids:
                self._asker.expect(their_id, number)
        elif isinstance(outcome, InDoubt) and self._provider.has_own_ids:
            self._asker.expect(str(settled.message_id), number)

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
        if self._asker is not None and wake_fd >= 0:
            wait_s = min(wait_s, max(LEAST_WAIT_S, self._asker.wait_s()))
        found = {fd for fd, _ in poll_precisely(poller, wait_s)}
        self._bell.hush()
        return wake_fd in found


def _problems(found: object) -> dict[str, Problem]:
    return found if isinstance(found, dict) else {}


def _unavailable(down: TrunkDown) -> TrunkUnavailable:
    needs_person = down.code in _OF_A_PERSON
    return TrunkUnavailable(
        down.code, down.reason, needs_person=needs_person, wait_s=RETRY_S
    )
