"""Short messages as octets (3GPP TS 23.040 §9.2): SUBMIT out, DELIVER and reports in.

Pure: values in, octets out, and the other way. Where a text is cut and what its
header says comes from domain.segments; how what came is read, from
domain.incoming_text. What is no TPDU raises TpduError and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ...domain import gsm7, incoming_text
from ...domain.segments import Alphabet, Split, reference, udh
from ...domain.user_data import Header, read_header
from . import address, septets
from .address import Address, TpduError

__all__ = ["Address", "TpduError"]

SUBMIT, RELATIVE_VALIDITY = 0x01, 0x10
REJECT_DUPLICATES, WANT_REPORT, HAS_HEADER = 0x04, 0x20, 0x40
MTI_BITS, STATUS_REPORT, SUBMIT_REPORT = 0x03, 0x02, 0x01
UCS2 = 0x08
MOST_OCTETS = 140  # of user data
MOST_SEPTETS = 160
MOST_TPDU_OCTETS = 300  # with the service centre; longer than any that exists
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


class Part(NamedTuple):
    """What one SUBMIT carries of a text: octets, or one byte per septet."""

    alphabet: Alphabet
    data: bytes
    header: bytes = b""


@dataclass(frozen=True, slots=True)
class Submit:
    """One SMS-SUBMIT; `reference` is TP-MR, which many modems choose themselves."""

    number: str
    is_international: bool
    part: Part
    reference: int = 0
    wants_report: bool = False
    rejects_duplicates: bool = False
    validity_s: int | None = None


class Pdu(NamedTuple):
    """What AT+CMGS wants: the octets of the TPDU alone, and all of it in hex."""

    octets: int
    text: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """One SMS-DELIVER; `data` are octets, or one byte per septet (`coding` gsm7...).

    `header` is None when there should be one and it is broken: then `data` are all
    octets of the user data.
    """

    smsc: Address
    sender: Address
    coding: str
    data: bytes
    header: Header | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One SMS-STATUS-REPORT about the SUBMIT that had TP-MR `reference`."""

    smsc: Address
    reference: int
    recipient: Address
    sent_at: datetime | None
    ended_at: datetime | None
    status: int

    @property
    def state(self) -> str:
        """Our state of the message: `submitted` = nothing final yet."""
        return state_of(self.status)


def parts_of(split: Split, message_id: int) -> tuple[Part, ...]:
    """The parts of a text; those of a long one with an 8-bit reference."""
    total = len(split.parts)
    number = reference(message_id)
    return tuple(
        Part(
            split.alphabet,
            _octets(text, split.alphabet),
            udh(number, total, n) if total > 1 else b"",
        )
        for n, text in enumerate(split.parts, start=1)
    )


def encode_submit(submit: Submit, smsc: str = "") -> Pdu:
    """An SMS-SUBMIT (§9.2.2.2) by a service centre, or by the SIM's own."""
    first = SUBMIT
    first |= WANT_REPORT if submit.wants_report else 0
    first |= REJECT_DUPLICATES if submit.rejects_duplicates else 0
    first |= HAS_HEADER if submit.part.header else 0
    first |= RELATIVE_VALIDITY if submit.validity_s is not None else 0
    if not 0 <= submit.reference <= 0xFF:
        raise TpduError("a reference is one octet")
    tpdu = bytes((first, submit.reference))
    tpdu += address.destination(submit.number, submit.is_international)
    is_ucs2 = submit.part.alphabet is Alphabet.UCS2
    tpdu += bytes((0, UCS2 if is_ucs2 else 0))
    if submit.validity_s is not None:
        tpdu += bytes((validity(submit.validity_s),))
    tpdu += _user_data(submit.part)
    whole = address.service_centre(smsc) + tpdu
    return Pdu(len(tpdu), whole.hex().upper())


def validity(seconds: int) -> int:
    """TP-VP, relative (§9.2.3.12.1): the longest that is not over `seconds`.

    Five minutes are the least that it can say.
    """
    if seconds <= 12 * HOUR_S:
        return max(0, seconds // (5 * MINUTE_S) - 1)
    if seconds < 2 * DAY_S:
        return min(167, 143 + (seconds - 12 * HOUR_S) // (30 * MINUTE_S))
    if seconds < 35 * DAY_S:
        return min(196, 166 + seconds // DAY_S)
    return min(255, 192 + seconds // (7 * DAY_S))


def read_pdu(text: str) -> Deliver | StatusReport:
    """What the modem shows of a message that came: service centre and TPDU, in hex."""
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        raise TpduError("not hexadecimal") from None
    if len(octets) > MOST_TPDU_OCTETS:
        raise TpduError("too long")
    smsc, at = address.read_service_centre(octets)
    if at >= len(octets):
        raise TpduError("no TPDU after the service centre")
    kind = octets[at] & MTI_BITS
    if kind == STATUS_REPORT:
        return _status_report(smsc, octets[at:])
    if kind == SUBMIT_REPORT:
        raise TpduError("a report of a modem to its centre, not a message")
    return _deliver(smsc, octets[at:])


def state_of(status: int) -> str:
    """The state that TP-ST (§9.2.3.15) means; reserved ones count as refused."""
    if status == 0x01 or 0x20 <= status <= 0x3F:
        return "submitted"  # handed on without knowing more, or still trying
    if status == 0x46:
        return "expired"
    if status != 0x02 and status < 0x20:
        return "delivered"
    return "undelivered"


def _octets(text: str, alphabet: Alphabet) -> bytes:
    if alphabet is Alphabet.UCS2:
        return text.encode("utf-16-be")
    return gsm7.encode(text)


def _user_data(part: Part) -> bytes:
    """TP-UDL and TP-UD (§9.2.3.16, §9.2.3.24)."""
    if part.alphabet is Alphabet.UCS2:
        data = part.header + part.data
        length = len(data)
    else:
        fill = septets.fill_bits_after(len(part.header))
        data = part.header + septets.pack(part.data, fill)
        length = septets.septets_of(len(part.header)) + len(part.data)
    if len(data) > MOST_OCTETS or length > MOST_SEPTETS:
        raise TpduError("a part is too long")
    return bytes((length,)) + data


def _deliver(smsc: Address, tpdu: bytes) -> Deliver:
    """§9.2.2.1: first octet, TP-OA, TP-PID, TP-DCS, TP-SCTS, TP-UDL, TP-UD."""
    sender, size = address.read_address(tpdu[1:])
    at = 1 + size
    if len(tpdu) < at + 10:
        raise TpduError("a message is cut off")
    data_coding = _as_smpp(tpdu[at + 1])
    sent_at = _moment(tpdu[at + 2 : at + 9])
    length, data = tpdu[at + 9], tpdu[at + 10 :]
    is_packed = incoming_text.coding(data_coding, "gsm7", Header()) == "gsm7"
    size = (7 * length + 7) // 8 if is_packed else length
    if length > MOST_SEPTETS or len(data) < size:
        raise TpduError("the text of a message is cut off")
    data = data[:size]
    header: Header | None = Header()
    taken = 0
    if tpdu[0] & HAS_HEADER:
        found = read_header(data)
        header = found[0] if found else None
        taken = len(data) - len(found[1]) if found else 0
    if header is None:
        return Deliver(smsc, sender, incoming_text.BINARY, data, None, sent_at)
    coding = incoming_text.coding(data_coding, "gsm7", header)
    if is_packed:
        count = max(0, length - septets.septets_of(taken))
        fill = septets.fill_bits_after(taken)
        data = septets.unpack(data[taken:], count, fill)
    else:
        data = data[taken:]
    return Deliver(smsc, sender, coding, data, header, sent_at)


def _status_report(smsc: Address, tpdu: bytes) -> StatusReport:
    """§9.2.2.3: first octet, TP-MR, TP-RA, TP-SCTS, TP-DT, TP-ST."""
    recipient, size = address.read_address(tpdu[2:])
    at = 2 + size
    if len(tpdu) < at + 15:
        raise TpduError("a report is cut off")
    times = (_moment(tpdu[at : at + 7]), _moment(tpdu[at + 7 : at + 14]))
    return StatusReport(smsc, tpdu[1], recipient, *times, tpdu[at + 14])


def _as_smpp(data_coding: int) -> int:
    """TP-DCS as the data_coding that incoming_text knows (23.038 §4).

    In its first group SMPP means other alphabets; reserved groups are read as the
    default alphabet, as 23.038 asks for.
    """
    if data_coding < 0x10:
        return {0x04: 0x04, 0x08: 0x08}.get(data_coding & 0x0C, 0)
    return 0 if 0x80 <= data_coding < 0xC0 else data_coding


def _moment(octets: Sequence[int]) -> datetime | None:
    """A time stamp (§9.2.3.11) in UTC; None for one that cannot be."""
    zone = octets[6]
    tens = zone & 0x07
    quarters = tens * 10 + (zone >> 4)
    swapped = [(octet & 0x0F) * 10 + (octet >> 4) for octet in octets[:6]]
    if any(octet & 0x0F > 9 or octet >> 4 > 9 for octet in octets[:6]):
        return None
    offset = timedelta(minutes=15 * (-quarters if zone & 0x08 else quarters))
    year, month, day, hour, minute, second = swapped
    century = 1900 if year >= 90 else 2000
    try:
        local = datetime(century + year, month, day, hour, minute, second, tzinfo=UTC)
        return local - offset
    except (ValueError, OverflowError):
        return None
