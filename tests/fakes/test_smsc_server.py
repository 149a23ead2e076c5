"""The simulator as a server: stopping, coming back, waiting, TLS."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.bare_esme import (
    SUBMIT_SM,
    BareEsme,
    submit_body,
)
from tests.fakes.smsc import Smsc


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


def test_it_comes_back_on_the_same_port_with_its_memory(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        esme.submit()
        esme.read()
        port = smsc.port
        smsc.stop()
        with pytest.raises(EOFError):
            esme.read()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((smsc.host, port), 1)
    smsc.start()
    assert smsc.port == port
    with BareEsme(smsc) as esme:
        assert esme.ask(SUBMIT_SM, submit_body()).body == b"2\0"
    assert len(smsc.submissions) == 2


def test_it_stops_although_a_client_does_not_read(smsc: Smsc) -> None:
    with BareEsme(smsc):
        smsc.send_raw(bytes(20_000_000))
        smsc.stop()
        assert smsc.links_open == 0


def test_waiting_in_vain_says_how_many_came(smsc: Smsc) -> None:
    with pytest.raises(TimeoutError, match="0 of 1 submissions"):
        smsc.wait_for(1, timeout_s=0.01)


def test_it_speaks_tls(tmp_path: Path) -> None:
    certificate, server, client = _tls_contexts(tmp_path)
    client.load_verify_locations(certificate)
    with Smsc(tls=server) as smsc, BareEsme(smsc, tls=client) as esme:
        assert esme.ask(SUBMIT_SM, submit_body()).status == 0


def _tls_contexts(folder: Path) -> tuple[Path, ssl.SSLContext, ssl.SSLContext]:
    """A self-signed certificate for localhost, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
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
    return path, server, ssl.create_default_context()
