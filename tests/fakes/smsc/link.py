"""One TCP connection of a client: framing, session state, ways to end it.

Cuts the stream into PDUs and answers what is the link's own (enquire_link,
unbind, bad lengths, unknown commands). Binds, submissions and deliveries are
handed to the centre.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from tests.fakes.smsc.behaviour import HangUp, Unsolicited
from tests.fakes.smsc.deliveries import Delivery
from tests.fakes.smsc.outgoing import Outgoing
from tests.fakes.smsc.pdu import (
    HEADER,
    HEADER_OCTETS,
    MAX_PDU_OCTETS,
    RESPONSE,
    Command,
    Status,
    pack,
)
from tests.fakes.smsc.record import ClientPdu

if TYPE_CHECKING:
    from tests.fakes.smsc.centre import Centre

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: close() sends RST."""
SUBMIT_SM = int(Command.SUBMIT_SM)
UNKNOWN_COMMAND = 0x00010FFF

UNSOLICITED: dict[Unsolicited, tuple[int, int, bytes]] = {
    "enquire_link": (Command.ENQUIRE_LINK, 0, b""),
    "unknown": (UNKNOWN_COMMAND, 0, b"\0"),
    "alert_notification": (
        Command.ALERT_NOTIFICATION,
        0,
        b"\x01\x01491700000001\0\x01\x0112345\0",
    ),
    "generic_nack": (Command.GENERIC_NACK, Status.INVCMDID, b""),
}
"""Kind -> command_id, command_status, body, of Behaviour.unsolicited."""


class Link(asyncio.Protocol):
    """A link from accept to close. Everything runs in the loop's thread."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._rest = b""
        self._sequence = 0
        self._is_reading = False
        self._is_gone = False
        self._timers: dict[Unsolicited, asyncio.TimerHandle] = {}
        self.system_id = ""
        self.bound_as = ""
        self.is_silent = False
        self.is_unbinding = False
        self.submissions = 0
        self.undelivered: dict[int, Delivery] = {}

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._outgoing = Outgoing(
            self._transport, self._centre.loop, self._centre.behaviour
        )
        self._centre.link_made(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Either side ended it."""
        self._is_gone = True
        self._stop_timers()
        self._centre.link_lost(self)

    def data_received(self, data: bytes) -> None:
        """Any number of PDUs, the last perhaps cut; answered in one write."""
        if self._rest:
            data = self._rest + data
        self._is_reading = True
        position, end = 0, len(data)
        while end - position >= HEADER_OCTETS and not self._is_gone:
            length, command, status, sequence = HEADER.unpack_from(data, position)
            if not HEADER_OCTETS <= length <= MAX_PDU_OCTETS:
                self._refuse_length(ClientPdu(command, status, sequence, data))
                break
            if position + length > end:
                break
            body = data[position + HEADER_OCTETS : position + length]
            if command == SUBMIT_SM:
                self._centre.take_submission(self, sequence, body)
            else:
                self._take(ClientPdu(command, status, sequence, body))
            position += length
        self._rest = data[position:]
        self._is_reading = False
        self._centre.log.announce()
        if not self._is_gone:
            self._outgoing.flush()

    # What the rest of the simulator calls

    @property
    def can_send(self) -> bool:
        """There is a client, and the link is not playing dead."""
        return not self._is_gone and not self.is_silent

    @property
    def receives(self) -> bool:
        """Deliveries may go over this link now."""
        return (
            self.bound_as in ("receiver", "transceiver")
            and self.can_send
            and not self.is_unbinding
        )

    def send(self, data: bytes) -> None:
        """Write, or join with what else this read makes the link say."""
        if not self.can_send:
            return
        self._outgoing.add(data)
        if not self._is_reading:
            self._outgoing.flush()

    def next_sequence(self) -> int:
        """The SMSC's own sequence numbers, per link."""
        self._sequence += 1
        return self._sequence

    def behave(self) -> None:
        """Start afresh under the centre's present Behaviour."""
        behaviour = self._centre.behaviour
        self._outgoing.behaviour = behaviour
        self.submissions = 0
        self.is_silent = False
        self._stop_timers()
        if self.bound_as:
            for kind, every_s in behaviour.unsolicited.items():
                self._repeat(kind, every_s)

    def hang_up(self, how: HangUp) -> None:
        """End the link in one of three ways."""
        endings: dict[HangUp, Callable[[], None]] = {
            "reset": self.reset,
            "close": self.close,
            "unbind": self.unbind,
        }
        endings[how]()

    def reset(self) -> None:
        """RST: what was written before may still arrive, nothing after."""
        self._outgoing.finish()
        self._is_gone = True
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._transport.abort()

    def close(self) -> None:
        """FIN, after everything that was to be written."""
        self._outgoing.finish()
        self._is_gone = True
        self._transport.close()

    def unbind(self) -> None:
        """Ask the client to go; submissions are refused from here on."""
        self.send(pack(Command.UNBIND, 0, self.next_sequence()))
        self.is_unbinding = True

    # PDUs other than submit_sm

    def _take(self, pdu: ClientPdu) -> None:
        if pdu.command in BIND_COMMANDS:
            self._centre.take_bind(self, pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            self.send(pack(Command.ENQUIRE_LINK_RESP, 0, pdu.sequence))
        elif pdu.command == Command.UNBIND:
            self.send(pack(Command.UNBIND_RESP, 0, pdu.sequence))
            if not self.is_silent:
                self.bound_as = ""
                self.close()
        elif pdu.command & RESPONSE:
            self._take_answer(pdu)
        else:
            self._centre.log.refused.append(pdu)
            self.send(pack(Command.GENERIC_NACK, Status.INVCMDID, pdu.sequence))

    def _take_answer(self, pdu: ClientPdu) -> None:
        if pdu.command == Command.DELIVER_SM_RESP:
            self._centre.take_delivered(self, pdu)
            return
        self._centre.log.other_answers.append(pdu)
        if pdu.command == Command.UNBIND_RESP and self.is_unbinding:
            self.close()

    def _refuse_length(self, pdu: ClientPdu) -> None:
        """The stream is out of step and cannot be trusted any further."""
        self._centre.log.refused.append(pdu)
        self.send(pack(Command.GENERIC_NACK, Status.INVCMDLEN, pdu.sequence))
        self.close()

    def _repeat(self, kind: Unsolicited, every_s: float) -> None:
        def speak() -> None:
            command, status, body = UNSOLICITED[kind]
            self.send(pack(command, status, self.next_sequence(), body))
            self._repeat(kind, every_s)

        self._timers[kind] = self._centre.loop.call_later(every_s, speak)

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


BIND_COMMANDS: dict[int, str] = {
    Command.BIND_RECEIVER: "receiver",
    Command.BIND_TRANSMITTER: "transmitter",
    Command.BIND_TRANSCEIVER: "transceiver",
}
"""command_id -> the word for it in Bind.command."""
