"""Messages from people: the text, or the part of one, in a deliver_sm.

Pure: a Deliver in, an InboundCame out. Never raises: what cannot be read is kept as
its octets. Whether it is a receipt is decided before, in receipt.
"""

from __future__ import annotations

from hashlib import blake2b

from ...domain import incoming_text
from ...domain.incoming_text import Octets
from ...domain.user_data import Header, Place, place, read_header
from ..base import InboundCame, InboundPart
from . import codec
from .encoding import SHORT_CODE_DIGITS, TON_INTERNATIONAL

DIGEST_OCTETS = 16
_SAR = (codec.SAR_MSG_REF_NUM, codec.SAR_TOTAL_SEGMENTS, codec.SAR_SEGMENT_SEQNUM)


def read_inbound(
    deliver: codec.Deliver, reference: int, default_alphabet: str
) -> InboundCame:
    """The message in a deliver_sm or data_sm, or the part of a long one.

    `default_alphabet` is what the operator means by data_coding 0; `reference` the
    session's own.
    """
    octets = deliver.short_message or deliver.tlvs.get(codec.MESSAGE_PAYLOAD, b"")
    sender, recipient = _sender(deliver), deliver.destination
    digest = _digest(deliver)
    split = (Header(), octets)
    if deliver.esm_class & codec.ESM_UDHI:
        found = read_header(octets)
        if found is None:
            text = incoming_text.as_hex(octets)
            return InboundCame(
                *(reference, sender, recipient, text), unreadable=True, digest=digest
            )
        split = found
    header, octets = split
    coding = incoming_text.coding(deliver.data_coding, default_alphabet, header)
    where = header.place or _sar_place(deliver)
    if where is not None and where.total > 1:
        part = InboundPart(where, Octets(coding, octets))
        return InboundCame(
            *(reference, sender, recipient, ""), part=part, digest=digest
        )
    text, unreadable = incoming_text.read([Octets(coding, octets)])
    return InboundCame(
        *(reference, sender, recipient, text), unreadable=unreadable, digest=digest
    )


def _sender(deliver: codec.Deliver) -> str:
    """The source address; one that is said to be international begins with +."""
    source = deliver.source
    is_number = source.isascii() and source.isdecimal()
    is_international = deliver.source_ton == TON_INTERNATIONAL
    if is_number and is_international and len(source) > SHORT_CODE_DIGITS:
        return f"+{source}"
    return source


def _sar_place(deliver: codec.Deliver) -> Place | None:
    """The place by the sar_* fields (SMPP 3.4 §5.3.2.22 to 24), if all are there."""
    values = [deliver.tlvs.get(tag, b"") for tag in _SAR]
    if not all(values):
        return None
    number, total, ordinal = (int.from_bytes(value, "big") for value in values)
    return place("sar", number, total, ordinal)


def _digest(deliver: codec.Deliver) -> bytes:
    """The same for the same message delivered again, and for no other."""
    fields = [
        *(deliver.source.encode(), deliver.destination.encode()),
        *(bytes((deliver.esm_class, deliver.data_coding)), deliver.short_message),
    ]
    for tag, value in sorted(deliver.tlvs.items()):
        fields += [tag.to_bytes(2, "big"), value]
    whole = b"".join(len(one).to_bytes(4, "big") + one for one in fields)
    return blake2b(whole, digest_size=DIGEST_OCTETS).digest()
