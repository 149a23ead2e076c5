"""Connecting to an SMSC: TCP or TLS, dead peers noticed; failures in our codes."""

from __future__ import annotations

import socket
import ssl

from ..base import TrunkSettings, TrunkUnavailable

CONNECT_TIMEOUT_S = 10.0
DEAD_PEER_MS = 30_000  # TCP_USER_TIMEOUT: unacknowledged bytes for so long = gone


def server_name(settings: TrunkSettings) -> str:
    """Host and port for people."""
    host = _host(settings)
    return f"[{host}]:{_port(settings)}" if ":" in host else f"{host}:{_port(settings)}"


def connect(settings: TrunkSettings) -> socket.socket:
    """A non-blocking socket to a trunk's server. Raises TrunkUnavailable."""
    context = _tls_context(settings) if settings.is_on("tls") else None
    plain = _connect_plain(settings)
    made = plain
    if context is not None:
        try:
            made = _wrap(context, plain, settings)
        except TrunkUnavailable:
            plain.close()
            raise
    made.setblocking(False)
    return made


def _host(settings: TrunkSettings) -> str:
    return settings.values["host"].strip("[]")


def _port(settings: TrunkSettings) -> int:
    return settings.number("port")


def _connect_plain(settings: TrunkSettings) -> socket.socket:
    """TCP to the first address of the host that answers, IPv6 or IPv4."""
    host, server = _host(settings), server_name(settings)
    try:
        made = socket.create_connection((host, _port(settings)), CONNECT_TIMEOUT_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
    except (socket.gaierror, UnicodeError) as error:
        raise TrunkUnavailable("host_unknown", host) from error
    except TimeoutError as error:
        raise TrunkUnavailable("connection_timeout", server) from error
    except ConnectionRefusedError as error:
        raise TrunkUnavailable("connection_refused", server) from error
    except OSError as error:
        detail = f"{server}: {error.strerror or error}"
        raise TrunkUnavailable("connection_failed", detail) from error
    return made


def _tls_context(settings: TrunkSettings) -> ssl.SSLContext:
    """What is trusted: the machine's authorities, or the operator's own alone."""
    path = settings.values["tls_ca"]
    try:
        context = ssl.create_default_context(cafile=path or None)
    except ssl.SSLError as error:
        raise TrunkUnavailable("tls_ca_invalid", path, needs_person=True) from error
    except OSError as error:
        detail = f"{path}: {error.strerror or error}"
        raise TrunkUnavailable(
            "tls_ca_unreadable", detail, needs_person=True
        ) from error
    if not settings.is_on("tls_verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _wrap(
    context: ssl.SSLContext, plain: socket.socket, settings: TrunkSettings
) -> ssl.SSLSocket:
    """TLS over a connection; the name goes as SNI and is looked for in the
    certificate, an IP address only the latter."""
    server = server_name(settings)
    try:
        return context.wrap_socket(plain, server_hostname=_host(settings))
    except ssl.SSLCertVerificationError as error:
        raise TrunkUnavailable("tls_certificate", error.verify_message) from error
    except TimeoutError as error:
        raise TrunkUnavailable("tls_timeout", server) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError) as error:
        raise TrunkUnavailable("tls_not_offered", server) from error
    except ssl.SSLError as error:
        if error.reason in _NO_TLS:
            raise TrunkUnavailable("tls_not_offered", server) from error
        raise TrunkUnavailable("tls_failed", error.reason or str(error)) from error
    except OSError as error:
        raise TrunkUnavailable("tls_failed", error.strerror or str(error)) from error


#: What OpenSSL calls an answer that is no TLS.
_NO_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
}
