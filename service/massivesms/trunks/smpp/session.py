"""One SMPP session without a socket: bytes in, bytes and events out.

Owns the protocol's state: the bind, enquire_link, what each PDU means. Time is
given (seconds, monotonic). The segments on their way are in window. The rules of
what is safe:

- an answer with an error = the segment was not accepted
- no answer (time-out, link lost, unbind) = in doubt
- not written, or still wholly in `output` = it never left: the trunk is down
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...domain.smpp_status import NOT_BOUND
from ..base import Pace, Settled, Unpaced
from . import codec
from .events import (
    Alive,
    BindRefused,
    Bound,
    Delivered,
    Over,
    SessionEvent,
    State,
    Unread,
)
from .pending import NO_OVERRIDES, Message, Overrides
from .window import Window

LINK_ANSWER_S = 9.0  # an enquire_link unanswered for so long: the link is dead
BIND_ANSWER_S = 15.0
FILL_BELOW_OCTETS = 64 * 1024  # with more in `output` nothing is submitted
#: With more in `output` nothing is read: the peer asks and never listens.
READ_BELOW_OCTETS = 1024 * 1024


class Session:
    """The state of one session; `output` is what the socket has to write."""

    def __init__(
        self,
        window: int,
        answer_timeout_s: float,
        enquire_link_s: float,
        pace: Pace | None = None,
        convert_id: Callable[[str], str] = str,
        overrides: Overrides = NO_OVERRIDES,
    ) -> None:
        self.enquire_link_s = enquire_link_s
        self.state = State.OPEN
        self.output = bytearray()
        self._put_octets = 0  # into output, ever
        self._input = b""
        pace = pace or Unpaced()
        self._window = Window(window, answer_timeout_s, pace, convert_id, overrides)
        self._ended: tuple[str, str] | None = None  # code, detail
        self._bind_sequence = 0
        self._bind_by_s = 0.0
        self._enquired: tuple[int, float] | None = None  # sequence, answer_by_s
        self._heard_at_s = 0.0

    # --- what we do ------------------------------------------------------

    def bind(self, command: int, body: bytes, now_s: float) -> None:
        """Asks for a bind."""
        self.state = State.BINDING
        self._bind_sequence = self._ask(command, body)
        self._bind_by_s = now_s + BIND_ANSWER_S
        self._heard_at_s = now_s

    def submit(self, messages: Iterable[Message]) -> list[Settled]:
        """Takes messages; fill() writes their segments.

        Settled at once when the session is over, or when nothing is missing.
        """
        settled = self._window.add(messages)
        if self._ended:
            settled += self._window.end(self._ended, self._ended, 0)
        return settled

    def fill(self, now_s: float) -> bool:
        """Puts out segments as the window and the pace allow; False when none.

        What is still to be written comes first: call it again when it is.
        """
        if self.state is not State.BOUND or not self.can_fill:
            return False
        pdus = self._window.fill(now_s, self._put_octets)
        self._put(pdus)
        return bool(pdus)

    def enquire(self, now_s: float) -> None:
        """Asks whether the link is alive, unless that is being asked."""
        if self._enquired is None:
            sequence = self._ask(codec.ENQUIRE_LINK)
            self._enquired = (sequence, now_s + LINK_ANSWER_S)

    def unbind(self) -> None:
        """Asks to end the session; go on reading until Over."""
        if self.state is State.BOUND:
            self.state = State.UNBINDING
            self._ask(codec.UNBIND)

    def answer_delivery(self, delivered: Delivered | Unread, status: int) -> None:
        """Answers a deliver_sm or data_sm; one that nobody can read is refused."""
        if isinstance(delivered, Unread) and not status:
            self._put(codec.encode(codec.GENERIC_NACK, delivered.sequence, status=0x02))
            return
        command = delivered.command | codec.RESPONSE
        self._put(codec.encode(command, delivered.sequence, b"\0", status))

    @property
    def window(self) -> int:
        """Segments that may be unanswered at once."""
        return self._window.size

    @property
    def unanswered(self) -> int:
        """Segments written and not answered."""
        return self._window.unanswered

    @property
    def waiting(self) -> int:
        """Segments not written yet."""
        return self._window.waiting

    @property
    def can_fill(self) -> bool:
        """Whether the socket keeps up with what is put out."""
        return len(self.output) < FILL_BELOW_OCTETS

    @property
    def can_read(self) -> bool:
        """Whether the peer takes our answers, so that more may be read."""
        return len(self.output) < READ_BELOW_OCTETS

    # --- what comes ------------------------------------------------------

    def receive(self, data: bytes, now_s: float) -> list[SessionEvent]:
        """Takes bytes of the SMSC; an empty `data` is the end of the stream."""
        if not data:
            return self.lost("closed_by_operator")
        stream = self._input + data if self._input else data
        frames, taken, fault = codec.read_frames(stream)
        self._input = stream[taken:]
        if frames:
            self._heard_at_s = now_s
        events: list[SessionEvent] = []
        answered = self._window.answered
        for command, status, sequence, body in frames:
            if command == codec.SUBMIT_SM_RESP and status != NOT_BOUND:
                settled = answered(status, sequence, body)
                self._window.answered_at_s = now_s
                if settled is not None:
                    events.append(settled)
                continue
            self._handle(codec.Pdu(command, status, sequence, body), events)
            if self.state is State.CLOSED:
                return events
        if fault:
            events.append(Unread(self._input))
            self._input = b""
            events += self.lost("protocol_error", fault)
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
        settled: list[SessionEvent] = [*self._window.time_out(now_s)]
        if self._window.has_stalled(now_s):
            return [*settled, *self.lost("no_answers")]
        return settled

    def next_tick_s(self, now_s: float) -> float:
        """Seconds until tick() or fill() has something to do."""
        can_fill = self.state is State.BOUND and self.can_fill
        due_s = self._window.wait_s(now_s, can_fill)
        if self.state is State.BINDING:
            due_s = min(due_s, self._bind_by_s - now_s)
        if self._enquired:
            due_s = min(due_s, self._enquired[1] - now_s)
        elif self.state is State.BOUND:
            due_s = min(due_s, self._heard_at_s + self.enquire_link_s - now_s)
        return max(0.0, due_s)

    def lost(self, code: str, detail: str = "") -> list[SessionEvent]:
        """The link is gone: settles everything and ends the session."""
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        self._ended = (code, detail)
        gone = self._put_octets - len(self.output)
        unsent = self._window.first_unsent(gone)
        if unsent is not None:
            del self.output[unsent - gone :]  # given back, so never to be written
        doubt = "unbound_by_operator" if code == "closed_by_operator" else "link_lost"
        settled = self._window.end((code, detail), (doubt, detail or code), gone)
        return [*settled, Over(code, detail)]

    def give_back_unsent(self) -> list[Settled]:
        """Settles messages of which nothing was written, when we stop sending."""
        return self._window.give_back_unbegun()

    # --- one PDU ---------------------------------------------------------

    def _handle(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        """Any PDU but a submit_sm_resp that ends nothing."""
        if pdu.command == codec.SUBMIT_SM_RESP:
            self._not_bound(pdu, events)
        elif pdu.command == codec.ENQUIRE_LINK:
            self._put(codec.encode(codec.ENQUIRE_LINK_RESP, pdu.sequence))
        elif pdu.command == codec.ENQUIRE_LINK_RESP:
            if self._enquired and self._enquired[0] == pdu.sequence:
                self._enquired = None
                events.append(Alive())
        elif pdu.command in (codec.DELIVER_SM, codec.DATA_SM):
            self._delivered(pdu, events)
        elif pdu.command == codec.UNBIND:
            events += self.lost("closed_by_operator", "unbind")
            self._put(codec.encode(codec.UNBIND_RESP, pdu.sequence))
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
            events.append(Unread(_octets(pdu)))
            self._put(codec.encode(codec.GENERIC_NACK, pdu.sequence, status=0x03))

    def _bind_answered(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        if pdu.command not in codec.BIND_ANSWERS:
            return
        if pdu.status:
            self.state = State.CLOSED
            events.append(BindRefused(pdu.status))
        else:
            self.state = State.BOUND
            events.append(Bound(codec.read_cstring(pdu.body)[0]))

    def _not_bound(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        """RINVBNDSTS to something of ours: the SMSC has forgotten our bind."""
        was_asked = self._window.is_outstanding(pdu.sequence)
        settled = self._window.answered(pdu.status, pdu.sequence, b"")
        if settled is not None:
            events.append(settled)
        if was_asked or settled is not None:
            events += self.lost("closed_by_operator", "RINVBNDSTS")

    def _nacked(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        """A nack of something we know is its refusal; then the framing is suspect."""
        if self.state is State.BINDING:
            self.state = State.CLOSED
            events.append(BindRefused(pdu.status or 0x03))
        elif self._window.is_outstanding(pdu.sequence):
            status = pdu.status or 0x03
            settled = self._window.answered(status, pdu.sequence, b"")
            if settled is not None:
                events.append(settled)
            if status in (0x02, 0x03, NOT_BOUND) and self.state is State.BOUND:
                events += self.lost("protocol_error", "generic_nack")
        elif self._enquired and self._enquired[0] == pdu.sequence:
            self._enquired = None  # it knows no enquire_link, but it is there
            events.append(Alive())

    def _delivered(self, pdu: codec.Pdu, events: list[SessionEvent]) -> None:
        deliver = codec.read_deliver(pdu)
        if deliver is None:
            events.append(Unread(_octets(pdu), pdu.command, pdu.sequence))
        else:
            events.append(Delivered(pdu.sequence, pdu.command, deliver, pdu.body))

    # --- the output ------------------------------------------------------

    def _ask(self, command: int, body: bytes = b"") -> int:
        sequence = self._window.next_sequence()
        self._put(codec.encode(command, sequence, body))
        return sequence

    def _put(self, octets: bytes) -> None:
        self.output += octets
        self._put_octets += len(octets)


def _octets(pdu: codec.Pdu) -> bytes:
    """The PDU as it came."""
    return codec.encode(pdu.command, pdu.sequence, pdu.body, pdu.status)
