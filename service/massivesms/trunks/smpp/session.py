"""One SMPP session without a socket: bytes in, bytes and events out.

Owns the protocol's state: sequence numbers, the window, who waits for which
answer, enquire_link and time-outs. Time is given (seconds, monotonic). Answers
are matched by sequence_number alone, in any order. The rules of what is safe:

- an answer with an error = the segment was not accepted
- no answer (time-out, link lost, unbind) = in doubt
- written to nobody yet = it never left: the trunk is down
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from ...domain.smpp_status import NOT_BOUND
from . import codec
from .events import (
    Alive,
    BindRefused,
    Bound,
    Delivered,
    Finished,
    Over,
    SessionEvent,
    State,
)
from .pending import Pending

SEQUENCE_MAX = 0x7FFFFFFF
LINK_ANSWER_S = 10.0  # an enquire_link unanswered for so long: the link is dead
BIND_ANSWER_S = 15.0
LATE_KEPT = 10_000  # timed-out submissions whose late answer is still known


@dataclass(slots=True)
class _Sent:
    pending: Pending
    position: int
    answer_by_s: float


@dataclass
class Session:
    """The state of one session; `output` is what the socket has to write."""

    window: int
    answer_timeout_s: float
    enquire_link_s: float
    state: State = State.OPEN
    output: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._input = bytearray()
        self._sequence = 0
        self._sent: OrderedDict[int, _Sent] = OrderedDict()
        self._late: OrderedDict[int, _Sent] = OrderedDict()
        self._waiting: deque[tuple[Pending, int]] = deque()
        self._open: dict[int, Pending] = {}  # every message not finished yet
        self._ended: tuple[str, str] | None = None  # code, detail
        self._bind_sequence = 0
        self._bind_by_s = 0.0
        self._enquired: tuple[int, float] | None = None  # sequence, answer_by_s
        self._heard_at_s = 0.0

    # --- what we do ------------------------------------------------------

    def bind(self, command: int, body: bytes, now_s: float) -> None:
        """Asks for a bind."""
        self.state = State.BINDING
        self._bind_sequence = self._write(command, body)
        self._bind_by_s = now_s + BIND_ANSWER_S
        self._heard_at_s = now_s

    def submit(self, pending: Pending, now_s: float) -> list[SessionEvent]:
        """Takes a message's segments; writes as many as the window allows.

        Finished at once when the session is over, or when nothing is missing.
        """
        if self._ended or pending.is_complete:
            pending.unsent = self._ended
            return [Finished(pending.message_id, pending.outcome())]
        self._open[pending.message_id] = pending
        self._waiting.extend((pending, position) for position in pending.missing)
        self._fill_window(now_s)
        return []

    def enquire(self, now_s: float) -> None:
        """Asks whether the link is alive, unless that is being asked."""
        if self._enquired is None:
            sequence = self._write(codec.ENQUIRE_LINK)
            self._enquired = (sequence, now_s + LINK_ANSWER_S)

    def unbind(self) -> None:
        """Asks to end the session; go on reading until Over."""
        if self.state is State.BOUND:
            self.state = State.UNBINDING
            self._write(codec.UNBIND)

    def answer_delivery(self, delivered: Delivered, status: int) -> None:
        """Answers a deliver_sm or data_sm."""
        command = delivered.command | codec.RESPONSE
        self.output += codec.encode(command, delivered.sequence, b"\0", status)

    @property
    def unanswered(self) -> int:
        """Segments written and not answered."""
        return len(self._sent)

    # --- what comes ------------------------------------------------------

    def receive(self, data: bytes, now_s: float) -> list[SessionEvent]:
        """Takes bytes of the SMSC; an empty `data` is the end of the stream."""
        if not data:
            return self.lost("closed_by_operator")
        self._heard_at_s = now_s
        self._input += data
        events: list[SessionEvent] = []
        try:
            for pdu in codec.frames(self._input):
                self._handle(pdu, events)
                if self.state is State.CLOSED:
                    return events
        except codec.FrameError as error:
            return events + self.lost("protocol_error", str(error))
        self._fill_window(now_s)
        return events

    def tick(self, now_s: float) -> list[SessionEvent]:
        """What is due by now: time-outs and enquire_link."""
        if self.state is State.BINDING and now_s >= self._bind_by_s:
            return self.lost("bind_timeout")
        if self._enquired and now_s >= self._enquired[1]:
            return self.lost("enquire_timeout")
        if (
            self.state is State.BOUND
            and now_s - self._heard_at_s >= self.enquire_link_s
        ):
            self.enquire(now_s)
        return self._time_out(now_s)

    def next_tick_s(self, now_s: float) -> float:
        """Seconds until tick() has something to do."""
        due = [now_s + self.enquire_link_s]
        if self.state is State.BINDING:
            due.append(self._bind_by_s)
        if self._enquired:
            due.append(self._enquired[1])
        if self._sent:
            due.append(next(iter(self._sent.values())).answer_by_s)
        return max(0.0, min(due) - now_s)

    def lost(self, code: str, detail: str = "") -> list[SessionEvent]:
        """The link is gone: settles everything and ends the session."""
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        self._ended = (code, detail)
        doubt = "unbound_by_operator" if code == "closed_by_operator" else "link_lost"
        for sent in self._sent.values():
            sent.pending.doubts[sent.position] = (doubt, detail or code)
        for pending, _ in self._waiting:
            pending.unsent = (code, detail)
        events: list[SessionEvent] = [
            Finished(pending.message_id, pending.outcome())
            for pending in self._open.values()
        ]
        self._sent.clear()
        self._waiting.clear()
        self._open.clear()
        return [*events, Over(code, detail)]

    def give_back_unsent(self) -> list[SessionEvent]:
        """Settles messages of which nothing was written, when we stop sending."""
        started = {sent.pending.message_id for sent in self._sent.values()}
        events: list[SessionEvent] = []
        kept: deque[tuple[Pending, int]] = deque()
        for pending, position in self._waiting:
            if pending.message_id in started or pending.accepted or pending.refused:
                kept.append((pending, position))
            elif self._open.pop(pending.message_id, None):
                pending.unsent = ("service_stopped", "")
                events.append(Finished(pending.message_id, pending.outcome()))
        self._waiting = kept
        return events

    # --- one PDU ---------------------------------------------------------

    def _handle(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        if pdu.command == codec.SUBMIT_SM_RESP:
            self._answered(pdu, events)
        elif pdu.command == codec.ENQUIRE_LINK:
            self.output += codec.encode(codec.ENQUIRE_LINK_RESP, pdu.sequence)
        elif pdu.command == codec.ENQUIRE_LINK_RESP:
            if self._enquired and self._enquired[0] == pdu.sequence:
                self._enquired = None
                events.append(Alive())
        elif pdu.command in (codec.DELIVER_SM, codec.DATA_SM):
            self._delivered(pdu, events)
        elif pdu.command == codec.UNBIND:
            self.output += codec.encode(codec.UNBIND_RESP, pdu.sequence)
            events += self.lost("closed_by_operator", "unbind")
        elif pdu.command == codec.UNBIND_RESP:
            if self.state is State.UNBINDING:
                events += self.lost("unbound")
        elif pdu.command == codec.GENERIC_NACK:
            self._nacked(pdu, events)
        elif self.state is State.BINDING and pdu.sequence == self._bind_sequence:
            self._bind_answered(pdu, events)
        elif (
            not pdu.command & codec.RESPONSE and pdu.command != codec.ALERT_NOTIFICATION
        ):
            unknown = codec.encode(codec.GENERIC_NACK, pdu.sequence, status=0x03)
            self.output += unknown

    def _bind_answered(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        if pdu.command not in codec.BIND_ANSWERS:
            return
        if pdu.status:
            self.state = State.CLOSED
            events.append(BindRefused(pdu.status))
        else:
            self.state = State.BOUND
            events.append(Bound(codec.read_cstring(pdu.body)[0]))

    def _answered(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        sent = self._sent.pop(pdu.sequence, None)
        if sent is None:
            sent = self._late.pop(pdu.sequence, None)
            if sent is None:
                return  # answered twice, or never ours
        smsc_message_id = codec.read_message_id(pdu.body) if not pdu.status else ""
        sent.pending.answer(sent.position, pdu.status, smsc_message_id)
        if pdu.status == NOT_BOUND:
            self._finish(sent.pending, events)
            events += self.lost("closed_by_operator", "RINVBNDSTS")
            return
        self._finish(sent.pending, events)

    def _nacked(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        """A nack of something we know is its refusal; then the framing is suspect."""
        if self.state is State.BINDING:
            self.state = State.CLOSED
            events.append(BindRefused(pdu.status or 0x03))
        elif pdu.sequence in self._sent:
            status = pdu.status or 0x03
            self._answered(
                codec.Pdu(codec.SUBMIT_SM_RESP, status, pdu.sequence, b""), events
            )
            if status in (0x02, 0x03) and self.state is State.BOUND:
                events += self.lost("protocol_error", "generic_nack")
        elif self._enquired and self._enquired[0] == pdu.sequence:
            self._enquired = None  # it knows no enquire_link, but it is there
            events.append(Alive())

    def _delivered(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        deliver = codec.read_deliver(pdu)
        if deliver is None:
            nack = codec.encode(codec.GENERIC_NACK, pdu.sequence, status=0x02)
            self.output += nack
        else:
            events.append(Delivered(pdu.sequence, pdu.command, deliver))

    def _finish(self, pending: Pending, events: list[SessionEvent]) -> None:
        if pending.is_complete:
            self._open.pop(pending.message_id, None)
            events.append(Finished(pending.message_id, pending.outcome()))

    # --- the window ------------------------------------------------------

    def _fill_window(self, now_s: float) -> None:
        while (
            self._waiting
            and len(self._sent) < self.window
            and self.state in (State.BOUND, State.UNBINDING)
        ):
            pending, position = self._waiting.popleft()
            sequence = self._write(codec.SUBMIT_SM, pending.bodies[position - 1])
            self._sent[sequence] = _Sent(
                pending, position, now_s + self.answer_timeout_s
            )

    def _time_out(self, now_s: float) -> list[SessionEvent]:
        events: list[SessionEvent] = []
        while self._sent:
            sequence, sent = next(iter(self._sent.items()))
            if now_s < sent.answer_by_s:
                break
            del self._sent[sequence]
            self._late[sequence] = sent
            if len(self._late) > LATE_KEPT:
                self._late.popitem(last=False)
            sent.pending.doubts[sent.position] = ("answer_timeout", "")
            self._finish(sent.pending, events)
        self._fill_window(now_s)
        return events

    def _write(self, command: int, body: bytes = b"") -> int:
        self._sequence = self._sequence % SEQUENCE_MAX + 1
        while self._sequence in self._sent or self._sequence in self._late:
            self._sequence = self._sequence % SEQUENCE_MAX + 1
        self.output += codec.encode(command, self._sequence, body)
        return self._sequence
