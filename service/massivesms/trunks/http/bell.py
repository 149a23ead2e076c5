"""The bell by which the threads of requests wake the session that polls.

It hangs only while a session is open: one that never opened leaves nothing behind.
"""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress


class Bell:
    """Rung by any thread, heard by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pair: tuple[socket.socket, socket.socket] | None = None

    def hang(self) -> None:
        """From now on it can be heard."""
        with self._lock:
            if self._pair is None:
                self._pair = socket.socketpair()
                for end in self._pair:
                    end.setblocking(False)

    def ring(self) -> None:
        """Wakes whoever polls; nothing when nobody does any more."""
        with self._lock:
            if self._pair is not None:
                with suppress(BlockingIOError):  # it rings already
                    self._pair[1].send(b".")

    def register(self, poller: select.poll) -> None:
        """Lets a poll() hear it."""
        if self._pair is not None:
            poller.register(self._pair[0], select.POLLIN)

    def hush(self) -> None:
        """It has been heard."""
        if self._pair is not None:
            with suppress(BlockingIOError):
                self._pair[0].recv(4096)

    def close(self) -> None:
        """It can be heard no more."""
        with self._lock:
            if self._pair is not None:
                for end in self._pair:
                    end.close()
                self._pair = None
