"""The talk with a modem (3GPP 27.005, 27.007): one command after another.

Owns which command is under way and to whom each line belongs. Pure: octets, commands
and moments in, octets and events out; no port, no clock. A modem that does not answer
ends the session: a late answer must never be taken for that of the next command.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum, auto

from ...domain.modem_errors import number_named
from . import unasked
from .events import (
    ANSWER_S,
    CME,
    CMS,
    ERROR,
    GONE,
    OK,
    SILENT,
    Answered,
    Ask,
    Came,
    Ended,
    Final,
    Notice,
    Over,
    Send,
    SessionEvent,
)
from .lines import PROMPT, Lines

CTRL_Z, ESCAPE = b"\x1a", b"\x1b"
ABORT_S = 5.0  # for the end of a message that was broken off
MOST_LINES = 1000  # of one answer
MOST_OPEN_LINES = 20
_NAME = re.compile(r"AT([+^$%*#][A-Z0-9]+)", re.IGNORECASE)
_ERROR = re.compile(r"\+(CM[SE]) ERROR: *(.*)")
_REFERENCE = re.compile(r"\+CMGS: *(\d{1,3})")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_BARE = frozenset({"ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS", "ABORTED"})


class _Phase(Enum):
    IDLE = auto()
    ASKED = auto()  # a command was written
    PROMPTED = auto()  # AT+CMGS was written, its prompt did not come yet
    WRITTEN = auto()  # the text and Ctrl-Z were written: it may be sent
    BREAKING = auto()  # ESC was written, in place of a text


class Session:
    """One modem, from the opening of its port until it is closed."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._jobs: deque[Ask | Send] = deque()
        self._phase = _Phase.IDLE
        self._due_s: float | None = None
        self._answer: list[str] = []
        self._reference: int | None = None
        self._pdu_follows = False
        self._open_lines: list[str] = []
        self._out = bytearray()
        self._events: list[SessionEvent] = []
        self.is_over = False

    @property
    def due_s(self) -> float | None:
        """The moment at which check() has something to do."""
        return self._due_s

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way or waits."""
        return not self._jobs

    def take_out(self) -> bytes:
        """What is to be written to the port now."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def do(self, job: Ask | Send, now_s: float) -> None:
        """Does it when all before it has ended. Nothing once the session is over."""
        if self.is_over:
            raise RuntimeError("the session is over")
        self._jobs.append(job)
        if self._phase is _Phase.IDLE:
            self._begin(now_s)

    def receive(self, data: bytes, now_s: float) -> list[SessionEvent]:
        """What the modem wrote."""
        self._lines.feed(data)
        while not self.is_over:
            line = self._lines.take(self._phase in (_Phase.PROMPTED, _Phase.BREAKING))
            if line is None:
                break
            if line:
                self._take(line, now_s)
        return self._take_events()

    def check(self, now_s: float) -> list[SessionEvent]:
        """Breaks off what has taken too long."""
        if self._due_s is None or now_s < self._due_s:
            return []
        if self._phase is _Phase.PROMPTED:
            self._out += ESCAPE
            self._end_send(Final(SILENT), is_written=False)
            self._phase, self._due_s = _Phase.BREAKING, now_s + ABORT_S
        else:
            self._stop(Final(SILENT))
            self._events.append(Over())
        return self._take_events()

    def end(self) -> list[SessionEvent]:
        """The port is gone, or is to be closed: everything ends now."""
        self._stop(Final(GONE))
        return self._take_events()

    def _take_events(self) -> list[SessionEvent]:
        events, self._events = self._events, []
        return events

    def _begin(self, now_s: float) -> None:
        self._answer = []
        self._reference = None
        self._phase, self._due_s = _Phase.IDLE, None
        if not self._jobs:
            return
        job = self._jobs[0]
        if isinstance(job, Ask):
            self._out += job.line.encode("latin-1", "replace") + b"\r"
            self._phase, self._due_s = _Phase.ASKED, now_s + job.timeout_s
        else:
            self._out += f"AT+CMGS={job.pdu.octets}\r".encode()
            self._phase, self._due_s = _Phase.PROMPTED, now_s + ANSWER_S

    def _take(self, line: str, now_s: float) -> None:
        """Gives a line to whom it belongs."""
        if line == PROMPT:
            self._prompt(now_s)
        elif self._is_echo(line):
            return
        elif self._open_lines:
            self._go_on(line)
        elif self._pdu_follows and _HEX.fullmatch(line):
            self._pdu_follows = False
            self._events.append(Came(line))
        elif final := _final(line):
            self._finish(final, now_s)
        elif self._is_unasked(line):
            self._hear(line)
        elif self._phase is _Phase.ASKED and len(self._answer) < MOST_LINES:
            self._answer.append(line)
        elif self._phase is _Phase.WRITTEN and (found := _REFERENCE.match(line)):
            self._reference = int(found[1])
        else:
            self._events.append(Notice(line))

    def _prompt(self, now_s: float) -> None:
        job = self._jobs[0] if self._jobs else None
        if self._phase is _Phase.BREAKING:
            self._out += ESCAPE  # it came late, and the first one may be lost
        elif isinstance(job, Send) and self._phase is _Phase.PROMPTED:
            self._out += job.pdu.text.encode() + CTRL_Z
            self._phase, self._due_s = _Phase.WRITTEN, now_s + job.timeout_s

    def _is_echo(self, line: str) -> bool:
        job = self._jobs[0] if self._jobs else None
        if isinstance(job, Ask):
            return line == job.line
        if job is None:
            return False
        bare = line.lstrip("> ").rstrip("\x1a\x1b ")
        return bare in (job.pdu.text, f"AT+CMGS={job.pdu.octets}")

    def _is_unasked(self, line: str) -> bool:
        if line.startswith(unasked.ALWAYS) or line.upper() in unasked.WORDS:
            return True
        own = self._own_prefix()
        return line[0] in unasked.MARKS and not (own and line.startswith(own))

    def _own_prefix(self) -> str:
        """What the lines of the answer to the command under way begin with."""
        job = self._jobs[0] if self._jobs else None
        if isinstance(job, Send):
            return "+CMGS:"
        found = _NAME.match(job.line) if job else None
        return f"{found[1].upper()}:" if found else ""

    def _hear(self, line: str) -> None:
        if line.startswith(unasked.WITH_PDU):
            self._pdu_follows = True
        elif unasked.is_open(line):
            self._open_lines = [line]
        else:
            self._events.append(unasked.read(line))

    def _go_on(self, line: str) -> None:
        """The next line of a text in quotes."""
        self._open_lines.append(line)
        if '"' in line or len(self._open_lines) >= MOST_OPEN_LINES:
            self._events.append(unasked.read("\n".join(self._open_lines)))
            self._open_lines = []

    def _finish(self, final: Final, now_s: float) -> None:
        """The command under way has ended; begins the next."""
        job = self._jobs[0] if self._jobs else None
        if self._phase is _Phase.BREAKING:
            self._begin(now_s)
        elif isinstance(job, Ask):
            self._jobs.popleft()
            self._events.append(Answered(job, tuple(self._answer), final))
            self._begin(now_s)
        elif isinstance(job, Send):
            self._end_send(final, self._phase is _Phase.WRITTEN)
            self._begin(now_s)

    def _end_send(self, final: Final, is_written: bool) -> None:
        job = self._jobs.popleft()
        assert isinstance(job, Send)
        self._events.append(Ended(job.key, self._reference, final, is_written))

    def _stop(self, final: Final) -> None:
        """Ends everything; only what is in its phase may have left."""
        is_written = self._phase is _Phase.WRITTEN
        self.is_over = True
        self._phase, self._due_s = _Phase.IDLE, None
        while self._jobs:
            job = self._jobs[0]
            if isinstance(job, Send):
                self._end_send(final, is_written)
            else:
                self._jobs.popleft()
                self._events.append(Answered(job, tuple(self._answer), final))
            is_written, self._answer, self._reference = False, [], None


def _final(line: str) -> Final | None:
    """How a command ended, when the line says that."""
    if line == "OK":
        return Final(OK)
    if line in _BARE:
        return Final(ERROR, words=line)
    found = _ERROR.match(line)
    if not found:
        return None
    kind = CMS if found[1] == "CMS" else CME
    words = found[2].strip()
    if words.isascii() and words.isdecimal() and len(words) < 6:
        return Final(kind, int(words))
    number = number_named(kind, words)
    return Final(ERROR, words=words) if number is None else Final(kind, number, words)
