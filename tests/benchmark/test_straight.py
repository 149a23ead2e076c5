"""The straight line and the SMSC's process, with small numbers and a real server."""

from __future__ import annotations

import socket
import time

import pytest

from scripts.benchmark import straight
from scripts.benchmark.answering import HEADER, SUBMIT_SM
from scripts.benchmark.drain import must_be
from scripts.benchmark.peer import Peer
from scripts.demonstration.place import DemoFailed
from tests.servers.mariadb import PrivateMariaDB


@pytest.mark.parametrize("messages", [1, 2345])
def test_every_message_of_the_straight_line_comes_once(
    mariadb: PrivateMariaDB, messages: int
) -> None:
    with Peer() as peer:
        run = straight.run(mariadb.connect_args, peer.port, messages)
        came = peer.arrived()
    assert run.messages == came.submissions == messages
    assert sum(n for _, n in came.reads) == messages
    assert run.per_second > 0


def test_the_smsc_tells_what_came_since_it_was_asked_and_when() -> None:
    with Peer(mark="34799") as peer:
        began_ns = time.monotonic_ns()
        for numbers in (["34600000001", "34799000001"], ["34799000002"]):
            _submit(peer.port, numbers)
            came = peer.arrived()
            assert came.submissions == len(numbers)
            assert list(came.marked) == [n for n in numbers if n.startswith("34799")]
            assert all(
                began_ns < ns < time.monotonic_ns() for ns in came.marked.values()
            )
        assert peer.arrived().submissions == 0


def test_a_lost_or_doubled_message_is_no_figure() -> None:
    must_be(3, "the SMSC's", 3)
    with pytest.raises(DemoFailed, match="3 messages expected, but the SMSC's are 4"):
        must_be(3, "the SMSC's", 4)


def _submit(port: int, numbers: list[str]) -> None:
    bodies = [b"\0\x01\x01a\0\x01\x01" + n.encode() + b"\0" for n in numbers]
    with socket.create_connection(("127.0.0.1", port)) as link:
        for body in bodies:
            link.sendall(HEADER.pack(16 + len(body), SUBMIT_SM, 0, 1) + body)
            assert link.recv(100)
