"""Connecting: servers that say nothing, break, or speak something else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from massivesms.trunks.base import TrunkSettings
from massivesms.trunks.registry import try_out
from tests.fakes.smsc import Behaviour, Smsc
from tests.trunks.conftest import Driver, settings

Drive = Callable[[TrunkSettings], Driver]


def at(port: int, **values: str) -> TrunkSettings:
    own = {"host": "localhost", "port": str(port), "system_id": "ana"}
    return settings("smpp", **{**own, **values})


def test_a_bind_without_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.BIND_ANSWER_S", 0.3)
    with Smsc(Behaviour(answer_binds=False)) as smsc:
        passed, steps = try_out(at(smsc.port))
        assert (passed, steps[-1]) == (False, ("bind_timeout", ""))
        assert smsc.wait_until(lambda: smsc.links_open == 0)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "closed_by_operator"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol_error"),
        (b"220 smtp ready\r\n" * 4, "protocol_error"),
    ],
    ids=["closes", "HTTP", "SMTP"],
)
def test_a_server_that_is_no_smsc_is_said(said: bytes, code: str) -> None:
    with one_shot(said) as port:
        passed, steps = try_out(at(port))
        assert (passed, steps[-1][0]) == (False, code)


def test_a_link_that_breaks_while_the_bind_is_written_is_no_bind(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Smsc() as smsc:
        one = drive(at(smsc.port))

        def connect(_: object) -> socket.socket:
            left, right = socket.socketpair()
            right.close()
            left.setblocking(False)
            return left

        monkeypatch.setattr("massivesms.trunks.smpp.trunk.connect", connect)
        with pytest.raises(Exception, match="link_lost"):
            one.open()


@contextmanager
def one_shot(said: bytes) -> Iterator[int]:
    """A server that says one thing to one client and closes."""
    with socket.create_server(("localhost", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link, suppress(OSError):  # the client hangs up when it likes
                link.sendall(said)
                link.recv(4096)
                link.shutdown(socket.SHUT_WR)
                link.recv(4096)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize("listens_on", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("first", ["::1", "127.0.0.1"])
def test_of_a_name_with_both_addresses_the_one_that_answers_is_taken(
    monkeypatch: pytest.MonkeyPatch, listens_on: str, first: str
) -> None:
    """This machine's own names have one address only: the resolver is told."""
    if listens_on == "::1" and not has_ipv6():
        pytest.skip("this machine has no ::1")
    both = sorted(("127.0.0.1", "::1"), key=lambda address: address != first)

    def resolve(host: str, port: int, *rest: object, **more: object) -> list[object]:
        assert host == "smsc.example"
        families = {"::1": socket.AF_INET6, "127.0.0.1": socket.AF_INET}
        return [(families[a], socket.SOCK_STREAM, 6, "", (a, port)) for a in both]

    with Smsc(host=listens_on) as smsc:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        passed, steps = try_out(at(smsc.port, host="smsc.example"))
        monkeypatch.undo()
        assert passed, steps


def test_an_ipv6_address_is_shown_with_its_port_apart() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        _, steps = try_out(at(port, host="[::1]"))
        assert steps[0] == ("connecting", f"[::1]:{port}")


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as one, suppress(OSError):
        one.bind(("::1", 0))
        return True
    return False
