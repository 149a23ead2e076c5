"""Messages from handsets: long ones in parts, and what people reply.

Headers by 3GPP TS 23.040 §9.2.3.24.1 and .8, or sar_* fields (SMPP 3.4 §5.3.2.22 to
24). Pure; what the octets of a part mean is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from tests.fakes.smsc import gsm7
from tests.fakes.smsc.messages import UDH_INDICATOR
from tests.fakes.smsc.pdu import Tag, encode_deliver_sm

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


UCS2 = 8
MOST_OCTETS = 140
PART_SEPTETS, PART_OCTETS = 153, 134


def reply_of(number: str, replies: Mapping[str, str]) -> str | None:
    """What the person with a number answers: the first pattern that is found."""
    found = (text for pattern, text in replies.items() if re.search(pattern, number))
    return next(found, None)


def bodies_of(sender: str, number: str, text: str, reference: int) -> Iterator[bytes]:
    """The deliver_sm bodies of a text: GSM 7-bit if it can be, several if need be."""
    try:
        octets, coding, most, size = gsm7.encode(text), 0, 160, PART_SEPTETS
    except ValueError:
        octets, coding = text.encode("utf-16-be"), UCS2
        most, size = MOST_OCTETS, PART_OCTETS
    if len(octets) <= most:
        yield encode_deliver_sm(sender, number, octets, data_coding=coding)
        return
    cut = [octets[at : at + size] for at in range(0, len(octets), size)]
    for part in parts_of(cut, reference, "udh8"):
        yield encode_deliver_sm(
            *(sender, number, part.short_message),
            esm_class=part.esm_class,
            data_coding=coding,
        )
