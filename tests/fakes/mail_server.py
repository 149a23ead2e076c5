"""A real SMTP server (aiosmtpd) on this machine that can also misbehave, and bare
sockets for what no SMTP server would do."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CLOSE, SILENCE = "close", "silence"  # answers that are none
HOST = "127.0.0.1"


class MailServer:
    """Takes mail; `answers` by command (MAIL, RCPT, DATA, AUTH) are said instead."""

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        users: dict[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.host, self.port = HOST, port or free_port()
        self.answers: dict[str, str] = {}
        self.by_recipient: dict[str, str] = {}
        self.received: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0
        self.commands: list[str] = []
        self._users = users
        self._controller = _controller(self, starttls, tls, users)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.received]

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, way: str, data: Any
    ) -> AuthResult:
        """aiosmtpd asks this."""
        self.commands.append(f"AUTH {way}")
        assert isinstance(data, LoginPassword)
        user, password = data.login.decode(), data.password.decode()
        is_right = (self._users or {}).get(user) == password
        return AuthResult(success=is_right, handled=False)

    # --- what aiosmtpd calls ------------------------------------------------

    async def handle_EHLO(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        to: str,
        opts: Any,
    ) -> str:
        said = await self._said(server, "MAIL")
        if said.startswith("2"):
            envelope.mail_from = to
        return said

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        to: str,
        opts: Any,
    ) -> str:
        said = await self._said(server, "RCPT", self.by_recipient.get(to))
        if said.startswith("2"):
            envelope.rcpt_tos.append(to)
        return said

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        said = await self._said(server, "DATA")
        if said.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
            self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        return said

    async def _said(
        self, server: SMTP, command: str, instead: str | None = None
    ) -> str:
        self.commands.append(command)
        answer = instead or self.answers.get(command, "250 OK")
        if answer == SILENCE:
            await asyncio.sleep(3600)
        if answer == CLOSE:
            transport = server.transport
            assert transport is not None
            transport.abort()
            await asyncio.sleep(3600)
        return answer


def _controller(
    server: MailServer,
    starttls: ssl.SSLContext | None,
    tls: ssl.SSLContext | None,
    users: dict[str, str] | None,
) -> Controller:
    return Controller(
        server,
        HOST,
        server.port,
        ssl_context=tls,
        tls_context=starttls,
        authenticator=server.sign_in if users else None,
        auth_required=bool(users),
        auth_require_tls=bool(starttls) or not users,
    )


class Bare:
    """Listens, and does with each connection what `talk` does; then it hangs up."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server((HOST, 0))
        self.host, self.port = self._listening.getsockname()
        self.connections = 0
        self._talk = talk
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):
                made, _ = self._listening.accept()
                if self._ended.is_set():
                    made.close()
                    return
                self.connections += 1
                threading.Thread(target=self._one, args=(made,), daemon=True).start()

    def _one(self, made: socket.socket) -> None:
        with made, suppress(OSError):
            self._talk(made)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        with suppress(OSError), socket.create_connection((self.host, self.port), 1):
            pass
        self._listening.close()
        self._thread.join(5)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def silence(made: socket.socket) -> None:
    """Takes the connection and says nothing."""
    made.settimeout(30)
    while made.recv(1000):
        pass


def dribble(made: socket.socket) -> None:
    """Sends a greeting that never ends, a byte at a time."""
    ended = threading.Event()
    while True:
        made.sendall(b"2")
        ended.wait(0.05)
