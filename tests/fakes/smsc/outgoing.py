"""The bytes that leave one link: joined, cut in pieces, or held for a while.

TCP promises a stream, not PDUs; this room makes the stream as unkind as it may
legally be. Knows nothing of PDUs but that they come whole and in order.
"""

from __future__ import annotations

import asyncio
from collections import deque

from tests.fakes.smsc.behaviour import Behaviour


class Outgoing:
    """The unsent bytes of one link. `behaviour` may be replaced at any time."""

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        behaviour: Behaviour,
    ) -> None:
        self.behaviour = behaviour
        self._transport = transport
        self._loop = loop
        self._unsent: list[bytes] = []
        self._pieces: deque[bytes] = deque()
        self._is_cutting = False
        self._timer: asyncio.TimerHandle | None = None

    def add(self, data: bytes) -> None:
        """Take bytes that flush() will send."""
        self._unsent.append(data)

    def flush(self) -> None:
        """Send what was added, now or when the glue time is over."""
        if not self._unsent or self._timer:
            return
        if self.behaviour.glue_s > 0:
            self._timer = self._loop.call_later(self.behaviour.glue_s, self._glued)
        else:
            self._write()

    def finish(self) -> None:
        """Send everything at once: the link is about to be closed."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        data = b"".join((*self._pieces, *self._unsent))
        self._pieces.clear()
        self._unsent.clear()
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _glued(self) -> None:
        self._timer = None
        self._write()

    def _write(self) -> None:
        data = b"".join(self._unsent)
        self._unsent.clear()
        size = self.behaviour.split_bytes
        if not size and not self._is_cutting:
            self._transport.write(data)
            return
        size = size or len(data)
        self._pieces.extend(data[at : at + size] for at in range(0, len(data), size))
        if not self._is_cutting:
            self._write_piece()

    def _write_piece(self) -> None:
        """One piece a turn: the gap keeps the kernel from joining them again."""
        self._is_cutting = bool(self._pieces) and not self._transport.is_closing()
        if self._is_cutting:
            self._transport.write(self._pieces.popleft())
            self._loop.call_later(self.behaviour.split_gap_s, self._write_piece)
