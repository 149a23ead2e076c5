"""Short messages as the network's side sees them (3GPP TS 23.040 §9.2).

Reads SUBMIT and makes DELIVER and STATUS-REPORT, on strings of bits and of hex
digits. Raises ValueError for a SUBMIT that a modem would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.smsc import gsm7


@dataclass(frozen=True)
class Submitted:
    """A SUBMIT, read; `place` is (reference, total, number) of a part."""

    smsc: str
    reference: int
    number: str
    text: str
    data_coding: int
    wants_report: bool
    rejects_duplicates: bool
    validity: int | None
    place: tuple[int, int, int] | None


def swapped(digits: str) -> str:
    """Digits as semi-octets, in hex."""
    digits += "F" * (len(digits) % 2)
    return "".join(digits[n + 1] + digits[n] for n in range(0, len(digits), 2))


def packed(septets: bytes, skipped_bits: int = 0) -> str:
    """Septets in octets, in hex, the first bit of each at the right."""
    bits = "".join(f"{septet:07b}"[::-1] for septet in septets)
    bits = "0" * skipped_bits + bits
    bits += "0" * (-len(bits) % 8)
    octets = (bits[n : n + 8][::-1] for n in range(0, len(bits), 8))
    return "".join(f"{int(octet, 2):02X}" for octet in octets)


def unpacked(octets: bytes, count: int, skipped_bits: int) -> bytes:
    """So many septets, one an octet."""
    bits = "".join(f"{octet:08b}"[::-1] for octet in octets)[skipped_bits:]
    if len(bits) < 7 * count:
        raise ValueError("fewer octets than septets")
    return bytes(int(bits[7 * n : 7 * n + 7][::-1], 2) for n in range(count))


def address(number: str) -> str:
    """TP-OA of a number, or of a name."""
    digits = number.removeprefix("+")
    if digits.isdecimal():
        kind = "91" if number.startswith("+") else "81"
        return f"{len(digits):02X}{kind}{swapped(digits)}"
    value = packed(gsm7.encode(number))
    semi_octets = (7 * len(gsm7.encode(number)) + 3) // 4
    return f"{semi_octets:02X}D0{value}"


def centre(number: str) -> str:
    """The service centre's address, its length in octets."""
    digits = number.removeprefix("+")
    if not digits:
        return "00"
    kind = "91" if number.startswith("+") else "81"
    value = kind + swapped(digits)
    return f"{len(value) // 2:02X}{value}"


def stamp(moment: datetime) -> str:
    """TP-SCTS of a moment that has a zone."""
    offset = moment.utcoffset() or timedelta()
    quarters = abs(offset) // timedelta(minutes=15)
    zone = int(swapped(f"{quarters:02}"), 16) | (8 if offset < timedelta() else 0)
    return swapped(f"{moment:%y%m%d%H%M%S}") + f"{zone:02X}"


def deliver(
    sender: str,
    text: str,
    moment: datetime,
    *,
    smsc: str = "",
    place: tuple[int, int, int] | None = None,
) -> str:
    """A DELIVER as a modem shows it; UCS-2 when the alphabet asks for it."""
    header = bytes((5, 0, 3, *place)) if place else b""
    first = "44" if place else "04"
    try:
        septets = gsm7.encode(text)
        skipped = -8 * len(header) % 7
        length = (8 * len(header) + skipped) // 7 + len(septets)
        data, coding = header.hex() + packed(septets, skipped), "00"
    except ValueError:
        octets = header + text.encode("utf-16-be")
        data, coding, length = octets.hex(), "08", len(octets)
    whole = first + address(sender) + "00" + coding + stamp(moment)
    return (centre(smsc) + whole + f"{length:02X}" + data).upper()


def status_report(
    reference: int, recipient: str, moment: datetime, status: int, smsc: str = ""
) -> str:
    """A STATUS-REPORT as a modem shows it."""
    when = stamp(moment)
    return (
        f"{centre(smsc)}06{reference:02X}{address(recipient)}{when}{when}{status:02X}"
    ).upper()


def tpdu_octets(whole: str) -> int:
    """The octets of a PDU in hex, without its service centre."""
    octets = bytes.fromhex(whole)
    return len(octets) - 1 - octets[0]


def read_submit(whole: str) -> Submitted:
    """The SUBMIT in hex digits; ValueError when it is none."""
    octets = bytes.fromhex(whole)
    skip = 1 + octets[0]
    smsc = _digits(octets[2:skip], octets[1:2])
    tpdu = octets[skip:]
    if len(tpdu) < 8 or tpdu[0] & 0x03 != 0x01:
        raise ValueError("not a SUBMIT")
    first, reference, digits = tpdu[0], tpdu[1], tpdu[2]
    at = 4 + (digits + 1) // 2
    number = _digits(tpdu[4:at], tpdu[3:4])
    if len(number.removeprefix("+")) != digits:
        raise ValueError("a number of another length")
    coding = tpdu[at + 1]
    at += 2
    validity = None
    if first & 0x18 == 0x10:
        validity = tpdu[at]
        at += 1
    elif first & 0x18:
        raise ValueError("a validity that this modem does not know")
    text, place = _text(tpdu[at + 1 :], tpdu[at], coding, bool(first & 0x40))
    return Submitted(
        smsc,
        reference,
        number,
        text,
        coding,
        bool(first & 0x20),
        bool(first & 0x04),
        validity,
        place,
    )


def _digits(octets: bytes, kind: bytes) -> str:
    digits = "".join(f"{octet & 15:X}{octet >> 4:X}" for octet in octets)
    digits = digits.removesuffix("F")
    if digits and not digits.isdecimal():
        raise ValueError("not a number")
    return f"+{digits}" if kind and kind[0] & 0x70 == 0x10 else digits


def _text(
    data: bytes, length: int, coding: int, has_header: bool
) -> tuple[str, tuple[int, int, int] | None]:
    place = None
    header = 0
    if has_header:
        header = 1 + data[0]
        if data[1:3] != b"\0\3":
            raise ValueError("a header that this modem does not know")
        place = (data[3], data[4], data[5])
    if coding == 0x08:
        if len(data) != length:
            raise ValueError("another length")
        return data[header:].decode("utf-16-be"), place
    if coding != 0:
        raise ValueError("an alphabet that this modem does not know")
    skipped = -8 * header % 7
    count = length - (8 * header + skipped) // 7
    if len(data) != (7 * length + 7) // 8:
        raise ValueError("another length")
    return gsm7.decode(unpacked(data[header:], count, skipped)), place
