"""The modem on a pseudo-terminal, in a thread.

with Modem(Behaviour(noise=True)) as modem:
    ...open modem.path as a serial port...
    modem.wait_for(1)
"""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.pdu import Submitted
from tests.fakes.modem.stick import Stick, Unplugged


class Modem:
    """A stick that is plugged in; `path` changes when it is plugged in again."""

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        taken: Callable[[Submitted], None] | None = None,
    ) -> None:
        self.stick = Stick(behaviour or Behaviour())
        self._taken = taken  # called with each message that the network has
        self.path = ""
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._master = self._slave = -1
        self._wake_read = self._wake_write = -1
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Modem:
        self.plug_in()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.pull_out()

    @property
    def sent(self) -> list[Submitted]:
        """What the network took so far."""
        with self._lock:
            return list(self.stick.sent)

    def plug_in(self) -> None:
        """A new pseudo-terminal, with the same stick behind it."""
        self._wake_read, self._wake_write = os.pipe()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def pull_out(self) -> None:
        """The port goes away under whoever has it open."""
        if self._thread is not None:
            os.write(self._wake_write, b"x")
            self._thread.join(10)
            self._thread = None
            os.close(self._wake_read)
            os.close(self._wake_write)

    def do(self, change: Callable[[Stick], None]) -> None:
        """Lets something happen to the stick, and writes what it says."""
        with self._lock:
            change(self.stick)
            os.write(self._master, self.stick.take_out())

    def wait_for(self, messages: int, timeout_s: float = 10) -> None:
        """Until the network took so many."""
        until_s = time.monotonic() + timeout_s
        with self._changed:
            while len(self.stick.sent) < messages:
                left_s = until_s - time.monotonic()
                assert left_s > 0, f"{len(self.stick.sent)} of {messages} were sent"
                self._changed.wait(left_s)

    def _serve(self) -> None:
        with suppress(Unplugged, OSError):
            while True:
                ready, _, _ = select.select([self._master, self._wake_read], [], [])
                if self._wake_read in ready:
                    os.read(self._wake_read, 1)
                    break
                data = os.read(self._master, 4096)
                if b"\x1a" in data and self.stick.behaviour.take_s:
                    time.sleep(self.stick.behaviour.take_s)
                with self._changed:
                    known = len(self.stick.sent)
                    answer = self.stick.feed(data)
                    new = self.stick.sent[known:]
                    self._changed.notify_all()
                    if answer:
                        os.write(self._master, answer)
                for submitted in new if self._taken else ():
                    self._taken(submitted)
        os.close(self._slave)
        os.close(self._master)
