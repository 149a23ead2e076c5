"""Connecting to an SMSC: TCP or TLS, dead peers noticed; failures in our codes."""

from __future__ import annotations

import socket
import ssl

from ..base import TrunkSettings, TrunkUnavailable

CONNECT_TIMEOUT_S = 10.0
DEAD_PEER_MS = 30_000  # TCP_USER_TIMEOUT: unacknowledged bytes for so long = gone


def connect(settings: TrunkSettings) -> socket.socket:
    """A non-blocking socket to a trunk's server. Raises TrunkUnavailable."""
    host, port = settings.values["host"], settings.number("port")
    server = f"{host}:{port}"
    try:
        made = _open(host, port, settings.is_on("tls"))
    except (socket.gaierror, UnicodeError) as error:
        raise TrunkUnavailable("host_unknown", host) from error
    except TimeoutError as error:
        raise TrunkUnavailable("connection_timeout", server) from error
    except ssl.SSLError as error:
        raise TrunkUnavailable("tls_failed", str(error)) from error
    except ConnectionRefusedError as error:
        raise TrunkUnavailable("connection_refused", server) from error
    except OSError as error:
        detail = f"{server}: {error.strerror or error}"
        raise TrunkUnavailable("connection_failed", detail) from error
    made.setblocking(False)
    return made


def _open(host: str, port: int, tls: bool) -> socket.socket:
    plain = socket.create_connection((host, port), CONNECT_TIMEOUT_S)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
        if not tls:
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise
