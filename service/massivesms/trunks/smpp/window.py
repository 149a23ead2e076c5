"""The segments of one session: which wait, which are on their way, what came.

Owns sequence numbers, the window, the pace and time-outs of submit_sm. Time is
given. It counts the octets that it was told were put out, so that a link that
breaks leaves no doubt about a segment which is still wholly ours.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from ..base import Pace, Settled
from . import codec
from .pending import NO_OVERRIDES, Message, Overrides, Pending, Single

SEQUENCE_MAX = 0x7FFFFFFF
LATE_KEPT = 10_000  # timed-out segments whose late answer is still known
LEAST_WAIT_S = 0.0005  # between two questions to the pace
STALLED_PART = 0.5  # of the answer time-out, with a full window and no answer
IN_VAIN = 5  # segments in a row, sent since the last answer and not answered
FILL_AT_ONCE = 256  # segments: what stays in our buffer is bounded by it

#: message, position, answer_by_s, first_octet. Plain tuples: one for each segment.
_Sent = tuple[Message, int, float, int]
#: message, position, body
_Waiting = tuple[Message, int, bytes]


class Window:
    """What is submitted and not decided yet."""

    def __init__(
        self,
        size: int,
        answer_timeout_s: float,
        pace: Pace,
        convert_id: Callable[[str], str] = str,
        overrides: Overrides = NO_OVERRIDES,
    ) -> None:
        self.size = size
        self.sequence = 0
        self._answer_timeout_s = answer_timeout_s
        self._pace = pace
        self._convert_id = None if convert_id is str else convert_id
        self._overrides = overrides
        self._waiting: deque[_Waiting] = deque()
        self._sent: dict[int, _Sent] = {}  # in the order in which they time out
        self._late: OrderedDict[int, _Sent] = OrderedDict()
        self.answered_at_s = -math.inf  # when any segment was answered last
        self._began_at_s = 0.0  # when a segment went out and none was on its way
        self._in_vain = 0  # segments that timed out since

    @property
    def unanswered(self) -> int:
        """Segments written and not answered."""
        return len(self._sent)

    @property
    def waiting(self) -> int:
        """Segments not written yet."""
        return len(self._waiting)

    def next_sequence(self) -> int:
        """A sequence number that nothing outstanding has."""
        sequence = self.sequence % SEQUENCE_MAX + 1
        while sequence in self._sent or sequence in self._late:
            sequence = sequence % SEQUENCE_MAX + 1
        self.sequence = sequence
        return sequence

    def add(self, messages: Iterable[Message]) -> list[Settled]:
        """Takes messages; settled at once are those of which nothing is missing."""
        settled: list[Settled] = []
        for message in messages:
            if isinstance(message, Single):
                self._waiting.append((message, 1, message.body))
                continue
            for position in message.missing:
                body = message.bodies[position - 1]
                self._waiting.append((message, position, body))
            outcome = message.outcome()
            if outcome is not None:
                settled.append(Settled(message.message_id, outcome))
        return settled

    def fill(self, now_s: float, octets_put: int) -> bytes:
        """PDUs to write now, as many as the window and the pace allow.

        `octets_put` is how much was put out before them.
        """
        free = self.size - len(self._sent)
        wanted = min(len(self._waiting), free, FILL_AT_ONCE)
        granted = self._pace.take(wanted, now_s) if wanted > 0 else 0
        if granted <= 0:
            return b""
        if not self._sent:
            self._began_at_s = now_s
        pdus: list[bytes] = []
        pack, next_waiting = codec.HEADER.pack, self._waiting.popleft
        answer_by_s = now_s + self._answer_timeout_s
        for _ in range(granted):
            message, position, body = next_waiting()
            sequence = self.next_sequence()
            length = codec.HEADER_OCTETS + len(body)
            pdus.append(pack(length, codec.SUBMIT_SM, 0, sequence))
            pdus.append(body)
            self._sent[sequence] = (message, position, answer_by_s, octets_put)
            octets_put += length
        return b"".join(pdus)

    def wait_s(self, now_s: float, can_fill: bool) -> float:
        """Seconds until something is due here; for ever when nothing is."""
        due_s = math.inf
        if self._sent:
            due_s = next(iter(self._sent.values()))[2] - now_s
        if len(self._sent) >= self.size:
            due_s = min(due_s, self._stalled_at_s - now_s)
        if can_fill and self._waiting and len(self._sent) < self.size:
            due_s = min(due_s, max(LEAST_WAIT_S, self._pace.wait_s(now_s)))
        return due_s

    # --- what came -------------------------------------------------------

    def is_outstanding(self, sequence: int) -> bool:
        """Whether a segment with that sequence number waits for its answer."""
        return sequence in self._sent

    def answered(self, status: int, sequence: int, body: bytes) -> Settled | None:
        """Books a submit_sm_resp; the message's end, if it is that."""
        sent = self._sent.pop(sequence, None)
        if sent is None:
            sent = self._late.pop(sequence, None)
            if sent is None:
                return None  # answered twice, or never ours
        smsc_message_id = "" if status else codec.read_message_id(body)
        if self._convert_id is not None:
            smsc_message_id = self._convert_id(smsc_message_id)
        message = sent[0]
        outcome = message.answer(sent[1], status, smsc_message_id, self._overrides)
        return None if outcome is None else Settled(message.message_id, outcome)

    def time_out(self, now_s: float) -> list[Settled]:
        """Puts in doubt what was not answered in time."""
        settled: list[Settled] = []
        while self._sent:
            sequence, sent = next(iter(self._sent.items()))
            if now_s < sent[2]:
                break
            del self._sent[sequence]
            # Sent since the last answer, and not answered either.
            since_s = sent[2] - self._answer_timeout_s
            self._in_vain = self._in_vain + 1 if since_s > self.answered_at_s else 0
            self._late[sequence] = sent
            if len(self._late) > LATE_KEPT:
                self._late.popitem(last=False)
            outcome = sent[0].doubt(sent[1], "answer_timeout", "")
            if outcome is not None:
                settled.append(Settled(sent[0].message_id, outcome))
        return settled

    def has_stalled(self, now_s: float) -> bool:
        """Whether the SMSC takes segments and answers none.

        Each would be in doubt after its time-out, a whole campaign one by one. So
        the session ends when the window is full and nothing at all was answered
        for half of the time-out, or when several in a row have timed out.
        """
        is_full = len(self._sent) >= self.size
        return (is_full and now_s >= self._stalled_at_s) or self._in_vain >= IN_VAIN

    @property
    def _stalled_at_s(self) -> float:
        last_s = max(self.answered_at_s, self._began_at_s)
        return last_s + self._answer_timeout_s * STALLED_PART

    # --- the end ---------------------------------------------------------

    def give_back_unbegun(self) -> list[Settled]:
        """Settles messages of which no segment was written, when we stop."""
        begun = {id(sent[0]) for sent in self._sent.values()}
        kept: deque[_Waiting] = deque()
        settled: list[Settled] = []
        for waiting in self._waiting:
            message, position, _ = waiting
            if id(message) in begun or _is_half_done(message):
                kept.append(waiting)
                continue
            outcome = message.give_back(position, "service_stopped", "")
            if outcome is not None:
                settled.append(Settled(message.message_id, outcome))
        self._waiting = kept
        return settled

    def first_unsent(self, octets_gone: int) -> int | None:
        """Where, in all octets put out, the first segment begins that never left."""
        return next((s[3] for s in self._sent.values() if s[3] >= octets_gone), None)

    def end(
        self, over: tuple[str, str], doubt: tuple[str, str], octets_gone: int
    ) -> list[Settled]:
        """Settles everything: the link is over.

        A segment whose first octet is at or after `octets_gone` never left.
        """
        settled: list[Settled] = []
        decided = [
            (message, message.give_back(position, *over))
            if first_octet >= octets_gone
            else (message, message.doubt(position, *doubt))
            for message, position, _, first_octet in self._sent.values()
        ]
        decided += [
            (message, message.give_back(position, *over))
            for message, position, _ in self._waiting
        ]
        self._sent.clear()
        self._waiting.clear()
        for message, outcome in decided:
            if outcome is not None:
                settled.append(Settled(message.message_id, outcome))
        return settled


def _is_half_done(message: Message) -> bool:
    """Whether some of a long message was decided before the rest was written."""
    return isinstance(message, Pending) and bool(
        message.accepted or message.refused or message.doubts
    )
