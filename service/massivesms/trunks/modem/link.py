"""A port with its session: moves octets between the two, at the right moments.

Decides nothing. When the port goes away the session ends, and `is_gone` says so.
"""

from __future__ import annotations

import math
import select
import time

from ..polling import poll_precisely
from .events import ANSWER_S, SILENT, Answered, Ask, Final, Send, SessionEvent
from .port import Port, PortGone
from .session import ESCAPE, Session

QUIET_S = 0.3  # without an octet: the modem has said all it had to say
MOST_DRAIN_S = 3.0


class Link:
    """One open port and the talk over it."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._session = Session()
        self._kept: list[SessionEvent] = []  # came while ask() waited
        self.is_gone = False

    @property
    def is_over(self) -> bool:
        """Whether the modem does not answer, or is gone."""
        return self.is_gone or self._session.is_over

    @property
    def is_idle(self) -> bool:
        """Whether no command is under way or waits."""
        return self._session.is_idle

    def begin_anew(self) -> None:
        """Breaks off whatever an earlier session left, and forgets what is said."""
        self._session.end()
        self._session = Session()
        self._write(ESCAPE)
        until_s = time.monotonic() + MOST_DRAIN_S
        while not self.is_gone and time.monotonic() < until_s:
            if not select.select([self._port], [], [], QUIET_S)[0]:
                return
            try:
                self._port.read()
            except PortGone:
                self.is_gone = True

    def do(self, job: Ask | Send) -> None:
        """Does it when all before it has ended."""
        self._session.do(job, time.monotonic())
        self._flush()

    def ask(self, line: str, timeout_s: float = ANSWER_S, *, secret: bool = False) -> (
        Answered
    ):  # fmt: skip
        """Does a command and waits for its end; what else comes is kept."""
        job = Ask(line, timeout_s, secret)
        if self.is_over:
            return Answered(job, (), Final(SILENT))
        self.do(job)
        while True:
            for event in self._hear(timeout_s, -1)[0]:
                if isinstance(event, Answered) and event.ask is job:
                    return event
                self._kept.append(event)

    def pump(self, timeout_s: float, wake_fd: int) -> tuple[list[SessionEvent], bool]:
        """What happened within timeout_s, and whether wake_fd became readable."""
        if self._kept:
            kept, self._kept = self._kept, []
            return kept, False
        return self._hear(timeout_s, wake_fd)

    def end(self) -> list[SessionEvent]:
        """Closes the port: what is under way ends now."""
        events = self._kept + self._session.end()
        self._kept = []
        self._port.close()
        return events

    def _hear(self, timeout_s: float, wake_fd: int) -> tuple[list[SessionEvent], bool]:
        poller = select.poll()
        if not self.is_gone:
            poller.register(self._port, select.POLLIN)
        if wake_fd >= 0:
            poller.register(wake_fd, select.POLLIN)
        due_s = self._session.due_s
        left_s = math.inf if due_s is None else due_s - time.monotonic()
        found = {fd for fd, _ in poll_precisely(poller, min(timeout_s, left_s))}
        is_woken = wake_fd in found
        events: list[SessionEvent] = []
        if found - {wake_fd}:
            events += self._read()
        events += self._session.check(time.monotonic())
        self._flush()
        if self.is_gone and not self._session.is_over:
            events += self._session.end()
        return events, is_woken

    def _read(self) -> list[SessionEvent]:
        try:
            data = self._port.read()
        except PortGone:
            self.is_gone = True
            return self._session.end()
        return self._session.receive(data, time.monotonic())

    def _flush(self) -> None:
        out = self._session.take_out()
        if out:
            self._write(out)

    def _write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except PortGone:
            self.is_gone = True
