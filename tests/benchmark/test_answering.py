"""The benchmark's SMSC answers each PDU as the specification says, in bulk or not."""

from __future__ import annotations

import random
import struct

import pytest

from scripts.benchmark.answering import RUN, Answers, NotSmpp

pytestmark = pytest.mark.long

SUBMIT, BIND, LINK, UNBIND = 0x4, 0x9, 0x15, 0x6
RESPONSE = 0x80000000


def pdu(command: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack(">IIII", 16 + len(body), command, 0, sequence) + body


def read(answers: bytes) -> list[tuple[int, int, int, bytes]]:
    """(command, status, sequence, body) of each, by a reading of our own."""
    found = []
    while answers:
        length, command, status, sequence = struct.unpack(">IIII", answers[:16])
        found.append((command, status, sequence, answers[16:length]))
        answers = answers[length:]
    return found


@pytest.mark.parametrize(
    "lengths",
    [[40] * 3, [40, 41] * 20, [40] * 100 + [90] + [40] * 700, [40] * (RUN + 5)],
    ids=["few", "changing", "one of another length", "more than a run"],
)
def test_every_submission_gets_an_answer_with_its_number_and_an_id_of_its_own(
    lengths: list[int],
) -> None:
    sequences = random.Random(7).sample(range(1, 2**31), len(lengths))
    sent = b"".join(
        pdu(SUBMIT, sequence, b"x" * length)
        for sequence, length in zip(sequences, lengths, strict=True)
    )
    answers = Answers()
    out, octets = answers.take(sent)
    found = read(out)
    assert octets == len(sent)
    assert answers.submissions == len(lengths)
    assert [sequence for _, _, sequence, _ in found] == sequences
    assert {(command, status) for command, status, _, _ in found} == {
        (SUBMIT | RESPONSE, 0)
    }
    ids = {body for _, _, _, body in found}
    assert len(ids) == len(lengths)
    assert all(body.endswith(b"\0") and int(body[:-1], 16) >= 0 for body in ids)


def test_other_requests_between_submissions_are_answered_in_order() -> None:
    commands = [BIND, SUBMIT, SUBMIT, LINK, SUBMIT, LINK | RESPONSE, SUBMIT, UNBIND]
    sent = b"".join(pdu(c, n, b"12345678") for n, c in enumerate(commands, start=1))
    answers = Answers()
    out, _ = answers.take(sent)
    wanted = [(c | RESPONSE, n) for n, c in enumerate(commands, start=1) if n != 6]
    assert [(command, n) for command, _, n, _ in read(out)] == wanted
    assert answers.submissions == 4


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_pdus_may_come_in_pieces(size: int) -> None:
    sent = b"".join(pdu(SUBMIT, n, b"y" * 50) for n in range(1, 41))
    answers, rest, out = Answers(), b"", b""
    for at in range(0, len(sent), size):
        rest += sent[at : at + size]
        more, octets = answers.take(rest)
        out, rest = out + more, rest[octets:]
    assert rest == b""
    assert [n for _, _, n, _ in read(out)] == list(range(1, 41))
    assert len({body for _, _, _, body in read(out)}) == 40


@pytest.mark.parametrize(
    "garbage",
    [b"\0\0\0\x0f" + bytes(12), b"\xff" * 16, pdu(0x1234, 1)],
    ids=["too short", "too long", "unknown command"],
)
def test_what_is_no_smpp_is_refused(garbage: bytes) -> None:
    with pytest.raises(NotSmpp):
        Answers().take(garbage)
