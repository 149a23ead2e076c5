"""A text's segments as octets on an SMPP wire, and addresses with TON and NPI."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ...domain import gsm7
from ...domain.segments import (
    Alphabet,
    Split,
    reference,
    reference16,
    refill,
    udh,
    udh16,
)
from . import codec
from .codec import Address

DATA_CODING_DEFAULT, DATA_CODING_UCS2 = 0x00, 0x08
TON_UNKNOWN, TON_INTERNATIONAL, TON_NETWORK, TON_ALPHANUMERIC = 0, 1, 3, 5
NPI_UNKNOWN, NPI_ISDN = 0, 1
SHORT_CODE_DIGITS = 8  # a number of at most so many digits is a short code
AUTO = "auto"

#: What data_coding 0 means at the operator -> the octets of a part.
_DEFAULT_ALPHABETS: Mapping[str, Callable[[str], bytes]] = {
    "gsm7": gsm7.encode,
    "latin1": lambda part: part.encode("latin-1"),
    "ascii": lambda part: part.encode("ascii"),
}


class Encoded(NamedTuple):
    """A text's octets: one item for each submit_sm, without any header."""

    data_coding: int
    parts: tuple[bytes, ...]


class Piece(NamedTuple):
    """What one submit_sm carries of a text."""

    esm_class: int
    short_message: bytes
    tlvs: bytes = b""


def encode_text(
    text: str, split: Split, default_alphabet: str, wide_header: bool = False
) -> Encoded | str:
    """The octets of each segment, or the characters that cannot be carried.

    `default_alphabet` is what the operator means by data_coding 0. A text with
    characters that it lacks (€ in Latin-1) goes as UCS-2 if that needs no more
    segments; otherwise it is refused. A `wide_header` leaves a long text less
    room in each segment.
    """
    parts = split.parts
    if wide_header and len(parts) > 1:
        parts = refill(text, split.alphabet, wide_header)
    if split.alphabet is Alphabet.UCS2:
        return _ucs2(parts)
    encode = _DEFAULT_ALPHABETS[default_alphabet]
    try:
        return Encoded(DATA_CODING_DEFAULT, tuple(map(encode, parts)))
    except UnicodeEncodeError as error:
        as_ucs2 = refill(text, Alphabet.UCS2, wide_header)
        if len(as_ucs2) <= len(parts):
            return _ucs2(as_ucs2)
        return str(error.object[error.start : error.end])


def _ucs2(parts: Sequence[str]) -> Encoded:
    octets = tuple(part.encode("utf-16-be") for part in parts)
    return Encoded(DATA_CODING_UCS2, octets)


def _with_udh8(parts: Sequence[bytes], message_id: int) -> list[Piece]:
    """23.040 §9.2.3.24.1."""
    number, total = reference(message_id), len(parts)
    return [
        Piece(codec.ESM_UDHI, udh(number, total, n) + octets)
        for n, octets in enumerate(parts, start=1)
    ]


def _with_udh16(parts: Sequence[bytes], message_id: int) -> list[Piece]:
    """23.040 §9.2.3.24.8."""
    number, total = reference16(message_id), len(parts)
    return [
        Piece(codec.ESM_UDHI, udh16(number, total, n) + octets)
        for n, octets in enumerate(parts, start=1)
    ]


def _with_sar(parts: Sequence[bytes], message_id: int) -> list[Piece]:
    """SMPP 3.4 §5.3.2.22 to 24: the SMSC makes the header."""
    number, total = reference16(message_id), len(parts)
    shared = codec.tlv(codec.SAR_MSG_REF_NUM, number.to_bytes(2, "big"))
    shared += codec.tlv(codec.SAR_TOTAL_SEGMENTS, bytes((total,)))
    return [
        Piece(0, octets, shared + codec.tlv(codec.SAR_SEGMENT_SEQNUM, bytes((n,))))
        for n, octets in enumerate(parts, start=1)
    ]


def _as_payload(parts: Sequence[bytes], message_id: int) -> list[Piece]:
    """SMPP 3.4 §5.3.2.32: the SMSC splits the text."""
    return [Piece(0, b"", codec.tlv(codec.MESSAGE_PAYLOAD, b"".join(parts)))]


#: Setting long_messages -> what each submit_sm of a long text carries. The
#: reference is the same whenever a message is sent again.
LONG_FORMS: Mapping[str, Callable[[Sequence[bytes], int], list[Piece]]] = {
    "udh8": _with_udh8,
    "udh16": _with_udh16,
    "sar": _with_sar,
    "payload": _as_payload,
}
WIDE_HEADERS = {"udh16"}


def source_address(sender_id: str, ton: str, npi: str) -> Address:
    """TON, NPI and address of a sender (field: 5/0, short codes 3/0, long 1/1)."""
    digits = sender_id.removeprefix("+")
    if not sender_id:
        automatic = (TON_UNKNOWN, NPI_UNKNOWN)
    elif not digits.isdecimal():
        automatic = (TON_ALPHANUMERIC, NPI_UNKNOWN)
    elif len(digits) <= SHORT_CODE_DIGITS:
        automatic = (TON_NETWORK, NPI_UNKNOWN)
    else:
        automatic = (TON_INTERNATIONAL, NPI_ISDN)
    address = digits if digits.isdecimal() else sender_id
    return Address(
        automatic[0] if ton == AUTO else int(ton),
        automatic[1] if npi == AUTO else int(npi),
        address,
    )


def destination_type(is_international: bool, ton: str, npi: str) -> tuple[int, int]:
    """TON and NPI of a number: international, or whatever the operator makes of it."""
    automatic = TON_INTERNATIONAL if is_international else TON_UNKNOWN
    return automatic if ton == AUTO else int(ton), NPI_ISDN if npi == AUTO else int(npi)


def validity_of(seconds: int) -> str:
    """A relative time of at most 30 days, without months: these are not all alike."""
    days, rest_s = divmod(min(seconds, 30 * 86400), 86400)
    minutes, rest_s = divmod(rest_s, 60)
    return f"0000{days:02}{minutes // 60:02}{minutes % 60:02}{rest_s:02}000R"


def validity_period(hours: int) -> str:
    """A relative time (SMPP 3.4 §7.1.1): YYMMDDhhmmss000R; '' for no hours."""
    if hours == 0:
        return ""
    days, rest = divmod(hours, 24)
    months, days = divmod(days, 30)
    return f"00{months:02}{days:02}{rest:02}0000000R"
