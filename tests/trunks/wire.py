"""Bytes of the SMSC's side for the tests of the session, made by struct alone."""

from __future__ import annotations

import struct

SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK, UNBIND = 0x04, 0x05, 0x15, 0x06
BIND_TRANSCEIVER, DATA_SM, ALERT_NOTIFICATION = 0x09, 0x103, 0x102
GENERIC_NACK, RESPONSE = 0x80000000, 0x80000000


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """One PDU (SMPP 3.4 §3.2)."""
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def answer(sequence: int, message_id: str = "id", status: int = 0) -> bytes:
    """A submit_sm_resp (§4.4.2)."""
    body = b"" if status else message_id.encode() + b"\0"
    return pdu(SUBMIT_SM | RESPONSE, sequence, body, status)


def deliver(sequence: int, text: bytes, esm_class: int = 4, tlvs: bytes = b"") -> bytes:
    """A deliver_sm (§4.6.1)."""
    body = b"\0" + b"\1\1" + b"34600111222\0" + b"\1\1" + b"5000\0"
    body += bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, 0, 0, len(text))) + text
    return pdu(DELIVER_SM, sequence, body + tlvs)


def tlv(tag: int, value: bytes) -> bytes:
    """An optional field (§3.2.4)."""
    return struct.pack(">HH", tag, len(value)) + value


def pdus(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """(command, status, sequence, body) of whole PDUs."""
    found = []
    while data:
        length, command, status, sequence = struct.unpack_from(">IIII", data)
        found.append((command, status, sequence, bytes(data[16:length])))
        data = data[length:]
    return found
