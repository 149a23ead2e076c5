"""Addresses in a short message (3GPP TS 23.040 §9.1.2.5): numbers and names.

Semi-octets and the type octet, both ways. What cannot be an address raises
TpduError and nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

from ...domain import gsm7
from . import septets

INTERNATIONAL, UNKNOWN, ALPHANUMERIC = 0x91, 0x81, 0xD0
TYPE_BITS = 0x70
MOST_DIGITS = 20
_SEMI_OCTETS = "0123456789*#abc"
_FILLER = 0x0F


class TpduError(ValueError):
    """Octets that are no TPDU, or values that fit none."""


class Address(NamedTuple):
    """A number as digits, or a name; `type_octet` says which."""

    text: str
    type_octet: int = UNKNOWN

    @property
    def is_number(self) -> bool:
        """Whether it is made of digits."""
        return self.type_octet & TYPE_BITS != ALPHANUMERIC & TYPE_BITS

    @property
    def shown(self) -> str:
        """As people write it: an international number begins with +."""
        is_international = self.type_octet & TYPE_BITS == INTERNATIONAL & TYPE_BITS
        return f"+{self.text}" if is_international and self.text else self.text


def to_semi_octets(digits: str) -> bytes:
    """Two digits an octet, the first one low; a filler at the end of an odd count."""
    try:
        codes = [_SEMI_OCTETS.index(digit) for digit in digits]
    except ValueError:
        raise TpduError("not a digit") from None
    if len(codes) % 2:
        codes.append(_FILLER)
    pairs = zip(codes[::2], codes[1::2], strict=True)
    return bytes(high << 4 | low for low, high in pairs)


def from_semi_octets(octets: bytes, count: int) -> str:
    """The first `count` digits; a filler before the end is no digit."""
    codes = [code for octet in octets for code in (octet & 0x0F, octet >> 4)]
    if len(codes) < count:
        raise TpduError("an address is cut off")
    if _FILLER in codes[:count]:
        raise TpduError("a digit of an address is a filler")
    return "".join(_SEMI_OCTETS[code] for code in codes[:count])


def destination(digits: str, is_international: bool) -> bytes:
    """TP-DA: the count of digits, the type, the digits."""
    if not 1 <= len(digits) <= MOST_DIGITS:
        raise TpduError("a number has 1 to 20 digits")
    kind = INTERNATIONAL if is_international else UNKNOWN
    return bytes((len(digits), kind)) + to_semi_octets(digits)


def service_centre(number: str) -> bytes:
    """The SMSC's address in front of a TPDU; one zero for the SIM's own.

    27.005 §3.1: here the length counts octets, its type octet included.
    """
    if not number:
        return b"\0"
    digits = number.removeprefix("+")
    if not 1 <= len(digits) <= MOST_DIGITS:
        raise TpduError("a number has 1 to 20 digits")
    kind = INTERNATIONAL if number.startswith("+") else UNKNOWN
    packed = to_semi_octets(digits)
    return bytes((1 + len(packed), kind)) + packed


def read_address(octets: bytes) -> tuple[Address, int]:
    """TP-OA or TP-RA at the front of the octets, and how many octets it takes."""
    if len(octets) < 2:
        raise TpduError("an address is missing")
    count, kind = octets[0], octets[1]
    size = 2 + (count + 1) // 2
    value = octets[2:size]
    if len(octets) < size or count > MOST_DIGITS + 2:
        raise TpduError("an address is cut off")
    if kind & TYPE_BITS == ALPHANUMERIC & TYPE_BITS:
        name = gsm7.decode(septets.unpack(value, count * 4 // 7))
        return Address(name.rstrip("\r\0"), kind), size
    return Address(from_semi_octets(value, count), kind), size


def read_service_centre(octets: bytes) -> tuple[Address, int]:
    """The SMSC's address in front of a TPDU, and how many octets it takes."""
    if not octets or len(octets) < 1 + octets[0]:
        raise TpduError("the address of the service centre is cut off")
    size = 1 + octets[0]
    if size == 1:
        return Address(""), 1
    value = octets[2:size]
    count = 2 * len(value)
    if value and value[-1] >> 4 == _FILLER:
        count -= 1
    return Address(from_semi_octets(value, count), octets[1]), size
