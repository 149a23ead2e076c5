"""Connecting: servers that say nothing, break, or speak TLS (or something else)."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from massivesms.domain import results
from massivesms.domain.outcomes import Accepted
from massivesms.trunks.base import TrunkSettings
from massivesms.trunks.registry import try_out
from tests.fakes.smsc import Behaviour, Smsc
from tests.trunks.conftest import Driver, settings, submission

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


def test_tls_with_a_certificate_that_is_known_works(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, server = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Smsc(tls=server, host="localhost") as smsc:
        one = drive(at(smsc.port, tls="yes"))
        one.open()
        one.send(*(submission(n, "largo " * 100) for n in range(10)))
        one.until(lambda: len(one.outcomes) == 10)
        assert {type(outcome) for outcome in one.outcomes.values()} == {Accepted}


def test_a_self_signed_certificate_is_refused_with_words(tmp_path: Path) -> None:
    _, server = certified(tmp_path)
    with Smsc(tls=server, host="localhost") as smsc:
        passed, steps = try_out(at(smsc.port, tls="yes"))
        assert not passed
        assert steps[-1][0] == "tls_failed"
        words = results.text(*steps[-1])
        assert words.startswith("The encrypted connection failed: ")
        assert "self-signed certificate" in words
        assert smsc.binds == []


def test_a_certificate_of_another_host_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, server = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Smsc(tls=server, host="127.0.0.1") as smsc:
        _, steps = try_out(at(smsc.port, tls="yes", host="127.0.0.1"))
        assert steps[-1][0] == "tls_failed"


def test_tls_to_a_plain_server_is_said() -> None:
    with one_shot(b"not TLS at all\r\n") as port:
        passed, steps = try_out(at(port, tls="yes"))
        assert (passed, steps[-1][0]) == (False, "tls_failed")


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


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for localhost, and a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return path, server
