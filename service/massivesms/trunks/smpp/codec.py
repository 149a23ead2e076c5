"""SMPP 3.4 PDUs as bytes: building what we send, reading what comes.

No socket, no time, no state. smpplib gives the constants and the small PDUs; a
submit_sm and a bind are built here, because smpplib cuts long passwords in
silence and takes 60 µs for each submit_sm (a test holds both against smpplib
byte for byte). Reading never raises on odd input: what cannot be read is None.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from smpplib import consts
from smpplib.command_codes import get_command_code

HEADER = struct.Struct(">IIII")  # command_length, command_id, status, sequence
HEADER_OCTETS = HEADER.size
MAX_PDU_OCTETS = 64 * 1024

RESPONSE = 0x80000000
GENERIC_NACK = get_command_code("generic_nack")
BIND_RECEIVER = get_command_code("bind_receiver")
BIND_TRANSMITTER = get_command_code("bind_transmitter")
BIND_TRANSCEIVER = get_command_code("bind_transceiver")
SUBMIT_SM = get_command_code("submit_sm")
SUBMIT_SM_RESP = get_command_code("submit_sm_resp")
DELIVER_SM = get_command_code("deliver_sm")
DELIVER_SM_RESP = get_command_code("deliver_sm_resp")
DATA_SM = 0x103
ALERT_NOTIFICATION = get_command_code("alert_notification")
UNBIND = get_command_code("unbind")
UNBIND_RESP = get_command_code("unbind_resp")
ENQUIRE_LINK = get_command_code("enquire_link")
ENQUIRE_LINK_RESP = get_command_code("enquire_link_resp")

BIND_ANSWERS = frozenset(
    get_command_code(f"bind_{mode}") | RESPONSE
    for mode in ("transmitter", "receiver", "transceiver")
)

INTERFACE_VERSION = consts.SMPP_VERSION_34
ESM_UDHI = 0x40
MAX_MESSAGE_ID = 65
SAR_MSG_REF_NUM, SAR_TOTAL_SEGMENTS, SAR_SEGMENT_SEQNUM = 0x020C, 0x020E, 0x020F
RECEIPTED_MESSAGE_ID, MESSAGE_STATE = 0x001E, 0x0427
NETWORK_ERROR_CODE, MESSAGE_PAYLOAD = 0x0423, 0x0424


#: command, status, sequence, body: a plain tuple, for there are very many.
Frame = tuple[int, int, int, bytes]


class Pdu(NamedTuple):
    """A Frame with names."""

    command: int
    status: int
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """A deliver_sm or data_sm, as far as it could be read."""

    source: str
    destination: str
    esm_class: int
    data_coding: int
    short_message: bytes
    tlvs: dict[int, bytes] = field(default_factory=dict)
    source_ton: int = 0


class Frames(NamedTuple):
    """Whole PDUs from the front of a stream.

    `taken` octets of it are used up; `fault` says why nothing more can be read.
    """

    found: list[Frame]
    taken: int
    fault: str = ""


def read_frames(stream: bytes) -> Frames:
    """The whole PDUs at the front of a stream, up to an impossible length."""
    found: list[Frame] = []
    at, end = 0, len(stream)
    while end - at >= HEADER_OCTETS:
        length, command, status, sequence = HEADER.unpack_from(stream, at)
        if not HEADER_OCTETS <= length <= MAX_PDU_OCTETS:
            return Frames(found, at, f"command_length {length}")
        until = at + length
        if until > end:
            break
        found.append((command, status, sequence, stream[at + HEADER_OCTETS : until]))
        at = until
    return Frames(found, at)


def encode(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A PDU of a ready body."""
    return HEADER.pack(HEADER_OCTETS + len(body), command, status, sequence) + body


def bind_body(
    system_id: str, password: str, system_type: str, address_range: str = ""
) -> bytes:
    """The body of a bind (SMPP 3.4 §4.1.1), nothing cut."""
    strings = b"".join(
        text.encode("latin-1", "replace") + b"\0"
        for text in (system_id, password, system_type)
    )
    # addr_ton, addr_npi: any
    last = address_range.encode("latin-1", "replace") + b"\0"
    return strings + bytes((INTERFACE_VERSION, 0, 0)) + last


class Address(NamedTuple):
    """An address with its type and numbering plan (§5.2.5, §5.2.6)."""

    ton: int
    npi: int
    digits: str


class Fixed(NamedTuple):
    """The fields of a submit_sm (§4.4.1) that a trunk sets once for all."""

    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    validity_period: str = ""
    registered_delivery: int = 0


def submit_head(fixed: Fixed, source: Address, dest_ton: int, dest_npi: int) -> bytes:
    """The start of a submit_sm's body, up to the destination's digits."""
    return b"".join(
        (
            fixed.service_type.encode("latin-1", "replace") + b"\0",
            bytes((source.ton, source.npi)),
            source.digits.encode("latin-1") + b"\0",
            bytes((dest_ton, dest_npi)),
        )
    )


def submit_middle(fixed: Fixed, esm_class: int, data_coding: int) -> bytes:
    """What stands between the destination's digits and the text."""
    return b"".join(
        (
            b"\0",
            bytes((esm_class, fixed.protocol_id, fixed.priority_flag)),
            b"\0",  # schedule_delivery_time: at once
            fixed.validity_period.encode("ascii") + b"\0",
            bytes((fixed.registered_delivery, 0, data_coding, 0)),
        )
    )


def submit_tail(middle: bytes, short_message: bytes, tlvs: bytes = b"") -> bytes:
    """The rest of the body; short_message at most 254 octets."""
    return middle + bytes((len(short_message),)) + short_message + tlvs


def tlv(tag: int, value: bytes) -> bytes:
    """An optional field (§3.2.4)."""
    return struct.pack(">HH", tag, len(value)) + value


def read_cstring(body: bytes, at: int = 0) -> tuple[str, int]:
    """A C-octet string and where it ends; one without its NUL ends with the body."""
    end = body.find(b"\0", at)
    if end < 0:
        return body[at:].decode("latin-1"), len(body)
    return body[at:end].decode("latin-1"), end + 1


def read_message_id(body: bytes) -> str:
    """The message_id of a submit_sm_resp, as it came; '' when there is none."""
    text = body.partition(b"\0")[0].decode("latin-1")
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable())
    return text[:MAX_MESSAGE_ID]


def read_deliver(pdu: Pdu) -> Deliver | None:
    """The fields of a deliver_sm (§4.6.1) or data_sm (§4.7.1); None if unreadable."""
    body = pdu.body
    try:
        _, at = read_cstring(body)
        source_ton = body[at]
        source, at = read_cstring(body, at + 2)
        destination, at = read_cstring(body, at + 2)
        esm_class = body[at]
        if pdu.command == DATA_SM:
            data_coding, short_message, at = body[at + 2], b"", at + 3
        else:
            _, at = read_cstring(body, at + 3)  # schedule_delivery_time
            _, at = read_cstring(body, at)  # validity_period
            data_coding, length = body[at + 2], body[at + 4]
            short_message = body[at + 5 : at + 5 + length]
            at += 5 + length
    except IndexError:
        return None
    tlvs = read_tlvs(body, at)
    return Deliver(
        *(source, destination, esm_class, data_coding, short_message, tlvs),
        source_ton,
    )


def read_tlvs(body: bytes, at: int) -> dict[int, bytes]:
    """Optional fields by tag, unknown ones too; a broken rest is left out."""
    tlvs: dict[int, bytes] = {}
    while len(body) - at >= 4:
        tag, length = struct.unpack_from(">HH", body, at)
        if len(body) - at - 4 < length:
            break
        tlvs[tag] = body[at + 4 : at + 4 + length]
        at += 4 + length
    return tlvs
