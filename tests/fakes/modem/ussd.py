"""How the network writes an answer to a USSD code (3GPP 23.038 §6.1.2.3)."""

from __future__ import annotations


def written(text: str, way: str) -> str:
    """The answer plain, as UCS-2 in hex, or as packed septets in hex (ASCII only)."""
    if way == "ucs2":
        return text.encode("utf-16-be").hex().upper()
    if way == "packed":
        bits = "".join(f"{ord(c):07b}"[::-1] for c in text)
        bits += "0" * (-len(bits) % 8)
        octets = [bits[at : at + 8][::-1] for at in range(0, len(bits), 8)]
        return bytes(int(octet, 2) for octet in octets).hex().upper()
    return text
