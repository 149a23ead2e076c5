"""What the SMSC has for its clients: receipts and incoming messages.

Keeps each until a client acknowledged it, as a real SMSC does: while nobody
receives, when the link goes down before the deliver_sm_resp, and after a
temporary error. So a client may well see a delivery twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.smsc.pdu import Command, Status, pack

if TYPE_CHECKING:
    from tests.fakes.smsc.link import Link

TEMPORARY = (Status.SYSERR, Status.MSGQFUL, Status.THROTTLED, Status.RX_T_APPN)
"""Statuses of a deliver_sm_resp after which the SMSC tries again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One deliver_sm body for one account; an empty system_id is any account."""

    system_id: str
    body: bytes


class Deliveries:
    """Queues per account, emptied over every link that receives."""

    def __init__(self, loop: asyncio.AbstractEventLoop, links: list[Link]) -> None:
        self.window_pdus = 100
        self.redeliver_s = 1.0
        self._loop = loop
        self._links = links
        self._queues: dict[str, deque[Delivery]] = {}

    @property
    def waiting(self) -> int:
        """Deliveries that are on no link."""
        return sum(map(len, self._queues.values()))

    def post(self, delivery: Delivery) -> None:
        """Deliver as soon as a link can take it."""
        self._queues.setdefault(delivery.system_id, deque()).append(delivery)
        self._pump(delivery.system_id)

    def pump_all(self) -> None:
        """A link was bound, or may speak again."""
        for system_id in list(self._queues):
            self._pump(system_id)

    def answered(self, link: Link, sequence: int, status: int) -> None:
        """A deliver_sm_resp: done, or to be tried again later."""
        delivery = link.undelivered.pop(sequence, None)
        if delivery and status in TEMPORARY:
            self._loop.call_later(self.redeliver_s, self.post, delivery)
        self.pump_all()

    def link_lost(self, link: Link) -> None:
        """What the link left unacknowledged goes back to the head of its queue."""
        for delivery in reversed(link.undelivered.values()):
            queue = self._queues.setdefault(delivery.system_id, deque())
            queue.appendleft(delivery)
        link.undelivered.clear()
        self.pump_all()

    def _pump(self, system_id: str) -> None:
        queue = self._queues[system_id]
        while queue:
            link = self._receiver(system_id)
            if link is None:
                return
            delivery = queue.popleft()
            sequence = link.next_sequence()
            link.undelivered[sequence] = delivery
            link.send(pack(Command.DELIVER_SM, 0, sequence, delivery.body))

    def _receiver(self, system_id: str) -> Link | None:
        """The link of the account with most room in its window."""
        able = [
            link
            for link in self._links
            if link.receives
            and system_id in ("", link.system_id)
            and len(link.undelivered) < self.window_pdus
        ]
        return min(able, key=lambda link: len(link.undelivered), default=None)
