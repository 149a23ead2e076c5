"""From segments to the texts that a handset would show.

Put together by user data header (3GPP TS 23.040 §9.2.3.24.1 and .8), by sar_*
TLVs or from message_payload. Every segment is decoded by itself, as a handset
does, so an escape or surrogate pair that the sender cut in two shows up as
damage. Pure: takes submissions, gives messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.fakes.smsc import gsm7
from tests.fakes.smsc.pdu import SubmitSm, Tag
from tests.fakes.smsc.record import Submission

UDH_INDICATOR = 0x40
"""Bit of esm_class that says: the text begins with a user data header."""

_CODECS = {
    1: "ascii",
    2: "latin-1",
    3: "latin-1",
    4: "latin-1",
    6: "iso8859-5",
    7: "iso8859-8",
    8: "utf-16-be",
}
_ALPHABET_BITS = {0x00: 0, 0x04: 4, 0x08: 8, 0x0C: 8}


class Place(NamedTuple):
    """Where one segment stands in its long message."""

    reference: tuple[str, int]
    total: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Received:
    """One text to one number; `segments` counts those that arrived."""

    number: str
    sender: str
    text: str
    data_coding: int
    segments: int
    segments_expected: int
    at_s: float

    @property
    def complete(self) -> bool:
        """Every segment came."""
        return self.segments == self.segments_expected


@dataclass(slots=True)
class _Open:
    """A message while its segments come in; `texts` by ordinal from 1."""

    first: Submission
    expected: int
    texts: dict[int, str] = field(default_factory=dict)

    def close(self) -> Received:
        return Received(
            self.first.number,
            self.first.sender,
            "".join(text for _, text in sorted(self.texts.items())),
            self.first.data_coding,
            len(self.texts),
            self.expected,
            self.first.at_s,
        )


def assemble(
    submissions: Iterable[Submission], default_alphabet: str = "gsm7"
) -> list[Received]:
    """The accepted messages, in the order of their first segments.

    A segment that its message already has opens a new one: sent twice, it must
    not hide inside the first.
    """
    messages: list[_Open] = []
    waiting: dict[tuple[object, ...], _Open] = {}
    for submission in submissions:
        if not submission.accepted:
            continue
        place, octets = _split_header(submission.fields)
        text = decode_text(octets, submission.data_coding, default_alphabet)
        if place is None:
            messages.append(_Open(submission, 1, {1: text}))
            continue
        key = (submission.sender, submission.number, place.reference, place.total)
        message = waiting.get(key)
        if message is None or place.ordinal in message.texts:
            message = waiting[key] = _Open(submission, place.total)
            messages.append(message)
        message.texts[place.ordinal] = text
        if len(message.texts) == place.total:
            del waiting[key]
    return [message.close() for message in messages]


def text_of(submission: Submission) -> str:
    """The text of one submission by itself, without its header."""
    _, octets = _split_header(submission.fields)
    return decode_text(octets, submission.data_coding)


def decode_text(octets: bytes, data_coding: int, default_alphabet: str = "gsm7") -> str:
    """The text; what the alphabet lacks becomes U+FFFD.

    `default_alphabet` ("gsm7" or a Python codec) is what data_coding 0 means
    at this operator (SMPP 3.4 §5.2.19).
    """
    coding = data_coding
    if 0x10 <= data_coding <= 0x3F:
        coding = _ALPHABET_BITS[data_coding & 0x0C]  # 23.038 §4, group 00xx
    elif data_coding >= 0xF0:
        coding = data_coding & 0x04  # message class: GSM 7-bit or 8-bit data
    codec = _CODECS.get(coding, default_alphabet)
    if codec == "gsm7":
        return gsm7.decode(octets)
    return octets.decode(codec, "replace")


def _split_header(fields: SubmitSm) -> tuple[Place | None, bytes]:
    """The segment's place, if it has one, and its text without the header."""
    octets = fields.tlvs.get(Tag.MESSAGE_PAYLOAD, fields.short_message)
    if not fields.esm_class & UDH_INDICATOR or not octets:
        return _sar_place(fields.tlvs), octets
    end = 1 + octets[0]
    return _udh_place(octets[1:end]), octets[end:]


def _udh_place(header: bytes) -> Place | None:
    position = 0
    while position + 2 <= len(header):
        element, length = header[position], header[position + 1]
        data = header[position + 2 : position + 2 + length]
        if element == 0x00 and len(data) == 3:
            return _place("udh8", data[0], data[1], data[2])
        if element == 0x08 and len(data) == 4:
            return _place("udh16", data[0] << 8 | data[1], data[2], data[3])
        position += 2 + length
    return None


def _sar_place(tlvs: dict[int, bytes]) -> Place | None:
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    if not all(tag in tlvs for tag in tags):
        return None
    reference, total, ordinal = (int.from_bytes(tlvs[tag], "big") for tag in tags)
    return _place("sar", reference, total, ordinal)


def _place(kind: str, reference: int, total: int, ordinal: int) -> Place | None:
    """None for an impossible place: 23.040 says to ignore such an element."""
    if not 1 <= ordinal <= total:
        return None
    return Place((kind, reference), total, ordinal)
