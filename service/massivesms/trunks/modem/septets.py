"""Septets in octets (3GPP TS 23.038 §6.1.2.1), for short messages and for USSD.

Owns the packing only: which character a septet is stands in domain.gsm7. Never
raises for what came; the caller has counted.
"""

from __future__ import annotations

SEPTET = 0x7F


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Packs one byte per septet; `fill_bits` (0 to 6) stay empty at the front."""
    value = 0
    for place, septet in enumerate(septets):
        value |= (septet & SEPTET) << (7 * place)
    bits = 7 * len(septets) + fill_bits
    return (value << fill_bits).to_bytes((bits + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """The first `count` septets after the fill bits; fewer when octets are missing."""
    value = int.from_bytes(octets, "little") >> fill_bits
    there = max(0, (8 * len(octets) - fill_bits) // 7)
    return bytes(value >> (7 * n) & SEPTET for n in range(min(count, there)))


def fill_bits_after(octets: int) -> int:
    """Bits between a header of so many octets and the next septet boundary."""
    return -8 * octets % 7


def septets_of(octets: int) -> int:
    """Septets that a header of so many octets takes, its fill bits included."""
    return (8 * octets + 6) // 7
