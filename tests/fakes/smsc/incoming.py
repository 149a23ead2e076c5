"""Long messages from handsets: their parts as deliver_sm carry them.

Headers by 3GPP TS 23.040 §9.2.3.24.1 and .8, or sar_* fields (SMPP 3.4 §5.3.2.22 to
24). Pure; what the octets of a part mean is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tests.fakes.smsc.messages import UDH_INDICATOR
from tests.fakes.smsc.pdu import Tag

Form = Literal["udh8", "udh16", "sar"]


class Part(NamedTuple):
    """What one deliver_sm carries."""

    esm_class: int
    short_message: bytes
    tlvs: dict[int, bytes]


def parts_of(octets: Sequence[bytes], reference: int, form: Form) -> list[Part]:
    """The parts in their order; each of `octets` is one."""
    total = len(octets)
    return [
        _part(one, reference, total, n, form) for n, one in enumerate(octets, start=1)
    ]


def _part(octets: bytes, reference: int, total: int, n: int, form: Form) -> Part:
    if form == "sar":
        tlvs = {
            int(Tag.SAR_MSG_REF_NUM): reference.to_bytes(2, "big"),
            int(Tag.SAR_TOTAL_SEGMENTS): bytes((total,)),
            int(Tag.SAR_SEGMENT_SEQNUM): bytes((n,)),
        }
        return Part(0, octets, tlvs)
    if form == "udh8":
        header = bytes((5, 0x00, 3, reference, total, n))
    else:
        header = bytes((6, 0x08, 4)) + reference.to_bytes(2, "big") + bytes((total, n))
    return Part(UDH_INDICATOR, header + octets, {})
