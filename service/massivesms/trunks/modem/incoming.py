"""What came over a modem: a message or a report in hex, as the engine takes it.

Pure, and never raises: what cannot be read is kept as its octets.
"""

from __future__ import annotations

from hashlib import blake2b

from ...domain import incoming_text
from ...domain.incoming_text import Octets
from ..base import InboundCame, InboundPart, ReceiptCame, UnreadableCame
from .address import TpduError
from .tpdu import Deliver, StatusReport, read_pdu

DIGEST_OCTETS = 16
TAIL = 7  # digits of a number that are the same however it is written


def receipt_id(reference: int, number: str) -> str:
    """The id of a message that a modem sent: TP-MR comes again after 256 of them."""
    return f"{reference:03}-{number[-TAIL:]}"


def read(pdu: str, reference: int) -> ReceiptCame | InboundCame | UnreadableCame:
    """The message, the part of one, or the receipt; `reference` is the session's."""
    try:
        came = read_pdu(pdu)
    except TpduError:
        try:
            octets = bytes.fromhex(pdu)
        except ValueError:
            octets = pdu.encode("latin-1", "replace")
        return UnreadableCame("message", octets, reference)
    if isinstance(came, StatusReport):
        return _receipt(came, reference)
    return _message(came, reference, bytes.fromhex(pdu))


def _receipt(came: StatusReport, reference: int) -> ReceiptCame:
    number = came.recipient.text if came.recipient.is_number else ""
    return ReceiptCame(
        receipt_id(came.reference, number),
        came.state,
        "" if came.state == "delivered" else f"{came.status:#04x}",
        reference,
        number,
    )


def _message(came: Deliver, reference: int, octets: bytes) -> InboundCame:
    digest = blake2b(octets, digest_size=DIGEST_OCTETS).digest()
    sender = came.sender.shown
    where = came.header.place if came.header else None
    if where is not None and where.total > 1:
        part = InboundPart(where, Octets(came.coding, came.data))
        return InboundCame(reference, sender, "", "", part=part, digest=digest)
    text, unreadable = incoming_text.read([Octets(came.coding, came.data)])
    return InboundCame(
        reference, sender, "", text, unreadable=unreadable, digest=digest
    )
