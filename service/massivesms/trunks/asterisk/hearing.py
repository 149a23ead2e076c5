"""Receipts and messages that come over AMI, until the engine has stored them.

Asterisk tells each once and waits for no answer. So what the database could not take
is kept here and told again; it is lost only when the session ends before that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..base import Came, InboundCame, ReceiptCame
from . import messages
from .messages import Report
from .packets import Packet

AGAIN_S = 5.0  # until what was not stored is told again
#: A driver tells each message in lines and then in Base64; that one is faithful.
PLAIN_S = 1.0


class Hearing:
    """What came and waits."""

    def __init__(self, driver: str, devices: Sequence[str], trunk_id: int) -> None:
        self._prefix = messages.ACTIONS.get(driver, "")
        self._devices = frozenset(filter(None, devices))
        self._trunk_id = trunk_id
        self._reference = 0
        self._told: dict[int, Came] = {}
        self._again: list[tuple[float, Came]] = []
        self._plain: dict[str, tuple[float, Packet]] = {}  # by the modem

    @property
    def due_s(self) -> float:
        """The moment at which due() has something."""
        moments = [at_s for at_s, _ in (*self._again, *self._plain.values())]
        return min(moments, default=math.inf)

    def receipt(self, report: Report) -> ReceiptCame:
        """The receipt that a report is."""
        came = messages.receipt(report, self._next())
        self._told[came.reference] = came
        return came

    def message(self, packet: Packet, now_s: float) -> list[InboundCame]:
        """What an event tells: messages to modems of this trunk, from people."""
        device = packet.get("Device")
        if not self._prefix or device not in self._devices:
            return []
        if packet.event == f"{self._prefix}NewSMSBase64":
            earlier = self._plain.pop(device, None)
            is_same = earlier and earlier[1].get("From") == packet.get("From")
            other = [earlier[1]] if earlier and not is_same else []
            return [self._inbound(one) for one in (*other, packet)]
        if packet.event == f"{self._prefix}NewSMS":
            earlier = self._plain.pop(device, None)
            self._plain[device] = (now_s + PLAIN_S, packet)
            return [self._inbound(earlier[1])] if earlier else []
        return []

    def due(self, now_s: float) -> list[Came]:
        """What is to be told now, without anything new from Asterisk."""
        ready: list[Came] = []
        for device, (at_s, packet) in list(self._plain.items()):
            if at_s <= now_s:
                del self._plain[device]
                ready.append(self._inbound(packet))
        for one in [pair for pair in self._again if pair[0] <= now_s]:
            self._again.remove(one)
            self._told[one[1].reference] = one[1]
            ready.append(one[1])
        return ready

    def answered(self, came: Came, stored: bool, now_s: float) -> None:
        """The engine has stored it, or could not."""
        kept = self._told.pop(came.reference, None)
        if kept is not None and not stored:
            self._again.append((now_s + AGAIN_S, kept))

    def _inbound(self, packet: Packet) -> InboundCame:
        came = messages.incoming(packet, self._next())
        self._told[came.reference] = came
        return came

    def _next(self) -> int:
        self._reference += 1
        return self._reference
