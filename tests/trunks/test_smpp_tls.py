"""Encrypted connections against a real TLS server: who is believed, and who not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from massivesms.domain import results
from massivesms.domain.outcomes import Accepted
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.registry import try_out
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.trunks.certificates import Authority
from tests.trunks.conftest import Driver, settings, submission
from tests.trunks.test_smpp_connecting import has_ipv6

Drive = Callable[[TrunkSettings], Driver]


def at(port: int, **values: str) -> TrunkSettings:
    own = {"host": "localhost", "port": str(port), "system_id": "ana", "tls": "yes"}
    return settings("smpp", **{**own, **values})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("localhost", ("localhost",)),
        ("127.0.0.1", ("127.0.0.1",)),
        ("::1", ("::1",)),
        ("[::1]", ("other.example", "::1")),
    ],
)
def test_the_operators_own_authority_is_believed(
    drive: Drive, authority: Authority, host: str, names: tuple[str, ...]
) -> None:
    if "::1" in names and not has_ipv6():
        pytest.skip("this machine has no ::1")
    server = authority.server(*names)
    with Smsc(tls=server, host=host.strip("[]")) as smsc:
        one = drive(at(smsc.port, host=host, tls_ca=str(authority.path)))
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert isinstance(one.outcomes[1], Accepted)


def test_the_machines_authorities_are_believed(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    with Smsc(tls=authority.server("localhost"), host="localhost") as smsc:
        assert try_out(at(smsc.port))[0]


def test_an_own_authority_is_the_only_one(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    other = Authority(tmp_path, "other")
    with Smsc(tls=authority.server("localhost"), host="localhost") as smsc:
        _, steps = try_out(at(smsc.port, tls_ca=str(other.path)))
        assert steps[-1][0] == "tls_certificate"


def test_the_server_is_told_the_name_that_we_want(authority: Authority) -> None:
    server = authority.server("localhost", "127.0.0.1")
    told: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: told.append(name)
    for host in ("localhost", "127.0.0.1"):
        with Smsc(tls=server, host=host) as smsc:
            assert try_out(at(smsc.port, host=host, tls_ca=str(authority.path)))[0]
    assert told == ["localhost", None], "SNI has no IP addresses (RFC 6066 §3)"


REFUSED = [
    ("wrong name", ("other.example",), timedelta(days=1), True, "Hostname mismatch"),
    ("expired", ("localhost",), timedelta(days=-1), True, "expired"),
    ("unknown", ("localhost",), timedelta(days=1), False, "unable to get local issuer"),
]


@pytest.mark.parametrize(
    ("names", "valid", "known", "why"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
def test_a_certificate_that_does_not_hold_is_refused_before_the_password(
    authority: Authority,
    names: tuple[str, ...],
    valid: timedelta,
    known: bool,
    why: str,
) -> None:
    server = authority.server(*names, valid=valid)
    ca = {"tls_ca": str(authority.path)} if known else {}
    with Smsc(tls=server, host="localhost") as smsc:
        passed, steps = try_out(at(smsc.port, **ca))
        assert (passed, steps[-1][0]) == (False, "tls_certificate")
        words = results.text(*steps[-1])
        assert words.startswith("The server's certificate is not accepted: ")
        assert why in words
        assert smsc.binds == []


def test_a_person_may_leave_certificates_unchecked(authority: Authority) -> None:
    server = authority.server("other.example", valid=timedelta(days=-1))
    with Smsc(tls=server, host="localhost") as smsc:
        assert try_out(at(smsc.port, tls_verify="no"))[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "tls_ca_unreadable"),
        ("folder", "tls_ca_unreadable"),
        ("", "tls_ca_invalid"),
        ("not a certificate", "tls_ca_invalid"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", "tls_ca_invalid"),
    ],
    ids=["missing", "folder", "empty", "text", "broken"],
)
def test_an_authority_that_cannot_be_read_needs_a_person(
    drive: Drive, tmp_path: Path, content: str | None, code: str
) -> None:
    path = tmp_path / "ca.pem"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    with pytest.raises(TrunkUnavailable) as raised:
        drive(at(1, tls_ca=str(path))).open()
    assert (raised.value.code, raised.value.needs_person) == (code, True)
    assert str(path) in results.text(code, raised.value.detail)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"not TLS at all\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\0\0\0\x10" * 9,
    ],
    ids=["closes", "text", "HTTP", "SMPP"],
)
def test_a_server_without_tls_is_said(said: bytes) -> None:
    with one_shot(said) as port:
        passed, steps = try_out(at(port))
        assert (passed, steps[-1]) == (False, ("tls_not_offered", f"localhost:{port}"))


def test_a_server_that_keeps_silent_about_tls_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.connection.CONNECT_TIMEOUT_S", 0.3)
    with socket.create_server(("localhost", 0)) as silent:
        port = silent.getsockname()[1]
        passed, steps = try_out(at(port))
        assert (passed, steps[-1]) == (False, ("tls_timeout", f"localhost:{port}"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_many_long_messages_and_receipts_pass_in_pieces(
    drive: Drive, authority: Authority, version: ssl.TLSVersion
) -> None:
    server = authority.server("localhost")
    server.minimum_version = server.maximum_version = version
    behaviour = Behaviour(split_bytes=7, split_gap_s=0.0, receipts=Receipts())
    with Smsc(behaviour, tls=server, host="localhost") as smsc:
        one = drive(at(smsc.port, tls_ca=str(authority.path), window="500"))
        one.open()
        one.send(*(submission(n, "largo " * 100) for n in range(100)))
        one.until(lambda: len(one.outcomes) == 100 and len(one.receipts) == 400)
        assert {type(outcome) for outcome in one.outcomes.values()} == {Accepted}
        assert smsc.refused == []
        assert all(message.complete for message in smsc.messages())


def test_a_server_that_reads_slowly_gets_all_of_it(
    drive: Drive, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = socket.create_connection

    def narrow(*arguments: object, **more: object) -> socket.socket:
        made = create(*arguments, **more)  # type: ignore[arg-type]
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return made

    monkeypatch.setattr(socket, "create_connection", narrow)
    with Smsc(tls=authority.server("localhost"), host="localhost") as smsc:
        one = drive(at(smsc.port, tls_ca=str(authority.path), window="5000"))
        one.open()
        for first in range(0, 3000, 100):
            one.send(*(submission(first + n, "x" * 150) for n in range(100)))
        one.until(lambda: len(one.outcomes) == 3000)
        assert {type(outcome) for outcome in one.outcomes.values()} == {Accepted}
        assert smsc.refused == []
        assert len(smsc.submissions) == 3000


@contextmanager
def one_shot(said: bytes) -> Iterator[int]:
    """A server that says one thing to one client and closes."""
    with socket.create_server(("localhost", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link, suppress(OSError):  # the client hangs up when it likes
                link.recv(4096)
                link.sendall(said)
                link.shutdown(socket.SHUT_WR)
                link.recv(4096)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)
