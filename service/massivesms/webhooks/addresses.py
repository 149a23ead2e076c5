"""Which address a target's host is: resolved once, and refused when it is not public.

The connection is made to the address that was looked at, never to the name again:
a name that changes what it means between two looks (rebinding) gains nothing.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence

from ..domain.own_hosts import Address, OwnHosts, is_public, read_address

RESOLVE_S = 5.0

#: (host, port) -> addresses as text. Raises OSError.
Resolver = Callable[[str, int], Sequence[str]]


class Forbidden(Exception):
    """The host has no address that may be reached."""


class Unknown(Exception):
    """There is no such host, or nobody says in time what its address is."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The system's answer; decimal, octal and short forms become what they mean."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def allowed(
    host: str, port: int, own: OwnHosts, resolver: Resolver = resolve
) -> list[Address]:
    """The addresses of a host that may be reached. Raises Forbidden or Unknown."""
    found = _in_time(host, port, resolver)
    addresses = list(dict.fromkeys(read_address(text) for text in found))
    if not addresses:
        raise Unknown(host)
    may = [a for a in addresses if is_public(a) or own.has(host, a)]
    if not may:
        raise Forbidden(host)
    return may


def _in_time(host: str, port: int, resolver: Resolver) -> Sequence[str]:
    """The resolver's answer; a silent name server is left alone after a while."""
    answer: list[Sequence[str]] = []

    def ask() -> None:
        try:
            answer.append(resolver(host, port))
        except (OSError, UnicodeError):
            answer.append(())

    thread = threading.Thread(target=ask, name="resolver", daemon=True)
    thread.start()
    thread.join(RESOLVE_S)
    if not answer:
        raise Unknown(host)
    return answer[0]
