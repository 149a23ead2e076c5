"""A GSM modem as a trunk: one message after another, part by part.

Owns the order of things: what is sent next, what lies in the modem's storage, when
the modem is asked whether it still lives. What the wire says is judged in verdicts.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...domain.outcomes import Accepted, Decision, Outcome, Rejected, TrunkDown
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
from . import events, ports, verdicts
from .address import TpduError
from .events import Answered, Ask, Ended, Send, SessionEvent, Stored
from .incoming import read, receipt_id
from .link import Link
from .opening import Found, Opening, Wanted
from .port import RETRY_S
from .tpdu import Part, Submit, encode_submit, parts_of

LEAST_WAIT_S = 0.01  # between two questions to the pace
ALIVE_S = 30.0  # an idle modem is asked so often whether it is still there
ALIVE_ANSWER_S = 5.0
LIST_S = 30.0
_LISTED = re.compile(r"\+CMGL: *(\d+)")
_READ = re.compile(r"AT\+CMGR=(\d+)")
_DELETED = re.compile(r"AT\+CMGD=(\d+)")


@dataclass(slots=True)
class _Way:
    """A message while it is sent."""

    submission: Submission
    parts: tuple[Part, ...]
    taken: dict[int, str] = field(default_factory=dict)
    is_under_way: bool = False  # one of its parts

    def next_position(self) -> int | None:
        """The first part (from 1) that was not taken yet."""
        positions = range(1, len(self.parts) + 1)
        return next((n for n in positions if n not in self.taken), None)


class ModemTrunk:
    """One modem with its SIM card."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._link: Link | None = None
        self._waiting: deque[Submission] = deque()
        self._way: _Way | None = None
        self._ready: list[Event] = []
        self._over: TrunkUnavailable | None = None
        self._is_closing = False
        self._heard_at_s = 0.0
        self._came = 0  # references given out
        self._indexes: dict[int, int] = {}  # reference -> index in the storage
        self._deleting: set[int] = set()  # stored with us, still in the modem
        self.found: Found | None = None

    @property
    def window(self) -> int:
        """A modem sends one message at a time."""
        return 1

    @property
    def unwritten(self) -> int:
        """Parts that wait for their turn."""
        waiting = sum(len(one.split.parts) for one in self._waiting)
        if self._way is None:
            return waiting
        left = len(self._way.parts) - len(self._way.taken)
        return waiting + left - self._way.is_under_way

    def slots(self, segments: int) -> int:
        """A message is one, however long."""
        return 1

    def open(self, note: Note) -> None:
        """Opens the port, wakes the modem and its SIM card. Raises TrunkUnavailable."""
        values = self._settings.values
        note("connecting", values["port"])
        self._link = ports.open_link(values)
        try:
            wanted = Wanted(
                values["pin"],
                values["centre"],
                values["init"],
                values["storage"].upper(),
            )
            self.found = Opening(self._link.ask, wanted, note).run()
        except TrunkUnavailable:
            self._link.end()
            self._link = None
            raise
        self._link.do(Ask("AT+CMGL=4", LIST_S))
        self._heard_at_s = time.monotonic()

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Sends them one after another."""
        self._waiting.extend(submissions)
        self._go_on()

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """What happened; raises TrunkUnavailable when the modem is gone."""
        if self._over is not None and not self._ready:
            raise self._over
        until_s = time.monotonic() + timeout_s
        while True:
            is_woken = not self._ready and self._pump(until_s, wake_fd)
            self._go_on()
            is_late = time.monotonic() >= until_s
            if self._ready or is_woken or is_late or self._over:
                break
        ready, self._ready = self._ready, []
        return ready

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """What is stored with us is deleted in the modem; the rest stays there."""
        index = self._indexes.pop(came.reference, None)
        if stored and index is not None and self._is_open():
            assert self._link is not None
            self._deleting.add(index)
            self._link.do(Ask(f"AT+CMGD={index}"))

    def check(self, note: Note) -> bool:
        """The modem was asked everything when it was opened."""
        return self.found is not None

    def close(self, drain_s: float) -> list[Event]:
        """Waits for the message under way; what was not written is given back."""
        self._is_closing = True
        self._give_back("service_stopped")
        until_s = time.monotonic() + drain_s
        while self._way and self._is_open() and time.monotonic() < until_s:
            self._pump(until_s, -1)
            if drain_s > 0:
                self._go_on()
        if self._link is not None:
            for event in self._link.end():
                self._take(event)
            self._link = None
        if self._way is not None:
            self._settle(verdicts.down("service_stopped", self._way.taken))
        ready, self._ready = self._ready, []
        return ready

    def _is_open(self) -> bool:
        return self._link is not None and not self._link.is_over

    def _pump(self, until_s: float, wake_fd: int) -> bool:
        """Hears the modem, or waits for the pace; True when woken."""
        if self._link is None:
            return True
        now_s = time.monotonic()
        wait_s = until_s - now_s
        if self._is_open() and self._link.is_idle:
            wait_s = min(wait_s, self._heard_at_s + ALIVE_S - now_s)
            if self._way or self._waiting:
                wait_s = min(wait_s, max(LEAST_WAIT_S, self._pace.wait_s(now_s)))
        happened, is_woken = self._link.pump(max(0.0, wait_s), wake_fd)
        if happened:
            self._heard_at_s = time.monotonic()
        for event in happened:
            self._take(event)
        if self._link.is_over and self._over is None:
            gone = self._link.is_gone
            code = "modem_unplugged" if gone else "modem_stopped_answering"
            self._over = TrunkUnavailable(code, wait_s=RETRY_S)
            self._give_back(code)
        elif self._link.is_idle and time.monotonic() - self._heard_at_s >= ALIVE_S:
            self._link.do(Ask("AT", ALIVE_ANSWER_S))
        return is_woken

    def _take(self, event: SessionEvent) -> None:
        if isinstance(event, Ended):
            self._end_part(event)
        elif isinstance(event, events.Came):
            self._hand_in(event.pdu, None)
        elif isinstance(event, Stored):
            if self._is_open() and self._link is not None:
                self._link.do(Ask(f"AT+CMGR={event.index}"))
        elif isinstance(event, Answered):
            if found := _DELETED.match(event.ask.line):
                self._deleting.discard(int(found[1]))
            elif event.final.is_ok:
                self._take_answer(event)

    def _take_answer(self, answered: Answered) -> None:
        """Messages that lay in the storage."""
        index = None
        if found := _READ.match(answered.ask.line):
            index = int(found[1])
        for line in answered.lines:
            if found := _LISTED.match(line):
                index = int(found[1])
            elif index is not None and not line.startswith("+"):
                self._hand_in(line, index)
                index = None

    def _hand_in(self, pdu: str, index: int | None) -> None:
        if index in self._deleting or index in self._indexes.values():
            return  # told already: it was listed and announced
        self._came += 1
        if index is not None:
            self._indexes[self._came] = index
        self._ready.append(read(pdu, self._came))

    def _go_on(self) -> None:
        """Sends the next part, when nothing is under way and the pace allows it."""
        while self._is_open():
            if self._way is None:
                if not self._waiting or self._is_closing:
                    return
                submission = self._waiting.popleft()
                parts = parts_of(submission.split, submission.message_id)
                self._way = _Way(submission, parts, dict(submission.taken))
            way = self._way
            if way.is_under_way:
                return
            position = way.next_position()
            if position is None:
                ids = tuple(way.taken[n] for n in sorted(way.taken))
                self._settle(Accepted(ids))
            elif not self._send(way, position):
                return

    def _send(self, way: _Way, position: int) -> bool:
        """Writes one part; False when the pace does not allow it yet."""
        submission = way.submission
        try:
            submit = Submit(
                submission.destination,
                submission.is_international,
                way.parts[position - 1],
                wants_report=self._settings.is_on("reports"),
                validity_s=submission.validity_s,
            )
            pdu = encode_submit(submit, self._settings.values["centre"])
        except TpduError as error:
            fail = Rejected("modem_number", str(error), Decision.FAIL, way.taken)
            self._settle(fail)
            return True
        if not self._pace.take(1, time.monotonic()):
            return False
        assert self._link is not None
        way.is_under_way = True
        self._link.do(Send(position, pdu, self._settings.number("timeout_s")))
        return True

    def _end_part(self, ended: Ended) -> None:
        way = self._way
        assert way is not None
        way.is_under_way = False
        if ended.reference is not None:
            number = way.submission.destination
            way.taken[ended.key] = receipt_id(ended.reference, number)
            return
        found = verdicts.outcome(ended, way.taken, self._is_closing)
        assert found is not None
        self._settle(found)
        needs_room = verdicts.needs_room(ended)
        if needs_room and self._is_open() and self._link is not None:
            self._link.do(Ask("AT+CMGL=4", LIST_S))

    def _settle(self, outcome: Outcome) -> None:
        assert self._way is not None
        self._ready.append(Settled(self._way.submission.message_id, outcome))
        self._way = None

    def _give_back(self, code: str) -> None:
        """Settles what was not begun."""
        for submission in self._waiting:
            self._ready.append(Settled(submission.message_id, TrunkDown(code)))
        self._waiting.clear()
        if self._way is not None and not self._way.is_under_way and self._over:
            self._settle(verdicts.down(code, self._way.taken))
