"""One POST to a target, and what came of it as a value. Never raises for a target.

Whatever the target does it takes no longer than DEADLINE_S: hanging, dripping byte
by byte, sending without an end. Redirects are not followed, certificates are checked,
and a proxy of the environment is not asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import SplitResult, urlsplit

from .. import __version__
from ..domain import webhooks as rules
from ..domain.inert_text import inert
from ..domain.own_hosts import Address, OwnHosts
from . import addresses
from .addresses import Resolver

DEADLINE_S = 10.0
MOST_ANSWER = 64 * 1024
SHOWN_ANSWER = 160
MOST_ADDRESSES = 3  # of one host are tried


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a POST: its HTTP status, or a code of webhook_results without."""

    status: int | None
    code: str
    detail: str = ""
    took_ms: int = 0
    retry_after_s: int | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the target has it."""
        return self.code == "taken"


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def send(
    post: Post,
    own: OwnHosts,
    *,
    resolver: Resolver = addresses.resolve,
    deadline_s: float | None = None,
) -> Answer:
    """Posts it once."""
    began_s = time.monotonic()
    wait_s = DEADLINE_S if deadline_s is None else deadline_s
    status, code, detail, retry_after_s = _attempt(post, own, resolver, wait_s)
    took_ms = int((time.monotonic() - began_s) * 1000)
    return Answer(status, code, inert(detail)[:255], took_ms, retry_after_s)


Came = tuple[int | None, str, str, int | None]  # status, code, detail, retry after


def _attempt(post: Post, own: OwnHosts, resolver: Resolver, wait_s: float) -> Came:
    until_s = time.monotonic() + wait_s
    parts = urlsplit(post.url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = addresses.allowed(host, port, own, resolver)
    except addresses.Forbidden:
        return None, "host_forbidden", host, None
    except addresses.Unknown:
        return None, "host_unknown", host, None
    watch = Watch()
    try:
        with watch.until(until_s):
            connection = connection_to(parts, host, port, found, watch, until_s)
            try:
                return _exchange(connection, parts, post, watch)
            finally:
                connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        if watch.has_ended or isinstance(error, TimeoutError):
            return None, "timeout", f"{wait_s:g}", None
        return (None, *said_of(error), None)


class Watch:
    """Cuts the line at a moment: the socket's own time-outs begin anew each byte."""

    def __init__(self) -> None:
        self.has_ended = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()

    def take(self, raw: socket.socket) -> None:
        """Watches a connection, whatever is wrapped around it later."""
        with self._lock:
            self._drop()
            self._line = raw.dup()

    @contextmanager
    def until(self, moment_s: float) -> Iterator[None]:
        """Watches until then, or until the block is left."""
        timer = threading.Timer(max(0.0, moment_s - time.monotonic()), self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._drop()

    def _cut(self) -> None:
        with self._lock:
            self.has_ended = True
            if self._line is not None:
                with suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def connection_to(
    parts: SplitResult,
    host: str,
    port: int,
    found: list[Address],
    watch: Watch,
    until_s: float,
) -> http.client.HTTPConnection:
    """A connection to the first address that takes one; the host's name is kept."""
    raw = connected(found, port, until_s)
    watch.take(raw)
    wrapped: socket.socket = raw
    if parts.scheme == "https":
        try:
            wrapped = _tls().wrap_socket(raw, server_hostname=host)
        except (OSError, ValueError):
            raw.close()
            raise
    connection = http.client.HTTPConnection(host, port)
    connection.default_port = 443 if parts.scheme == "https" else 80  # not in Host
    connection.sock = wrapped
    connection.auto_open = 0  # it must never resolve the name once more
    return connection


@cache
def _tls() -> ssl.SSLContext:
    """With the system's authorities, which take a while to read."""
    return ssl.create_default_context()


def connected(found: list[Address], port: int, until_s: float) -> socket.socket:
    """A line to the first of some addresses that takes one. Raises OSError."""
    found = found[:MOST_ADDRESSES]
    problem: OSError = OSError("no address")
    for n, address in enumerate(found):
        left_s = (until_s - time.monotonic()) / (len(found) - n)
        try:
            return socket.create_connection((str(address), port), max(0.1, left_s))
        except OSError as error:
            problem = error
    raise problem


def _exchange(
    connection: http.client.HTTPConnection,
    parts: SplitResult,
    post: Post,
    watch: Watch,
) -> Came:
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"massivesms/{__version__}",
        "Connection": "close",
        **post.headers,
    }
    connection.request("POST", target, post.body, headers)
    answer = connection.getresponse()
    if watch.has_ended:
        raise TimeoutError
    status = answer.status
    if 200 <= status < 300:
        return status, "taken", str(status), None  # whatever it says
    if status == rules.GONE:
        return status, "gone", "", None
    if 300 <= status < 400:
        return status, "redirect", str(status), None
    said = _shown(answer)
    return status, "status", f"{status}{said}", retry_after_s(answer)


def _shown(answer: http.client.HTTPResponse) -> str:
    """The beginning of what a target says to explain itself."""
    try:
        text = answer.read(MOST_ANSWER).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    words = " ".join(text[: SHOWN_ANSWER * 4].split())[:SHOWN_ANSWER]
    return f": {words}" if words else ""


def retry_after_s(answer: http.client.HTTPResponse) -> int | None:
    """Seconds or a date, as 429 and 503 say it; at most our longest wait."""
    said = (answer.getheader("Retry-After") or "").strip()
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return min(int(said), rules.LONGEST_RETRY_S)
    try:
        when = parsedate_to_datetime(said)
        left_s = (when - datetime.now(when.tzinfo or UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0, min(int(left_s), rules.LONGEST_RETRY_S))


def said_of(error: Exception) -> tuple[str, str]:
    """The code and detail of what went wrong on the line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate", error.verify_message
    if isinstance(error, ssl.SSLError):
        return "tls", error.reason or str(error)
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused", ""
    if isinstance(error, http.client.IncompleteRead | ConnectionError):
        return "broken", ""
    if isinstance(error, http.client.HTTPException):
        return "no_http", str(error).strip()[:SHOWN_ANSWER] or type(error).__name__
    if isinstance(error, OSError):
        return "not_reached", error.strerror or str(error)
    return "no_http", str(error)[:SHOWN_ANSWER]
