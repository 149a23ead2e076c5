"""Owns a webhook's target: a real HTTP server that keeps what it got and can misbehave.

It knows nothing of our code: what it answers is written here byte by byte.
"""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

Answer = bytes | Callable[[socket.socket, threading.Event], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(line: str, *headers: str, body: str = "") -> bytes:
    """An answer with a status such as "503 Service Unavailable"."""
    head = [f"HTTP/1.1 {line}", *headers, f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def hang(line: socket.socket, ending: threading.Event) -> None:
    """Takes the request and says nothing."""
    ending.wait(60)


def drip(line: socket.socket, ending: threading.Event) -> None:
    """An answer of one byte after the other, each in time, and never whole."""
    while not ending.wait(0.05):
        line.sendall(b"H")


def drip_head(line: socket.socket, ending: threading.Event) -> None:
    """A head that never ends."""
    line.sendall(b"HTTP/1.1 500 Error\r\n")
    while not ending.wait(0.02):
        line.sendall(b"X-A: b\r\n")


def flood(line: socket.socket, ending: threading.Event) -> None:
    """A body without an end."""
    line.sendall(b"HTTP/1.1 500 Error\r\n\r\n")
    while not ending.is_set():
        line.sendall(b"x" * 65536)


def cut(line: socket.socket, ending: threading.Event) -> None:
    """Takes the request and closes."""


@dataclass
class Got:
    """One request as it came."""

    line: str
    headers: dict[str, str]  # names in small letters
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The JSON of its body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Target:
    """The server. `answers` are given one after the other, the last one for ever."""

    answers: list[Answer] = field(default_factory=lambda: [OK])
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.got: list[Got] = []
        self._ending = threading.Event()
        self._lock = threading.Lock()
        target = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                target.serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that has gone is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of all requests that were answered well or not."""
        return [event for got in list(self.got) for event in got.told["events"]]

    def answer_to(self, got: Got) -> Answer:
        """What a request is answered; one at a time."""
        answer = self.answers[0]
        if len(self.answers) > 1:
            del self.answers[0]
        return answer

    def serve(self, raw: socket.socket) -> None:
        """One connection."""
        line = self.tls.wrap_socket(raw, server_side=True) if self.tls else raw
        with line, line.makefile("rb") as stream:
            first = stream.readline().decode().strip()
            if not first:
                return  # somebody who only looked whether anybody is there
            headers = {}
            while (row := stream.readline().decode().strip()) != "":
                name, _, value = row.partition(":")
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0)))
            with self._lock:
                got = Got(first, headers, body)
                self.got.append(got)
                answer = self.answer_to(got)
            if isinstance(answer, bytes):
                line.sendall(answer)
            else:
                answer(line, self._ending)

    def __enter__(self) -> Self:
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()
