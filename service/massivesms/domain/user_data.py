"""The user data header of a message that came (3GPP TS 23.040 §9.2.3.24).

Owns what its elements say: where a part stands in a long message, national tables,
that it is for a program. Headers that we write are in segments.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

CONCATENATED_8, CONCATENATED_16 = 0x00, 0x08
PORTS_8, PORTS_16 = 0x04, 0x05
SINGLE_SHIFT, LOCKING_SHIFT = 0x24, 0x25


class Place(NamedTuple):
    """Where a part stands: `ordinal` (from 1) of `total` under a reference."""

    reference: str  # "udh8:17": parts of one message have the same
    total: int
    ordinal: int


@dataclass(slots=True)
class Header:
    """What a header says."""

    place: Place | None = None
    locking: int = 0  # national tables, 0 = none
    single: int = 0
    is_for_program: bool = False  # it has ports: no person is to read it


def read_header(octets: bytes) -> tuple[Header, bytes] | None:
    """The header at the front of the octets and what follows; None when broken.

    Of an element that stands there twice the last one counts; unknown ones and
    impossible places are passed over, as the specification asks for.
    """
    if not octets or 1 + octets[0] > len(octets):
        return None
    end = 1 + octets[0]
    header, at = Header(), 1
    while at < end:
        if at + 2 > end or at + 2 + octets[at + 1] > end:
            return None
        data = octets[at + 2 : at + 2 + octets[at + 1]]
        _read_element(header, octets[at], data)
        at += 2 + len(data)
    return header, octets[end:]


def _read_element(header: Header, element: int, data: bytes) -> None:
    if element == CONCATENATED_8 and len(data) == 3:
        header.place = place("udh8", data[0], data[1], data[2]) or header.place
    elif element == CONCATENATED_16 and len(data) == 4:
        number = data[0] << 8 | data[1]
        header.place = place("udh16", number, data[2], data[3]) or header.place
    elif element in (PORTS_8, PORTS_16):
        header.is_for_program = True
    elif element == SINGLE_SHIFT and len(data) == 1:
        header.single = data[0]
    elif element == LOCKING_SHIFT and len(data) == 1:
        header.locking = data[0]


def place(kind: str, number: int, total: int, ordinal: int) -> Place | None:
    """A place, or None for one that cannot be."""
    if not (1 <= ordinal <= total <= 255 and 0 <= number <= 0xFFFF):
        return None
    return Place(f"{kind}:{number}", total, ordinal)
