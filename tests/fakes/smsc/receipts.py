"""The bodies of delivery receipts (SMPP 3.4 appendix B and §5.3.2.12, .35).

Pure: a submission and a state in, a deliver_sm body out. When and over which
link it goes is decided by deliveries.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.fakes.smsc.behaviour import Receipts
from tests.fakes.smsc.messages import text_of
from tests.fakes.smsc.pdu import Tag, encode_deliver_sm
from tests.fakes.smsc.record import Submission
from tests.fakes.smsc.verdicts import written_id

FINAL_RECEIPT = 0x04
"""esm_class of a final delivery receipt (§5.2.12)."""
INTERMEDIATE = 0x20
"""esm_class of an intermediate notification."""

MESSAGE_STATES = {
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
}
"""stat in the text -> message_state in the TLV (§5.2.28)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one receipt says; `sender` and `number` as in the submission."""

    message_id: str
    state: str
    sender: str = ""
    number: str = ""
    text: str = ""
    esm_class: int = FINAL_RECEIPT


def receipt_for(
    submission: Submission,
    style: Receipts,
    answered_form: str,
    state: str = "",
    esm_class: int = FINAL_RECEIPT,
) -> Receipt:
    """The receipt of a submission; the state by its number unless given.

    An SMSC that answers with an empty id still has one: it shows up here.
    """
    form = answered_form if style.id_form == "same" else style.id_form
    message_id = written_id(submission.id_number, form if form != "empty" else "hex")
    return Receipt(
        message_id,
        state or state_of(submission.number, style.states),
        submission.sender,
        submission.number,
        text_of(submission)[:20],
        esm_class,
    )


def state_of(number: str, states: Mapping[str, str]) -> str:
    """The state of the first pattern found in the number, or DELIVRD."""
    for pattern, state in states.items():
        if re.search(pattern, number):
            return state
    return "DELIVRD"


def is_asked_for(submission: Submission, state: str) -> bool:
    """registered_delivery bits 1-0: 1 always, 2 only on failure (§5.2.17)."""
    asked = submission.registered_delivery & 0x03
    return asked == 1 or (asked == 2 and state != "DELIVRD")


def encode_receipt(receipt: Receipt, style: Receipts) -> bytes:
    """The deliver_sm body, from the recipient back to the sender."""
    tlvs: dict[int, bytes] = {}
    short_message = _receipt_text(receipt, style) if style.text else b""
    if style.in_payload and short_message:
        tlvs[Tag.MESSAGE_PAYLOAD] = short_message
        short_message = b""
    if style.tlvs:
        tlvs[Tag.RECEIPTED_MESSAGE_ID] = receipt.message_id.encode("ascii") + b"\0"
        tlvs[Tag.MESSAGE_STATE] = bytes((MESSAGE_STATES.get(receipt.state, 7),))
    return encode_deliver_sm(
        receipt.number,
        receipt.sender,
        short_message,
        esm_class=receipt.esm_class,
        tlvs=tlvs,
    )


def _receipt_text(receipt: Receipt, style: Receipts) -> bytes:
    is_delivered = receipt.state == "DELIVRD"
    return style.template.format(
        id=receipt.message_id,
        dlvrd="001" if is_delivered else "000",
        date=datetime.now(UTC).strftime(style.date_format),
        stat=receipt.state,
        err=style.errors.get(receipt.state, "000" if is_delivered else "001"),
        text=receipt.text,
    ).encode("ascii", "replace")
