"""One socket around one Session: writing, reading, waiting for either.

Owns the octets between the session and the kernel. Failures of the link become
the session's own end (Over); what they mean is in session and trunk.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Sequence
from typing import NamedTuple

from ..polling import poll_precisely
from .events import SessionEvent, State
from .session import Session

READ_OCTETS = 256 * 1024


class Link:
    """A connection to the SMSC."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._socket: socket.socket | None = None
        self._blocked_on = 0  # poll flags that a write waits for; 0 = not blocked

    @property
    def is_connected(self) -> bool:
        """Whether there is a socket."""
        return self._socket is not None

    def attach(self, made: socket.socket) -> None:
        """Takes a connected, non-blocking socket."""
        self._socket = made
        self._blocked_on = 0

    def disconnect(self) -> None:
        """Closes the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def fileno(self) -> int:
        """The socket's, or -1."""
        return -1 if self._socket is None else self._socket.fileno()

    @property
    def has_more(self) -> bool:
        """Whether TLS holds octets that poll() does not see."""
        return (
            isinstance(self._socket, ssl.SSLSocket)
            and self.session.can_read
            and self._socket.pending() > 0
        )

    @property
    def poll_flags(self) -> int:
        """What to wait for."""
        reading = select.POLLIN if self.session.can_read else 0
        return reading | (self._blocked_on if self.session.output else 0)

    def flush(self, now_s: float) -> list[SessionEvent]:
        """Writes what the socket takes, and fills the window as it empties.

        After the session's end only what goes out at once is still said: what TLS
        holds back may be a submission that was given back.
        """
        output = self.session.output
        if self._blocked_on and self.session.state is State.CLOSED:
            return []
        while self._socket is not None and (output or self.session.fill(now_s)):
            try:
                del output[: self._socket.send(output)]
                self._blocked_on = 0
            except ssl.SSLWantReadError:
                self._blocked_on = select.POLLIN
                break
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._blocked_on = select.POLLOUT
                break
            except OSError as error:
                return self.session.lost("link_lost", error.strerror or str(error))
        return []

    def read(self, now_s: float) -> list[SessionEvent]:
        """Reads what is there, unless the peer takes no answers."""
        if self._socket is None or not self.session.can_read:
            return []
        try:
            data = self._socket.recv(READ_OCTETS)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return []
        except OSError as error:
            return self.session.lost("link_lost", error.strerror or str(error))
        return self.session.receive(data, now_s)


class Ready(NamedTuple):
    """What a wait ended with."""

    links: list[Link]  # something to read, or to write
    is_woken: bool  # the other end of wake_fd wants us


def wait(links: Sequence[Link], timeout_s: float, wake_fd: int) -> Ready:
    """Waits for any link, a timer of its session, wake_fd, or the time-out."""
    now_s = time.monotonic()
    poller = select.poll()
    by_fd: dict[int, Link] = {}
    for link in links:
        if link.is_connected:
            by_fd[link.fileno()] = link
            poller.register(link.fileno(), link.poll_flags)
        due_s = 0.0 if link.has_more else link.session.next_tick_s(now_s)
        timeout_s = min(timeout_s, due_s)
    if wake_fd >= 0:
        poller.register(wake_fd, select.POLLIN)
    found = poll_precisely(poller, timeout_s)
    ready = [by_fd[fd] for fd, _ in found if fd in by_fd]
    ready += [link for link in links if link.has_more and link not in ready]
    return Ready(ready, any(fd == wake_fd for fd, _ in found))
