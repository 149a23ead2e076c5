"""A client for the tests of the SMSC simulator: a blocking socket and struct.

Shares no code with the simulator, so that a mistake in its wire format cannot
cancel itself out. Every read has a time limit; nothing here sleeps.
"""

from __future__ import annotations

import socket
import ssl
import struct
from types import TracebackType
from typing import NamedTuple, Self

from tests.fakes.smsc import Smsc

TIMEOUT_S = 5

GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT_SM, SUBMIT_SM_RESP = 0x04, 0x80000004
DELIVER_SM, DELIVER_SM_RESP = 0x05, 0x80000005
UNBIND, UNBIND_RESP = 0x06, 0x80000006
ENQUIRE_LINK, ENQUIRE_LINK_RESP = 0x15, 0x80000015
ALERT_NOTIFICATION = 0x102


class Pdu(NamedTuple):
    """One PDU off the wire."""

    command: int
    status: int
    sequence: int
    body: bytes


class Delivered(NamedTuple):
    """The fields of a deliver_sm that the tests look at."""

    sender: str
    number: str
    esm_class: int
    data_coding: int
    short_message: bytes
    tlvs: dict[int, bytes]


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """Whole PDU, octet for octet as in SMPP 3.4 §3.2."""
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def tlv(tag: int, value: bytes) -> bytes:
    """One optional parameter."""
    return struct.pack(">HH", tag, len(value)) + value


def submit_body(
    number: str = "34600000001",
    text: bytes = b"hello",
    *,
    sender: str = "Shop",
    esm_class: int = 0,
    data_coding: int = 0,
    registered: int = 0,
    validity: bytes = b"",
    schedule: bytes = b"",
    tlvs: bytes = b"",
) -> bytes:
    """A submit_sm body, octet for octet as in SMPP 3.4 §4.4.1."""
    return b"".join(
        (
            b"\0",
            b"\x05\x00" + sender.encode() + b"\0",
            b"\x01\x01" + number.encode() + b"\0",
            bytes((esm_class, 0, 0)),
            schedule + b"\0" + validity + b"\0",
            bytes((registered, 0, data_coding, 0, len(text))),
            text,
            tlvs,
        )
    )


def parse_delivered(body: bytes) -> Delivered:
    """A deliver_sm body with empty service_type and times."""
    assert body[:1] == b"\0"
    sender, rest = body[3:].split(b"\0", 1)
    number, rest = rest[2:].split(b"\0", 1)
    assert rest[3:5] == b"\0\0"
    end = 10 + rest[9]
    tlvs: dict[int, bytes] = {}
    octets = rest[end:]
    while octets:
        tag, length = struct.unpack(">HH", octets[:4])
        tlvs[tag], octets = octets[4 : 4 + length], octets[4 + length :]
    return Delivered(
        sender.decode(), number.decode(), rest[0], rest[7], rest[10:end], tlvs
    )


class BareEsme:
    """One connection; bound as a transceiver unless told otherwise."""

    def __init__(
        self,
        smsc: Smsc,
        *,
        bind: int | None = BIND_TRANSCEIVER,
        system_id: str = "tester",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.sock: socket.socket = socket.create_connection(
            (smsc.host, smsc.port), TIMEOUT_S
        )
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.sequence = 0
        self._rest = b""
        if bind:
            self.send(bind, self.bind_body(system_id))
            answer = self.read()
            assert (answer.command, answer.status) == (bind | 0x80000000, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sock.close()

    @staticmethod
    def bind_body(system_id: str = "tester", password: str = "secret") -> bytes:
        """SMPP 3.4 §4.1.1."""
        names = f"{system_id}\0{password}\0bulk\0".encode()
        return names + b"\x34\x00\x00\x00"

    def send(self, command: int, body: bytes = b"", status: int = 0) -> int:
        """Write one PDU with the next sequence number, which is returned."""
        self.sequence += 1
        self.sock.sendall(pdu(command, self.sequence, body, status))
        return self.sequence

    def submit(self, number: str = "34600000001", text: bytes = b"hello") -> int:
        """Submit a plain message that asks for a receipt."""
        return self.send(SUBMIT_SM, submit_body(number, text, registered=1))

    def read(self) -> Pdu:
        """The next PDU; raises EOFError or ConnectionResetError."""
        while True:
            if len(self._rest) >= 16:
                header = struct.unpack(">IIII", self._rest[:16])
                length, command, status, sequence = header
                if len(self._rest) >= length:
                    body, self._rest = self._rest[16:length], self._rest[length:]
                    return Pdu(command, status, sequence, body)
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self._rest += data

    def read_many(self, count: int) -> list[Pdu]:
        """The next PDUs, in the order of arrival."""
        return [self.read() for _ in range(count)]

    def read_delivered(self, status: int | None = 0) -> Delivered:
        """The next PDU, which must be a deliver_sm; answered unless status is None."""
        arrived = self.read()
        assert arrived.command == DELIVER_SM, arrived
        if status is not None:
            answer = pdu(DELIVER_SM_RESP, arrived.sequence, b"\0", status)
            self.sock.sendall(answer)
        return parse_delivered(arrived.body)

    def ask(self, command: int, body: bytes = b"") -> Pdu:
        """Send and read the next PDU, which must answer it."""
        sequence = self.send(command, body)
        answer = self.read()
        assert answer.sequence == sequence, answer
        return answer

    def assert_nothing_is_before_an_enquiry(self) -> None:
        """What the simulator had to say before now, it did not say."""
        assert self.ask(ENQUIRE_LINK).command == ENQUIRE_LINK_RESP
