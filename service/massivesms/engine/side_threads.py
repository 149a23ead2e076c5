"""Threads of the service beside the sending: each does one thing with a far end.

A new one is added to `_kinds`: what it is, and when it is wanted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from ..config import Config
from ..domain.settings import Settings
from .board import Board
from .call_record_writer import CallRecordWriter
from .webhook_sender import WebhookSender

WAIT_S = 1.0  # for the batches at hand, when their far ends answer


class SideThread(Protocol):
    """What the dispatcher asks of one."""

    def start(self) -> None:
        """Begins."""

    def is_alive(self) -> bool:
        """Whether it still works."""

    def end(self) -> None:
        """Ends after what it has at hand. Returns at once."""

    def join(self, timeout: float | None = None) -> None:
        """Waits for its end."""


class SideThreads:
    """Starts those that are wanted, and ends them all."""

    def __init__(self, config: Config, board: Board, owner: str) -> None:
        self._kinds: list[
            tuple[Callable[[Settings], bool], Callable[[], SideThread]]
        ] = [
            (
                lambda settings: settings.write_call_records,
                lambda: CallRecordWriter(config, board, owner),
            ),
            (lambda settings: True, lambda: WebhookSender(config, board, owner)),
        ]
        self._running: dict[int, SideThread] = {}

    def match(self, settings: Settings) -> None:
        """Starts what is wanted and does not run."""
        for n, (is_wanted, make) in enumerate(self._kinds):
            running = self._running.get(n)
            if is_wanted(settings) and not (running and running.is_alive()):
                self._running[n] = thread = make()
                thread.start()

    def end(self) -> None:
        """Tells all of them to end."""
        for thread in self._running.values():
            thread.end()

    def join(self) -> None:
        """Waits a little for what they have at hand."""
        until_s = time.monotonic() + WAIT_S
        for thread in self._running.values():
            thread.join(max(0.0, until_s - time.monotonic()))
