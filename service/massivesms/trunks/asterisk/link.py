"""One socket around one Session: connecting, writing, reading, waiting.

Decides nothing. When the connection goes away the session ends and says so.
"""

from __future__ import annotations

import select
import socket
import time

from ..base import TrunkUnavailable
from ..polling import poll_precisely
from .events import SessionEvent
from .session import Access, Headers, Session

CONNECT_S = 10.0
DEAD_PEER_MS = 30_000  # TCP_USER_TIMEOUT: unacknowledged octets for so long = gone
READ_OCTETS = 64 * 1024
RETRY_S = 10.0


def connect(host: str, port: int) -> socket.socket:
    """A non-blocking socket to Asterisk. Raises TrunkUnavailable."""
    host = host.strip("[]")
    server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        made = socket.create_connection((host, port), CONNECT_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
    except (socket.gaierror, UnicodeError) as error:
        raise TrunkUnavailable("host_unknown", host, wait_s=RETRY_S) from error
    except TimeoutError as error:
        raise TrunkUnavailable("connection_timeout", server, wait_s=RETRY_S) from error
    except ConnectionRefusedError as error:
        raise TrunkUnavailable("connection_refused", server, wait_s=RETRY_S) from error
    except OSError as error:
        detail = f"{server}: {error.strerror or error}"
        raise TrunkUnavailable("connection_failed", detail, wait_s=RETRY_S) from error
    made.setblocking(False)
    return made


class Link:
    """A connection and the talk over it."""

    def __init__(self, made: socket.socket, access: Access) -> None:
        self._socket = made
        self.session = Session(access, time.monotonic())
        self._kept: list[SessionEvent] = []  # came while something was written

    def ask(self, action: str, headers: Headers = (), *, is_list: bool = False) -> int:
        """Asks at once; the action's key. Raises Unwritable."""
        key = self.session.ask(action, headers, time.monotonic(), is_list=is_list)
        self._kept += self._flush()
        return key

    def pump(self, timeout_s: float, wake_fd: int) -> tuple[list[SessionEvent], bool]:
        """What happened within timeout_s, and whether wake_fd became readable."""
        events, self._kept = self._kept + self._flush(), []
        if events:
            return events, False
        poller = select.poll()
        if not self.session.is_over:
            flags = select.POLLIN | (select.POLLOUT if self.session.output else 0)
            poller.register(self._socket, flags)
        if wake_fd >= 0:
            poller.register(wake_fd, select.POLLIN)
        wait_s = min(timeout_s, self.session.due_s - time.monotonic())
        found = {fd for fd, _ in poll_precisely(poller, wait_s)}
        if found - {wake_fd}:
            events += self._read()
        events += self.session.check(time.monotonic())
        events += self._flush()
        return events, wake_fd in found

    def end(self) -> list[SessionEvent]:
        """Says goodbye, if that is possible at once, and closes."""
        if not self.session.is_over:
            self.ask("Logoff")
        events = self._kept + self._flush() + self.session.lost("asterisk_closed")
        self._kept = []
        self._socket.close()
        return events

    def _read(self) -> list[SessionEvent]:
        try:
            data = self._socket.recv(READ_OCTETS)
        except BlockingIOError:
            return []
        except OSError as error:
            return self.session.lost("asterisk_closed", error.strerror or str(error))
        return self.session.receive(data, time.monotonic())

    def _flush(self) -> list[SessionEvent]:
        while (output := self.session.output) and not self.session.is_over:
            try:
                self.session.wrote(self._socket.send(output))
            except BlockingIOError:
                return []
            except OSError as error:
                detail = error.strerror or str(error)
                return self.session.lost("asterisk_closed", detail)
        return []
