"""A GSM modem as a trunk: one message after another, part by part.

Owns the order of things: what is sent next, and when the modem is asked something
else. What the wire says is judged in verdicts, what lies in its storage by shelf.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from ...domain.modem_errors import Treatment
from ...domain.modem_live import ModemSeen
from ...domain.outcomes import Accepted, Decision, Outcome, Rejected, TrunkDown
from ..base import (
    Came,
    Event,
    InboundCame,
    Note,
    Pace,
    Settled,
    StopWanted,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
)
from ..polling import stood_still
from . import events, ports, verdicts
from .address import TpduError
from .calls import Calls
from .events import Answered, Ask, Ended, Notice, Rings, Send, SessionEvent, Stored
from .incoming import receipt_id
from .link import Link
from .opening import Opening, Wanted
from .port import RETRY_S
from .shelf import Shelf
from .streak import Streak
from .tpdu import Submit, encode_submit, parts_of
from .ussd import Asking
from .watch import Watch
from .way import Way

LEAST_WAIT_S = 0.01  # between two questions to the pace
LOOK_S = 30.0  # so often a modem is asked for its signal, and whether it still lives
NETWORK_S = 15.0  # until a network that was lost is looked for again
HUNG_UP = "NO CARRIER"


class ModemTrunk:
    """One modem with its SIM card."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._link: Link | None = None
        self._waiting: deque[Submission] = deque()
        self._way: Way | None = None
        self._ready: list[Event] = []
        self._over: TrunkUnavailable | None = None
        self._is_closing = False
        self._looked_at_s = 0.0
        self._shelf = Shelf()
        self._calls = Calls()
        self._asking = Asking(settings.values["balance_code"])
        self._streak = Streak(settings.trunk_id, settings.number("rest_after"))
        self._watch: Watch | None = None
        self._seen: ModemSeen | None = None

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

    @property
    def seen(self) -> ModemSeen | None:
        """What it said of itself when it was opened, as far as that went."""
        return self._seen

    def slots(self, segments: int) -> int:
        """A message is one, however long."""
        return 1

    def open(self, note: Note) -> None:
        """Opens the port, wakes the modem and its SIM card. Raises TrunkUnavailable."""
        values = self._settings.values
        note("connecting", values["port"])
        self._link, port = ports.open_link(values)
        wanted = Wanted(
            values["pin"], values["centre"], values["init"], values["storage"].upper()
        )
        opening = Opening(self._link.ask, wanted, note, self._settings.pins, port)
        is_open = False
        try:
            opening.run()
            is_open = True
        finally:
            self._seen = opening.seen
            if not is_open:
                self._link.end()
                self._link = None
        self._looked_at_s = time.monotonic()
        self._watch = Watch(opening.seen, self._looked_at_s)
        self._do(self._shelf.all())

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Sends them one after another."""
        self._waiting.extend(submissions)
        self._go_on()

    def ask_balance(self, balance_id: int) -> None:
        """Asks for the balance of the SIM card, between two messages."""
        self._ready += self._asking.ask(balance_id)

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """What happened; raises TrunkUnavailable when the modem is gone."""
        if self._over is not None and self._has_ended() and not self._ready:
            raise self._over
        until_s = time.monotonic() + timeout_s
        while True:
            is_woken = not self._ready and self._pump(until_s, wake_fd)
            if not stood_still(until_s):
                self._go_on()
            is_late = time.monotonic() >= until_s
            if self._ready or is_woken or is_late or self._has_ended():
                break
        ready, self._ready = self._ready, []
        return ready

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """What is stored with us is deleted in the modem; the rest stays there."""
        delete = self._shelf.stored(came, stored and self._is_open())
        if delete is not None:
            self._do(delete)

    def check(self, note: Note) -> bool:
        """The modem was asked everything when it was opened."""
        return self._watch is not None

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
        self._ready += self._asking.end()
        ready, self._ready = self._ready, []
        return ready

    def _has_ended(self) -> bool:
        """Whether the session is over, and nothing of it is under way."""
        return self._over is not None and not (self._way and self._is_open())

    def _is_open(self) -> bool:
        return self._link is not None and not self._link.is_over

    def _do(self, job: Ask) -> None:
        """Asks the modem something, if it is there."""
        if self._is_open() and self._link is not None:
            self._link.do(job)

    def _pump(self, until_s: float, wake_fd: int) -> bool:
        """Hears the modem, or waits for the pace; True when woken."""
        if self._link is None:
            return True
        wait_s = self._wait_s(until_s)
        happened, is_woken = self._link.pump(max(0.0, wait_s), wake_fd)
        for event in happened:
            self._take(event)
        now_s = time.monotonic()
        self._note_calls(self._calls.check(now_s))
        self._ready += self._asking.check(now_s)
        if self._link.is_over and self._over is None:
            gone = self._link.is_gone
            self._end(TrunkUnavailable(
                "modem_unplugged" if gone else "modem_stopped_answering",
                wait_s=RETRY_S,
            ))  # fmt: skip
        elif self._link.is_idle and not self._link.is_over:
            self._ask_around(now_s)
        return is_woken

    def _wait_s(self, until_s: float) -> float:
        """How long nothing is to be done without a word from the modem."""
        now_s = time.monotonic()
        dues = [until_s, self._calls.due_s, self._asking.due_s]
        assert self._link is not None
        if self._is_open() and self._link.is_idle:
            dues.append(0 if self._asking.is_eager else self._looked_at_s + LOOK_S)
            if self._way or self._waiting:
                pace_s = max(LEAST_WAIT_S, self._pace.wait_s(now_s))
                dues.append(max(now_s + pace_s, self._asking.holds_until_s))
        return min(due_s for due_s in dues if due_s is not None) - now_s

    def _ask_around(self, now_s: float) -> None:
        """What is asked when the modem does nothing: the balance, how it is."""
        assert self._watch is not None
        command = self._asking.next(self._watch.seen.make, now_s)
        if command is not None:
            self._do(command)
        elif now_s - self._looked_at_s >= LOOK_S:
            self._looked_at_s = now_s
            for question in (*self._watch.questions(), *self._shelf.due(now_s)):
                self._do(question)

    def _take(self, event: SessionEvent) -> None:
        if isinstance(event, Ended):
            self._end_part(event)
        elif isinstance(event, events.Came):
            self._ready += self._shelf.hand_in(event.pdu, None)
        elif isinstance(event, Stored):
            self._do(Ask(f"AT+CMGR={event.index}"))
        elif isinstance(event, Answered):
            self._take_answer(event)
        elif isinstance(event, events.Ussd):
            self._ready += self._asking.came(event)
        elif isinstance(event, Rings):
            self._note_calls(self._calls.ring(event.number, time.monotonic()))
        elif isinstance(event, Notice) and event.line.upper() == HUNG_UP:
            self._note_calls(self._calls.over())

    def _take_answer(self, answered: Answered) -> None:
        now_s = time.monotonic()
        self._ready += self._shelf.take(answered)
        self._ready += self._asking.answered(answered, now_s)
        if self._watch is not None:
            self._ready += self._watch.answered(answered, now_s)
            if self._watch.has_lost_network:
                self._end(TrunkUnavailable("modem_network_lost", wait_s=NETWORK_S))

    def _note_calls(self, numbers: Sequence[str]) -> None:
        self._ready += [
            InboundCame(0, number, "", "", is_call=True) for number in numbers
        ]

    def _end(self, over: TrunkUnavailable) -> None:
        """The session is over, once what is under way has ended."""
        if self._over is None:
            self._over = over
            self._give_back(over.code, over.detail)

    def _go_on(self) -> None:
        """Sends the next part, when nothing is under way and the pace allows it."""
        while self._is_open():
            if self._way is None:
                if not self._waiting or self._is_closing or self._over:
                    return
                submission = self._waiting.popleft()
                parts = parts_of(submission.split, submission.message_id)
                self._way = Way(submission, parts, dict(submission.taken))
            way = self._way
            if way.is_under_way:
                return
            position = way.next_position()
            if position is None:
                ids = tuple(way.taken[n] for n in sorted(way.taken))
                self._settle(Accepted(ids))
            elif self._over is not None:
                self._settle(verdicts.down(self._over.code, way.taken))
            elif not self._send(way, position):
                return

    def _send(self, way: Way, position: int) -> bool:
        """Writes one part; False when it is not its turn yet."""
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
        now_s = time.monotonic()
        if now_s < self._asking.holds_until_s or not self._pace.take(1, now_s):
            return False
        assert self._link is not None
        way.is_under_way = True
        self._link.do(Send(position, pdu, self._settings.number("timeout_s")))
        return True

    def _end_part(self, ended: Ended) -> None:
        way = self._way
        assert way is not None
        way.is_under_way = False
        number = way.submission.destination
        if ended.reference is not None:
            way.taken[ended.key] = receipt_id(ended.reference, number)
            self._streak.taken()
            return
        found = verdicts.outcome(ended, way.taken, self._is_closing)
        assert found is not None
        self._settle(found)
        stop = self._streak.failed(number, ended, found)
        if isinstance(stop, StopWanted):
            self._ready.append(stop)
        elif stop is not None:
            self._end(stop)
        if verdicts.treatment_of(ended) is Treatment.MAKE_ROOM:
            self._do(self._shelf.all())

    def _settle(self, outcome: Outcome) -> None:
        assert self._way is not None
        self._ready.append(Settled(self._way.submission.message_id, outcome))
        self._way = None

    def _give_back(self, code: str, detail: str = "") -> None:
        """Settles what was not begun."""
        for submission in self._waiting:
            self._ready.append(Settled(submission.message_id, TrunkDown(code, detail)))
        self._waiting.clear()
        if self._way is not None and not self._way.is_under_way and self._over:
            self._settle(verdicts.down(code, self._way.taken))
