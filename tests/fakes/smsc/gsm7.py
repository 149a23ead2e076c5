"""The GSM 7-bit default alphabet, one septet per octet (3GPP TS 23.038 §6.2.1).

Reads what arrived the way a handset would, so that a text the sender split or
mapped wrongly comes out visibly wrong. Knows nothing of PDUs.
"""

from __future__ import annotations

ESCAPE = 0x1B
UNREADABLE = "\N{REPLACEMENT CHARACTER}"

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_SEPTET = {character: code for code, character in enumerate(BASIC)}
_EXTENDED = {character: code for code, character in EXTENSION.items()}


def decode(octets: bytes) -> str:
    """The text; U+FFFD for octets over 0x7F and for an escape with nothing after.

    An escape before a code outside the extension table shows the basic
    character, as §6.2.1.1 asks of a handset.
    """
    text: list[str] = []
    escaped = False
    for octet in octets:
        if octet > 0x7F:
            text.append(UNREADABLE)
            escaped = False
        elif escaped:
            text.append(EXTENSION.get(octet, BASIC[octet]))
            escaped = False
        elif octet == ESCAPE:
            escaped = True
        else:
            text.append(BASIC[octet])
    if escaped:
        text.append(UNREADABLE)
    return "".join(text)


def encode(text: str) -> bytes:
    """The octets of a text; raises ValueError for what the alphabet lacks."""
    octets = bytearray()
    for character in text:
        if character in _EXTENDED:
            octets += bytes((ESCAPE, _EXTENDED[character]))
        elif character in _SEPTET and character != "\x1b":
            octets.append(_SEPTET[character])
        else:
            raise ValueError(f"not in the GSM 7-bit alphabet: {character!r}")
    return bytes(octets)
