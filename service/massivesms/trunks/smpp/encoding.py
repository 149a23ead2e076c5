"""A text's segments as octets on an SMPP wire, and addresses with TON and NPI."""

from __future__ import annotations

from typing import NamedTuple

from ...domain import gsm7
from ...domain.segments import Alphabet, Split, reference, udh

DATA_CODING_DEFAULT, DATA_CODING_LATIN1, DATA_CODING_UCS2 = 0x00, 0x03, 0x08
TON_UNKNOWN, TON_INTERNATIONAL, TON_NETWORK, TON_ALPHANUMERIC = 0, 1, 3, 5
SHORT_CODE_DIGITS = 8  # a number of at most so many digits is a short code


class Encoded(NamedTuple):
    """A text ready to be sent: one short_message for each segment."""

    data_coding: int
    short_messages: tuple[bytes, ...]
    has_udh: bool


def encode_text(split: Split, message_id: int, default_alphabet: str) -> Encoded | str:
    """The octets of each segment, or the characters that cannot be carried.

    `default_alphabet` is what the operator means by data_coding 0. A text split
    as GSM 7-bit whose characters Latin-1 lacks (€, Greek) is refused then.
    """
    octets: list[bytes] = []
    for part in split.parts:
        if split.alphabet is Alphabet.UCS2:
            octets.append(part.encode("utf-16-be"))
        elif default_alphabet == "latin1":
            try:
                octets.append(part.encode("latin-1"))
            except UnicodeEncodeError as error:
                return part[error.start : error.end]
        else:
            octets.append(gsm7.encode(part))
    total = len(octets)
    if total > 1:
        number = reference(message_id)
        octets = [udh(number, total, n) + o for n, o in enumerate(octets, start=1)]
    is_ucs2 = split.alphabet is Alphabet.UCS2
    data_coding = DATA_CODING_UCS2 if is_ucs2 else DATA_CODING_DEFAULT
    return Encoded(data_coding, tuple(octets), total > 1)


def source_address(sender_id: str, ton: str, npi: str) -> tuple[int, int, str]:
    """TON, NPI and address of a sender (field: 5/0, short codes 3/0, long 1/1)."""
    digits = sender_id.removeprefix("+")
    if not sender_id:
        automatic = (TON_UNKNOWN, 0)
    elif not digits.isdecimal():
        automatic = (TON_ALPHANUMERIC, 0)
    elif len(digits) <= SHORT_CODE_DIGITS:
        automatic = (TON_NETWORK, 0)
    else:
        automatic = (TON_INTERNATIONAL, 1)
    address = digits if digits.isdecimal() else sender_id
    return (
        automatic[0] if ton == "auto" else int(ton),
        automatic[1] if npi == "auto" else int(npi),
        address,
    )


def destination_ton(is_international: bool) -> int:
    """TON of a number: international, or whatever the operator makes of it."""
    return TON_INTERNATIONAL if is_international else TON_UNKNOWN


def validity_period(hours: int) -> str:
    """A relative time (SMPP 3.4 §7.1.1): YYMMDDhhmmss000R."""
    days, rest = divmod(hours, 24)
    months, days = divmod(days, 30)
    return f"00{months:02}{days:02}{rest:02}0000000R"
