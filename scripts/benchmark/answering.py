"""Answers bytes of SMPP 3.4 with bytes: every submission is taken, none is read.

No I/O. A run of submissions of one length is answered by slices over the whole
run, because a loop over PDUs would cost more than what is to be measured; whatever
is of another shape goes through the loop. Nothing misbehaves here: that is the
simulator's business (tests/fakes/smsc).
"""

from __future__ import annotations

from functools import cache
from struct import Struct

from scripts.benchmark.receipting import Run

HEADER = Struct(">IIII")  # length, command, status, sequence_number
SUBMIT_SM = 0x00000004
BINDS = (0x00000001, 0x00000002, 0x00000009)
UNBIND = 0x00000006
ENQUIRE_LINK = 0x00000015
DELIVER_SM_RESP = 0x80000005
RESPONSE = 0x80000000
SHORTEST, LONGEST = 16, 65_536
ID_OCTETS = 8  # message_id: five digits of the run and three of the place in it
RUN = 16**3
STEPS = (2, 32, RUN)
ANSWER_OCTETS = 16 + ID_OCTETS + 1
SYSTEM_ID = b"bench\0"


class NotSmpp(Exception):
    """The peer sent what is no SMPP 3.4; the link must be dropped."""


class Answers:
    """Counts submissions and gives each an id, over all links of one SMSC."""

    def __init__(self) -> None:
        self.submissions = 0
        self.deliveries = 0  # answered by the peer
        self.accepted: list[Run] | None = None  # since somebody wants to know
        self._runs = 0

    def take(self, data: bytes) -> tuple[bytes, int]:
        """The answers to the whole PDUs that `data` begins with, and their octets."""
        at, out = 0, []
        while len(data) - at >= SHORTEST:
            length, command, _, sequence = HEADER.unpack_from(data, at)
            if not SHORTEST <= length <= LONGEST:
                raise NotSmpp(f"a PDU of {length} octets")
            if len(data) - at < length:
                break
            if command == SUBMIT_SM:
                n = alike(data, at, length)
                out.append(self._accepted(data, at, length, n))
                at += n * length
                continue
            if command in BINDS:
                out.append(_response(command, sequence, SYSTEM_ID))
            elif command in (UNBIND, ENQUIRE_LINK):
                out.append(_response(command, sequence, b""))
            elif command == DELIVER_SM_RESP:
                self.deliveries += 1
            elif not command & RESPONSE:
                raise NotSmpp(f"command {command:#x}")
            at += length
        return b"".join(out), at

    def _accepted(self, data: bytes, at: int, length: int, n: int) -> bytes:
        """The answers to `n` submissions of one length, from `at` on."""
        answers = bytearray(_template(n))
        end = at + n * length
        for octet in range(12, 16):  # the sequence_number, as it came
            answers[octet::ANSWER_OCTETS] = data[at + octet : end : length]
        for octet, digit in enumerate(b"%05x" % (self._runs & 0xFFFFF), start=16):
            answers[octet::ANSWER_OCTETS] = bytes((digit,)) * n
        if self.accepted is not None:
            self.accepted.append(Run(data[at:end], length, self._runs))
        self._runs += 1
        self.submissions += n
        return bytes(answers)


def alike(data: bytes, at: int, length: int) -> int:
    """How many whole submissions of this length follow one another from `at` on."""
    found = 1
    for most in STEPS:  # little is looked at in vain when lengths change often
        most = min((len(data) - at) // length, most)
        if most <= found:
            return found
        found = _leading(data, at, length, most)
        if found < most:
            return found
    return found


def _leading(data: bytes, at: int, length: int, most: int) -> int:
    """Of `most` PDUs, how many at the beginning have the first one's head."""
    for octet in range(8):
        first = data[at + octet : at + octet + 1]
        column = data[at + octet : at + most * length : length]
        most = len(column) - len(column.lstrip(first))
    return most


@cache
def _template(n: int) -> bytes:
    """`n` answers that lack the sequence_number and the run's digits."""
    head = HEADER.pack(ANSWER_OCTETS, SUBMIT_SM | RESPONSE, 0, 0)
    return b"".join(head + b"00000%03x\0" % place for place in range(n))


def _response(command: int, sequence: int, body: bytes) -> bytes:
    return HEADER.pack(16 + len(body), command | RESPONSE, 0, sequence) + body
