"""Delivery receipts: the id, the state and the error in a deliver_sm.

TLVs win over the text; the text is read free of order, with what operators
really write. Pure: bytes in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from . import codec
from .encoding import DATA_CODING_UCS2

_ESM_TYPE = 0x3C
_IS_RECEIPT = {0x04, 0x20}  # final, intermediate (§5.2.12)
#: A value ends at a blank, or where the next field begins: "id: sub:001".
_FIELD = re.compile(
    r"\b(id|stat|err)\s*:\s*(?!(?:sub|dlvrd|submit|done|stat|err|text)\b[^:]*:)(\S+)",
    re.IGNORECASE,
)

_TEXT = re.compile(r"\btext\s*:[ ]?(.*)", re.IGNORECASE | re.DOTALL)
TEXT_START = 20  # characters of our text that a receipt repeats (appendix B)

#: message_state (§5.2.28, 5.0 §4.7.15) -> our state; those that are not final:
#: submitted. What stands in neither table is not understood.
_BY_NUMBER = {
    **dict.fromkeys((0, 1, 6, 7), "submitted"),
    **dict.fromkeys((4, 5, 9), "undelivered"),
    2: "delivered",
    3: "expired",
    8: "rejected",
}
#: stat: (appendix B), with the spellings that operators use.
_BY_WORD = {
    "DELIVRD": "delivered",
    "DELIVERED": "delivered",
    "EXPIRED": "expired",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "UNDELIVERABLE": "undelivered",
    "UNDELIVERED": "undelivered",
    "FAILED": "undelivered",
    "REJECTD": "rejected",
    "REJECTED": "rejected",
    "SKIPPED": "undelivered",
    **dict.fromkeys(("ENROUTE", "ACCEPTD", "ACCEPTED", "UNKNOWN"), "submitted"),
    **dict.fromkeys(("BUFFERD", "BUFFRED", "BUFFERED", "ACKED"), "submitted"),
    **dict.fromkeys(("SCHEDULED", "SUBMITD", "QUEUED"), "submitted"),
}
_ASCII_DIGITS = re.compile(rb"[0-9]{3}")


class Report(NamedTuple):
    """What a receipt says; state `submitted` = nothing final yet.

    An empty id or state: it does not say it, or nobody knows what it means.
    """

    smsc_message_id: str
    state: str
    error: str
    text_start: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether it says of which message it is, and what became of that."""
        return bool(self.smsc_message_id and self.state)


def read_receipt(deliver: codec.Deliver) -> Report | None:
    """The report in a deliver_sm, or None when it is a message from a person."""
    payload = deliver.tlvs.get(codec.MESSAGE_PAYLOAD, b"")
    text = _decode(deliver.short_message or payload, deliver.data_coding)
    # The first of each: the last field is the beginning of what we sent.
    fields = {key.lower(): value for key, value in reversed(_FIELD.findall(text))}
    by_tlv = deliver.tlvs.get(codec.RECEIPTED_MESSAGE_ID)
    is_marked = deliver.esm_class & _ESM_TYPE in _IS_RECEIPT
    if not is_marked and by_tlv is None:
        return None
    smsc_message_id = fields.get("id", "")
    if by_tlv:
        smsc_message_id = by_tlv.split(b"\0")[0].decode("latin-1")
    state = _BY_WORD.get(fields.get("stat", "").upper(), "")
    by_number = deliver.tlvs.get(codec.MESSAGE_STATE)
    if by_number:
        state = _BY_NUMBER.get(by_number[0], state)
    error = _plain(fields.get("err", ""))
    if not error.strip("0"):
        error = _network_error(deliver.tlvs.get(codec.NETWORK_ERROR_CODE, b""))
    return Report(_plain(smsc_message_id)[:65], state, error, _text_start(text))


def _plain(text: str) -> str:
    return text if text.isprintable() else "".join(c for c in text if c.isprintable())


def _network_error(octets: bytes) -> str:
    """The code of network_error_code (§5.3.2.31), without its type of network.

    Sometimes three ASCII digits stand there in place of the type and the code.
    """
    if len(octets) < 3:
        return ""
    if _ASCII_DIGITS.match(octets):
        code = int(octets[:3])
    else:
        code = int.from_bytes(octets[1:3])
    return f"{code:03}" if code else ""


def _decode(octets: bytes, data_coding: int) -> str:
    """The text; some operators copy our data_coding onto a receipt in ASCII."""
    is_utf16 = data_coding == DATA_CODING_UCS2 and b"\0" in octets
    return octets.decode("utf-16-be" if is_utf16 else "latin-1", "replace")


def digits_of(address: str) -> str:
    """A number as digits, without its "+"; '' for what is no number."""
    digits = address.removeprefix("+")
    return digits if digits.isascii() and digits.isdecimal() else ""


def _text_start(text: str) -> str:
    """What stands after "text:", the last field; control characters left out."""
    found = _TEXT.search(text)
    if found is None:
        return ""
    return "".join(c for c in found[1] if c.isprintable())[:TEXT_START].strip()


def _hex_to_decimal(value: str) -> str:
    return str(int(value, 16)) if re.fullmatch(r"[0-9A-Fa-f]+", value) else value


def _decimal_key(value: str) -> str:
    return str(int(value)) if value.isascii() and value.isdecimal() else value


#: Setting receipt_ids -> (id of the answer -> stored, id of the receipt -> stored).
#: The stored form is decimal where the two differ; ids are unbounded.
ID_FORMS: Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "auto": (str, str),  # stored as they came; the form is found when they are matched
    "raw": (str, str),
    "hex_to_decimal": (_hex_to_decimal, _decimal_key),
    "decimal_to_hex": (_decimal_key, _hex_to_decimal),
}
