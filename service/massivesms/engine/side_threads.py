"""What the service does beside sending, each in a thread of its own.

A thread that has died is started again, but not at once: what killed it once may do
so again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from ..config import Config
from ..domain.settings import Settings
from .board import Board
from .call_record_writer import CallRecordWriter
from .mail_sender import MailSender
from .side_thread import SideThread
from .source_loader import SourceLoader
from .webhook_sender import WebhookSender

AGAIN_S = 10.0
END_WAIT_S = 1.0  # for the batch or the mail at hand, when its server answers


class SideThreads:
    """Keeps those running that are wanted."""

    def __init__(
        self, config: Config, board: Board, owner: str, now: Callable[[], datetime]
    ) -> None:
        self._makers: dict[str, Callable[[], SideThread]] = {
            "call records": lambda: CallRecordWriter(config, board, owner),
            "mail": lambda: MailSender(config, board, owner, now),
            "webhooks": lambda: WebhookSender(config, board, owner),
            "sources": lambda: SourceLoader(config, board, owner, now),
        }
        self._running: dict[str, SideThread] = {}
        self._started_s: dict[str, float] = {}

    def match(self, settings: Settings) -> None:
        """Starts what is wanted and not there."""
        wanted = {
            "call records": settings.write_call_records,
            "mail": True,
            "webhooks": True,
            "sources": True,
        }
        now_s = time.monotonic()
        for name, make in self._makers.items():
            thread = self._running.get(name)
            if not wanted[name] or (thread is not None and thread.is_alive()):
                continue
            if now_s - self._started_s.get(name, -AGAIN_S) >= AGAIN_S:
                self._started_s[name] = now_s
                self._running[name] = make()
                self._running[name].start()

    def end(self) -> None:
        """Tells each to end."""
        for thread in self._running.values():
            thread.end()

    def join(self) -> None:
        """Waits a little for each; none of them holds up the end of the service."""
        until_s = time.monotonic() + END_WAIT_S
        for thread in self._running.values():
            thread.join(max(0.0, until_s - time.monotonic()))
