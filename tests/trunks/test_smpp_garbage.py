"""Servers that answer with garbage, endlessly or not at all, over a real socket."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from massivesms.domain import results
from massivesms.domain.outcomes import Accepted, InDoubt
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.registry import try_out
from massivesms.trunks.smpp.session import READ_BELOW_OCTETS
from tests.trunks import wire
from tests.trunks.conftest import Driver, settings, submission

Drive = Callable[[TrunkSettings], Driver]
Speak = Callable[[socket.socket], object]
BIND_RESP = wire.pdu(wire.BIND_TRANSCEIVER | wire.RESPONSE, 1, b"odd\0")


def at(port: int, **values: str) -> TrunkSettings:
    own = {"host": "127.0.0.1", "port": str(port), "system_id": "ana"}
    return settings("smpp", **{**own, **values})


@contextmanager
def server(speak: Speak) -> Iterator[int]:
    """One that takes a connection, lets the bind come, and then does what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link, suppress(OSError):
                link.recv(4096)
                speak(link)
                while link.recv(65536):  # until the client hangs up
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive(), "the client did not hang up"


BEFORE_THE_BIND = {
    "random octets": b"\xff" + os.urandom(4000),
    "a length of zero": bytes(64),
    "a length of fifteen": wire.pdu(0x15, 1).replace(b"\x10", b"\x0f", 1),
    "more than 64 KiB": struct.pack(">IIII", 64 * 1024 + 1, 0x80000009, 0, 1),
    "4 GiB": struct.pack(">IIII", 0xFFFFFFFF, 0x80000009, 0, 1),
    "a web page": b"HTTP/1.1 200 OK\r\n\r\n<html>" * 9,
}


@pytest.mark.parametrize("said", BEFORE_THE_BIND.values(), ids=BEFORE_THE_BIND)
def test_garbage_in_place_of_the_bind_is_no_smpp(said: bytes) -> None:
    with server(lambda link: link.sendall(said)) as port:
        passed, steps = try_out(at(port))
    assert (passed, steps[-1][0]) == (False, "protocol_error")
    assert "not SMPP" in results.text(*steps[-1])


@pytest.mark.parametrize(
    "speak",
    [
        lambda link: None,
        lambda link: link.sendall(BIND_RESP[:12]),
        lambda link: link.sendall(struct.pack(">I", 60_000) + BIND_RESP[4:]),
        lambda link: link.sendall(wire.pdu(0x80000999, 1) * 1000),
    ],
    ids=["nothing", "half a header", "less than promised", "other answers"],
)
def test_a_bind_that_is_never_answered_is_given_up(
    speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.BIND_ANSWER_S", 0.3)
    with server(speak) as port:
        passed, steps = try_out(at(port))
    assert (passed, steps[-1][0]) == (False, "bind_timeout")


def test_a_stream_without_end_does_not_put_off_the_time_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.BIND_ANSWER_S", 0.3)

    def speak(link: socket.socket) -> None:
        while True:
            link.sendall(wire.pdu(0x80000999, 7, bytes(1000)) * 10)

    with server(speak) as port:
        passed, steps = try_out(at(port))
    assert (passed, steps[-1][0]) == (False, "bind_timeout")


@pytest.mark.parametrize(
    "said",
    [BEFORE_THE_BIND["random octets"], BEFORE_THE_BIND["more than 64 KiB"]],
    ids=["random octets", "more than 64 KiB"],
)
def test_garbage_after_the_bind_ends_the_session_and_leaves_doubt(
    drive: Drive, said: bytes
) -> None:
    def speak(link: socket.socket) -> None:
        link.sendall(BIND_RESP)
        link.recv(4096)  # a submission
        link.sendall(said)

    with server(speak) as port:
        one = drive(at(port))
        one.open()
        one.send(submission(1))
        with pytest.raises(TrunkUnavailable, match="protocol_error"):
            one.until(lambda: False)
        assert isinstance(one.outcomes[1], InDoubt)


ODD_BUT_WHOLE = {
    "unknown commands": wire.pdu(0x123, 9, b"?" * 30),
    "unknown answers": wire.pdu(0x80000123, 2, b"?" * 30),
    "answers to nothing": wire.answer(99) + wire.answer(0) + wire.answer(0xFFFFFFFF),
    "a nack of nothing": wire.pdu(wire.GENERIC_NACK, 99, b"", 3),
    "a deliver_sm of nothing": wire.pdu(wire.DELIVER_SM, 5),
    "a deliver_sm that ends early": wire.pdu(
        wire.DELIVER_SM, 5, wire.deliver(5, b"id:1 stat:DELIVRD")[16:-9]
    ),
    "unknown fields": wire.deliver(
        5, b"", 4, wire.tlv(0x1E, b"7") + wire.tlv(0x9999, b"?")
    ),
    "a field longer than its PDU": wire.deliver(5, b"", 4, b"\x04\x27\xff\xff?"),
    "a binary message": wire.deliver(5, bytes(range(256))[:250], 0x40),
    "an alert": wire.pdu(wire.ALERT_NOTIFICATION, 5, b"\0" * 9),
    "a second bind answer": BIND_RESP,
    "the largest PDU": wire.pdu(0x123, 9, bytes(64 * 1024 - 16)),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD_BUT_WHOLE.values(), ids=ODD_BUT_WHOLE)
def test_what_is_odd_but_whole_is_survived(drive: Drive, odd: bytes) -> None:
    def speak(link: socket.socket) -> None:
        link.sendall(BIND_RESP + odd)
        link.recv(65536)  # the submission, perhaps after a nack
        link.sendall(odd + wire.answer(2, "a"))

    with server(speak) as port:
        one = drive(at(port))
        one.answers_receipts = False
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert one.outcomes == {1: Accepted(("a",))}
        one.session.close(0.0)


def test_an_answer_in_single_octets_without_its_end_is_no_sign_of_life(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.LINK_ANSWER_S", 0.5)
    stop = threading.Event()

    def speak(link: socket.socket) -> None:
        link.sendall(BIND_RESP + struct.pack(">IIII", 60_000, 0x123, 0, 1))
        while not stop.wait(0.1):
            link.sendall(b"?")

    with server(speak) as port:
        one = drive(at(port, enquire_link_s="1"))
        one.open()
        with pytest.raises(TrunkUnavailable, match="enquire_timeout"):
            one.until(lambda: False)
        stop.set()


def test_a_peer_that_asks_and_never_listens_takes_no_memory(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.LINK_ANSWER_S", 0.5)
    question = wire.pdu(wire.ENQUIRE_LINK, 9) * 4096

    def speak(link: socket.socket) -> None:
        link.sendall(BIND_RESP)
        while True:
            link.sendall(question)

    with server(speak) as port:
        one = drive(at(port, enquire_link_s="1"))
        one.open()
        held: list[int] = []

        def is_over() -> bool:
            held.append(len(one.session._sender.session.output))  # type: ignore[attr-defined]
            return False

        with pytest.raises(TrunkUnavailable, match="enquire_timeout"):
            one.until(is_over)
        assert READ_BELOW_OCTETS <= max(held) < 2 * READ_BELOW_OCTETS
