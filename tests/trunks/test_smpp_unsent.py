"""When a link breaks, what is still wholly ours is known to have never left."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from massivesms.domain.outcomes import Accepted, Deferred, InDoubt, TrunkDown
from massivesms.trunks.base import TrunkUnavailable
from massivesms.trunks.smpp.events import Over
from massivesms.trunks.smpp.link import Link
from massivesms.trunks.smpp.pending import Single
from tests.trunks import wire
from tests.trunks.conftest import Driver, settings, submission
from tests.trunks.paces import Granting
from tests.trunks.sessions import bound, outcomes, submit

PDU_OCTETS = 16 + len(b"1/1")


@pytest.mark.parametrize(
    ("gone", "in_doubt"),
    [
        (0, set()),
        (1, {1}),
        (PDU_OCTETS - 1, {1}),
        (PDU_OCTETS, {1}),
        (PDU_OCTETS + 1, {1, 2}),
        (3 * PDU_OCTETS, {1, 2, 3}),
    ],
)
def test_a_segment_of_which_no_octet_left_is_no_doubt(
    gone: int, in_doubt: set[int]
) -> None:
    session = bound()
    submit(session, 3)
    del session.output[:gone]
    got = outcomes(session.lost("link_lost", "reset"))
    doubt, down = InDoubt("link_lost", "reset"), TrunkDown("link_lost", "reset")
    assert got == {n: doubt if n in in_doubt else down for n in (1, 2, 3)}


def test_what_was_given_back_is_never_written() -> None:
    session = bound()
    submit(session, 3)
    del session.output[: PDU_OCTETS + 5]  # in the middle of the second
    session.receive(wire.pdu(wire.UNBIND, 9), 1.0)
    rest_of_second = PDU_OCTETS - 5
    unbind_resp = wire.pdu(wire.UNBIND | wire.RESPONSE, 9)
    assert bytes(session.output)[rest_of_second:] == unbind_resp


def test_octets_between_submissions_are_counted() -> None:
    session = bound()
    submit(session, 1)
    session.receive(wire.pdu(wire.ENQUIRE_LINK, 9), 1.0)
    session.enquire(1.0)
    submit(session, 1)
    session.output[:] = session.output[-PDU_OCTETS:]
    events = session.lost("link_lost")
    assert [type(e.outcome) for e in events[:-1]] == [InDoubt, TrunkDown]  # type: ignore[union-attr]
    assert events[-1] == Over("link_lost")


def test_of_a_long_message_only_the_rest_goes_again() -> None:
    session = bound()
    submit(session, 1, segments=3)
    del session.output[:PDU_OCTETS]
    session.receive(wire.answer(2, "a"), 1.0)
    got = outcomes(session.lost("link_lost", "reset"))
    assert got == {1: Deferred(0.0, "trunk_down", "reset", {1: "a"})}


def test_a_long_message_of_which_a_segment_may_have_arrived_is_in_doubt() -> None:
    session = bound()
    submit(session, 1, segments=3)
    del session.output[: PDU_OCTETS + 1]
    session.receive(wire.answer(2, "a"), 1.0)
    got = outcomes(session.lost("link_lost", "reset"))
    assert got == {1: InDoubt("link_lost", "reset", {1: "a"})}


def test_a_begun_long_message_that_the_pace_holds_is_given_back_at_the_end() -> None:
    session = bound(pace=Granting(1))
    submit(session, 1, segments=2)
    session.output.clear()
    assert session.give_back_unsent() == []
    session.receive(wire.answer(2, "a"), 1.0)
    got = outcomes(session.lost("link_lost"))
    assert got == {1: Deferred(0.0, "trunk_down", "", {1: "a"})}


@pytest.mark.parametrize("ending", ["reset", "closing"])
def test_a_peer_that_stops_reading_leaves_most_of_it_known_unsent(ending: str) -> None:
    with Deaf() as deaf:
        own = {"host": "127.0.0.1", "port": str(deaf.port), "system_id": "a"}
        one = Driver.paced(settings("smpp", **own, window="5000"), Granting(10**9))
        one.open()
        n = 40_000
        one.send(*(submission(i, "x" * 160, number=f"346{i:08}") for i in range(n)))
        one.poll()
        assert len(one.session._sender.session.output) < 256 * 1024  # type: ignore[attr-defined]
        if ending == "reset":
            deaf.reset()
            with pytest.raises(TrunkUnavailable):
                one.until(lambda: False)
        else:
            deaf.stop_answering()
            one.close(0.2)
        kinds = {i: type(outcome) for i, outcome in one.outcomes.items()}
        assert len(kinds) == n
        assert Accepted not in kinds.values()
        left = {i for i, kind in kinds.items() if kind is InDoubt}
        assert deaf.seen <= left, "whatever arrived is in doubt"
        assert 0 < len(left) <= 5000
        assert {kinds[i] for i in kinds if i not in left} == {TrunkDown}


def test_what_had_to_wait_is_not_written_after_the_end() -> None:
    """TLS may hold a whole record of it, which the cut of the output misses."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        session = bound(window=100_000)
        link = Link(session)
        link.attach(ours)
        session.submit([Single(n, bytes(200)) for n in range(10_000)])
        link.flush(0.0)
        assert session.output, "the socket is full"
        session.receive(wire.pdu(wire.UNBIND, 9), 1.0)
        theirs.setblocking(False)
        while drain(theirs):
            pass
        kept = bytes(session.output)
        assert link.flush(1.0) == []
        assert bytes(session.output) == kept
        assert not drain(theirs)


def drain(link: socket.socket) -> bytes:
    try:
        return link.recv(65536)
    except BlockingIOError:
        return b""


def test_while_the_socket_is_full_the_pace_is_not_asked() -> None:
    pace = Granting(10**6, next_s=0.002)
    session = bound(window=10_000, pace=pace, answer_timeout_s=9.0)
    session.submit([Single(n, bytes(1000)) for n in range(100)])
    while session.fill(0.0):
        pass
    assert session.waiting == 0
    session.submit([Single(n, b"") for n in range(100, 200)])
    asked = len(pace.asked)
    pace.left = 0
    assert not session.can_fill
    assert not session.fill(0.0)
    assert len(pace.asked) == asked
    assert session.next_tick_s(0.0) == pytest.approx(9.0)
    session.output.clear()
    assert session.next_tick_s(0.0) == pytest.approx(0.002)


class Deaf:
    """A server that answers the bind and then reads no more, until it is ended."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port: int = self._listening.getsockname()[1]
        self._bound = threading.Event()
        self.seen: set[int] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Deaf:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(5)
        self._link.close()
        self._listening.close()

    def _serve(self) -> None:
        self._link, _ = self._listening.accept()
        self._link.recv(4096)
        bind_resp = wire.BIND_TRANSCEIVER | wire.RESPONSE
        self._link.sendall(wire.pdu(bind_resp, 1, b"deaf\0"))

    def stop_answering(self) -> None:
        self._thread.join(5)

    def reset(self) -> None:
        """Reads a little, notes what arrived, and resets."""
        self._thread.join(5)
        data = self._link.recv(65536)
        while len(data) >= 16 and len(data) >= (length := _length(data)):
            number = data.index(b"346") + 3
            self.seen.add(int(data[number : number + 8]))
            data = data[length:]
        linger = struct.pack("ii", 1, 0)
        self._link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._link.close()


def _length(data: bytes) -> int:
    (length,) = struct.unpack_from(">I", data)
    assert isinstance(length, int)
    return length
