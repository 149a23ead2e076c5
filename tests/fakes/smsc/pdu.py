"""The simulator's own SMPP 3.4 wire format: headers, bodies and TLVs.

No sockets, no state, and nothing of massivesms or smpplib: a simulator that
shared the product's codec would share its mistakes. Sections in docstrings are
those of "SMPP Protocol Specification v3.4, Issue 1.2".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct(">IIII")
"""command_length, command_id, command_status, sequence_number (§3.2)."""
HEADER_OCTETS = 16
MAX_PDU_OCTETS = 64 * 1024
"""message_payload may hold 64 K; anything longer is a stream out of step."""
RESPONSE = 0x80000000
"""Set in the command_id of every answer."""
MAX_SHORT_MESSAGE_OCTETS = 254


class Command(IntEnum):
    """command_id values that the simulator speaks (§5.1.2.1)."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    GENERIC_NACK = 0x80000000
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM_RESP = 0x80000005
    UNBIND_RESP = 0x80000006
    ENQUIRE_LINK_RESP = 0x80000015


class Status(IntEnum):
    """command_status values that the simulator gives by itself (§5.1.3)."""

    OK = 0x00
    INVMSGLEN = 0x01
    INVCMDLEN = 0x02
    INVCMDID = 0x03
    INVBNDSTS = 0x04
    ALYBND = 0x05
    SYSERR = 0x08
    INVDSTADR = 0x0B
    BINDFAIL = 0x0D
    INVPASWD = 0x0E
    INVSYSID = 0x0F
    MSGQFUL = 0x14
    THROTTLED = 0x58
    INVSCHED = 0x61
    INVEXPIRY = 0x62
    RX_T_APPN = 0x64
    INVOPTPARSTREAM = 0xC0
    OPTPARNOTALLWD = 0xC1


class Tag(IntEnum):
    """Optional parameters that mean something to the simulator (§5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class PduError(ValueError):
    """A body that is not what §4 says; `status` is the answer it deserves."""

    def __init__(self, status: Status) -> None:
        super().__init__(f"malformed body: {status.name}")
        self.status = status


@dataclass(frozen=True, slots=True)
class BindBody:
    """What a bind_receiver, _transmitter or _transceiver carries (§4.1)."""

    system_id: str
    password: str
    system_type: str
    interface_version: int


@dataclass(frozen=True, slots=True)
class SubmitSm:
    """A decoded submit_sm body, field by field (§4.4.1)."""

    service_type: str
    source_ton: int
    source_npi: int
    sender: str
    dest_ton: int
    dest_npi: int
    number: str
    esm_class: int
    protocol_id: int
    priority_flag: int
    schedule_delivery_time: str
    validity_period: str
    registered_delivery: int
    replace_if_present: int
    data_coding: int
    sm_default_msg_id: int
    short_message: bytes
    tlvs: dict[int, bytes]


_BIND = re.compile(
    rb"([^\0]{0,15})\0([^\0]{0,8})\0([^\0]{0,12})\0(.)..[^\0]{0,40}\0", re.DOTALL
)
_SUBMIT_SM = re.compile(
    rb"([^\0]{0,5})\0"  # service_type
    rb"(..)([^\0]{0,20})\0"  # source_addr_ton, _npi, source_addr
    rb"(..)([^\0]{0,20})\0"  # dest_addr_ton, _npi, destination_addr
    rb"(...)"  # esm_class, protocol_id, priority_flag
    rb"([^\0]{0,16})\0([^\0]{0,16})\0"  # schedule_delivery_time, validity_period
    rb"(....).",  # registered_delivery ... sm_default_msg_id, then sm_length
    re.DOTALL,
)
_TIME = re.compile(rb"[0-9]{15}[-+R]")


def pack(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """One whole PDU."""
    return HEADER.pack(HEADER_OCTETS + len(body), command, status, sequence) + body


def pack_tlvs(tlvs: Mapping[int, bytes]) -> bytes:
    """Optional parameters in the order of the mapping (§3.2.4.1)."""
    return b"".join(
        struct.pack(">HH", tag, len(value)) + value for tag, value in tlvs.items()
    )


def split_tlvs(octets: bytes) -> dict[int, bytes]:
    """The optional parameters; raises PduError when one is cut off."""
    tlvs: dict[int, bytes] = {}
    position = 0
    while position < len(octets):
        if len(octets) - position < 4:
            raise PduError(Status.INVOPTPARSTREAM)
        tag, length = struct.unpack_from(">HH", octets, position)
        position += 4
        if position + length > len(octets):
            raise PduError(Status.INVOPTPARSTREAM)
        tlvs[tag] = octets[position : position + length]
        position += length
    return tlvs


def decode_bind(body: bytes) -> BindBody:
    """Raises PduError(BINDFAIL) when a field is longer than §4.1 allows."""
    match = _BIND.match(body)
    if match is None:
        raise PduError(Status.BINDFAIL)
    system_id, password, system_type, version = match.groups()
    return BindBody(
        system_id.decode("latin-1"),
        password.decode("latin-1"),
        system_type.decode("latin-1"),
        version[0],
    )


def submit_sm_fault(body: bytes) -> Status:
    """OK, or the status that a strict SMSC answers to this submit_sm body."""
    match = _SUBMIT_SM.match(body)
    if match is None:
        return Status.INVCMDLEN
    if not match[5]:
        return Status.INVDSTADR
    if match[7] and not _TIME.fullmatch(match[7]):
        return Status.INVSCHED
    if match[8] and not _TIME.fullmatch(match[8]):
        return Status.INVEXPIRY
    start = match.end()
    text_octets = body[start - 1]
    spare_octets = len(body) - start - text_octets
    if text_octets > MAX_SHORT_MESSAGE_OCTETS or spare_octets < 0:
        return Status.INVMSGLEN
    if spare_octets:
        return _tlv_fault(body[start + text_octets :], text_octets)
    return Status.OK


def _tlv_fault(octets: bytes, text_octets: int) -> Status:
    try:
        tlvs = split_tlvs(octets)
    except PduError as malformed:
        return malformed.status
    if text_octets and Tag.MESSAGE_PAYLOAD in tlvs:
        return Status.OPTPARNOTALLWD  # the text is in one place or the other
    return Status.OK


def decode_submit_sm(body: bytes) -> SubmitSm:
    """Raises PduError for what submit_sm_fault() finds wrong."""
    fault = submit_sm_fault(body)
    match = _SUBMIT_SM.match(body)
    if fault or match is None:
        raise PduError(fault)
    source, dest, modes, rest = match[2], match[4], match[6], match[9]
    end = match.end() + body[match.end() - 1]
    return SubmitSm(
        service_type=match[1].decode("latin-1"),
        source_ton=source[0],
        source_npi=source[1],
        sender=match[3].decode("latin-1"),
        dest_ton=dest[0],
        dest_npi=dest[1],
        number=match[5].decode("latin-1"),
        esm_class=modes[0],
        protocol_id=modes[1],
        priority_flag=modes[2],
        schedule_delivery_time=match[7].decode("latin-1"),
        validity_period=match[8].decode("latin-1"),
        registered_delivery=rest[0],
        replace_if_present=rest[1],
        data_coding=rest[2],
        sm_default_msg_id=rest[3],
        short_message=body[match.end() : end],
        tlvs=split_tlvs(body[end:]),
    )


def encode_deliver_sm(
    sender: str,
    number: str,
    short_message: bytes,
    *,
    esm_class: int = 0,
    data_coding: int = 0,
    tlvs: Mapping[int, bytes] | None = None,
    sender_ton: int = 1,
) -> bytes:
    """A deliver_sm body (§4.6.1); both addresses international, as SMSCs do."""
    return b"".join(
        (
            b"\0" + bytes((sender_ton, 1)) + sender.encode("latin-1") + b"\0",
            b"\x01\x01" + number.encode("latin-1") + b"\0",
            bytes((esm_class, 0, 0)) + b"\0\0",
            bytes((0, 0, data_coding, 0, len(short_message))),
            short_message,
            pack_tlvs(tlvs or {}),
        )
    )
