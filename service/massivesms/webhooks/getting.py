"""One GET from an address, into a file: with the same care as what is posted.

Hosts that are not public are refused, redirects are not followed, certificates are
checked, and the line is cut at the deadline whatever the other side does.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from typing import BinaryIO
from urllib.parse import urlsplit

from .. import __version__
from ..domain.inert_text import inert
from ..domain.own_hosts import OwnHosts
from . import addresses
from .addresses import Resolver
from .posting import Answer, Watch, connection_to, said_of

BLOCK = 64 * 1024


def get(
    url: str,
    headers: Mapping[str, str],
    own: OwnHosts,
    into: BinaryIO,
    *,
    limit_bytes: int,
    deadline_s: float,
    resolver: Resolver = addresses.resolve,
) -> Answer:
    """Writes what an address answers into a file; `taken` when all of it is there."""
    until_s = time.monotonic() + deadline_s
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = addresses.allowed(host, port, own, resolver)
    except addresses.Forbidden:
        return Answer(None, "host_forbidden", host)
    except addresses.Unknown:
        return Answer(None, "host_unknown", host)
    watch = Watch()
    try:
        with watch.until(until_s):
            connection = connection_to(parts, host, port, found, watch, until_s)
            try:
                path = parts.path or "/"
                target = f"{path}?{parts.query}" if parts.query else path
                answer = _ask(connection, target, headers, into, limit_bytes)
            finally:
                connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        if watch.has_ended or isinstance(error, TimeoutError):
            return Answer(None, "timeout", f"{deadline_s:g}")
        code, detail = said_of(error)
        return Answer(None, code, inert(detail)[:255])
    return Answer(None, "timeout", f"{deadline_s:g}") if watch.has_ended else answer


def _ask(
    connection: http.client.HTTPConnection,
    target: str,
    headers: Mapping[str, str],
    into: BinaryIO,
    limit_bytes: int,
) -> Answer:
    asked = {
        "User-Agent": f"massivesms/{__version__}",
        "Accept": "text/csv, text/plain, */*",
        "Connection": "close",
        **headers,
    }
    connection.request("GET", target, headers=asked)
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        return Answer(answer.status, "status", f"{answer.status} {answer.reason}")
    size = 0
    while block := answer.read(BLOCK):
        size += len(block)
        if size > limit_bytes:
            return Answer(answer.status, "too_large")
        into.write(block)
    if answer.length:  # the other side hung up before all of it was here
        return Answer(None, "broken")
    return Answer(answer.status, "taken")
