"""One request over HTTP and what came back, with what it means that nothing did.

Connecting is as careful as for webhooks: only addresses that may be reached, no
redirects, certificates checked, cut at the deadline. What fails before the first byte
of a request leaves us means *not sent*; what fails after it means *in doubt*.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.client import UNAUTHORIZED
from urllib.parse import SplitResult, urlsplit

from ... import __version__
from ...domain.http_reasons import result_code
from ...domain.inert_text import inert
from ...domain.outcomes import Deferred, InDoubt, TrunkDown
from ...domain.own_hosts import Address, OwnHosts
from ...webhooks import addresses
from ...webhooks.addresses import Resolver
from ...webhooks.posting import (
    MOST_ANSWER,
    Watch,
    connection_to,
    retry_after_s,
    said_of,
)
from .answer import Answer
from .digest import Challenge, Challenges
from .request import Access, Request

DIGEST_TRIES = 3  # a 401 is never "taken"
STALE_WAIT_S = 1  # the server forgets its challenges faster than we answer
LINE_ERRORS = (OSError, http.client.HTTPException, ValueError)
#: What said_of tells of a line that was never there -> our result codes.
_NOT_REACHED = {
    "connection_refused": "connection_refused",
    "certificate": "tls_certificate",
    "tls": "tls_failed",
}


Came = Answer | TrunkDown | InDoubt | Deferred


@dataclass(frozen=True, slots=True)
class Line:
    """How a provider is reached."""

    own: Callable[[], OwnHosts]
    timeout_s: float
    resolver: Resolver = addresses.resolve
    challenges: Challenges = field(default_factory=Challenges)

    def reach(self, url: str) -> TrunkDown | None:
        """Connects and asks nothing; why that is impossible."""
        found = self._with_connection(url, lambda connection, parts: None)
        return found if isinstance(found, TrunkDown) else None

    def ask(self, request: Request, access: Access, most: int = MOST_ANSWER) -> Came:
        """Asks once; with Digest again, when a new challenge has said no.

        Each time the challenge of this very request is answered, not one that another
        request was given meanwhile. `most` octets of the answer are read.
        """
        if access.auth != "digest":
            return self._ask(_Asking(request, most))
        server = urlsplit(request.url).netloc
        challenge, is_new = self.challenges.last(server), False
        for _ in range(DIGEST_TRIES):
            asks = _Asking(self._signed(request, access, challenge), most)
            found = self._ask(asks)
            if not isinstance(found, Answer) or found.status != UNAUTHORIZED:
                return found
            challenge = self.challenges.learn(server, asks.challenge)
            if challenge is None or (is_new and not challenge.is_stale):
                return found
            is_new = True
        return Deferred(STALE_WAIT_S, result_code("busy"), f"{UNAUTHORIZED:d}")

    def _ask(self, asks: _Asking) -> Answer | TrunkDown | InDoubt:
        found = self._with_connection(asks.request.url, asks)
        return found or InDoubt("http_no_answer")

    def _signed(
        self, request: Request, access: Access, challenge: Challenge | None
    ) -> Request:
        """The request with the answer to the challenge, once there was one."""
        if challenge is None:
            return request
        target = _target(urlsplit(request.url))
        said = self.challenges.answer(challenge, access, request.method, target)
        return replace(request, headers={**request.headers, "Authorization": said})

    def _with_connection(
        self, url: str, use: Use
    ) -> Answer | TrunkDown | InDoubt | None:
        until_s = time.monotonic() + self.timeout_s
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = addresses.allowed(host, port, self.own(), self.resolver)
        except addresses.Forbidden:
            return TrunkDown("http_host_forbidden", host)
        except addresses.Unknown:
            return TrunkDown("host_unknown", host)
        watch = Watch()
        with watch.until(until_s):
            connection = _connect(parts, (host, port), found, watch, until_s)
            if isinstance(connection, TrunkDown):
                return connection
            try:
                return use(connection, parts)
            except LINE_ERRORS as error:
                return _unanswered(error, watch, self.timeout_s)
            finally:
                connection.close()


Use = Callable[[http.client.HTTPConnection, SplitResult], Answer | None]


class _Asking:
    """One request on a connection; keeps the challenge that came."""

    def __init__(self, request: Request, most: int) -> None:
        self.request = request
        self._most = most
        self.challenge = ""

    def __call__(
        self, connection: http.client.HTTPConnection, parts: SplitResult
    ) -> Answer:
        request = self.request
        headers = {
            "User-Agent": f"massivesms/{__version__}",
            "Accept": "application/json, text/plain, */*",
            "Connection": "close",
            **request.headers,
        }
        octets = {name: value.encode() for name, value in headers.items()}
        connection.request(request.method, _target(parts), request.body, octets)
        answer = connection.getresponse()
        self.challenge = answer.getheader("WWW-Authenticate") or ""
        return Answer(answer.status, _body(answer, self._most), retry_after_s(answer))


def _connect(
    parts: SplitResult,
    server: tuple[str, int],
    found: list[Address],
    watch: Watch,
    until_s: float,
) -> http.client.HTTPConnection | TrunkDown:
    """A connection; nothing of a message has left us before there is one."""
    host, port = server
    try:
        return connection_to(parts, host, port, found, watch, until_s)
    except LINE_ERRORS as error:
        if watch.has_ended or isinstance(error, TimeoutError):
            return TrunkDown("connection_timeout", host)
        said, detail = said_of(error)
        code = _NOT_REACHED.get(said, "connection_failed")
        shown = inert(detail)[:160] or f"{host}:{port}"
        return TrunkDown(code, shown)


def _unanswered(error: Exception, watch: Watch, timeout_s: float) -> InDoubt:
    """The request left us, or may have, and no answer came."""
    if watch.has_ended or isinstance(error, TimeoutError):
        return InDoubt("http_no_answer", f"{timeout_s:g} s")
    said, detail = said_of(error)
    shown = inert(detail)[:160]
    if said == "no_http":
        return InDoubt("http_unreadable", shown)
    return InDoubt("http_no_answer", shown)


def _body(answer: http.client.HTTPResponse, most: int) -> bytes:
    """The beginning of a body; a cut one is nothing: the status says what it says."""
    try:
        return answer.read(most)
    except LINE_ERRORS:
        return b""


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
