"""The GSM 7-bit alphabet with national tables (3GPP TS 23.038 §6.2.1.2, annex A).

A message says in its header which tables it uses: a locking one in place of the
basic alphabet, a single one in place of the extension. We read them and never send
them. Languages: 1 Turkish, 2 Spanish, 3 Portuguese; no other is known here.
"""

from __future__ import annotations

from collections.abc import Mapping

from massivesms.domain.gsm7 import ESCAPE, GSM7_BASIC, GSM7_EXTENSION

DEFAULT, TURKISH, SPANISH, PORTUGUESE = 0, 1, 2, 3

_EXTENSION = {code: character for character, code in GSM7_EXTENSION.items()}


def _changed(codes: Mapping[int, str]) -> str:
    return "".join(codes.get(n, character) for n, character in enumerate(GSM7_BASIC))


#: Language -> the 128 characters of its locking table (A.3); Spanish has none.
LOCKING: Mapping[int, str] = {
    DEFAULT: GSM7_BASIC,
    TURKISH: _changed(
        {0x04: "€", 0x07: "ı", 0x0B: "Ğ", 0x0C: "ğ", 0x1C: "Ş", 0x1D: "ş"}
        | {0x40: "İ", 0x60: "ç"}
    ),
    PORTUGUESE: (
        "@£$¥êéúíóç\nÔô\rÁá"
        "Δ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ"
        " !\"#º%&'()*+,-./"
        "0123456789:;<=>?"
        "ÍABCDEFGHIJKLMNO"
        "PQRSTUVWXYZÃÕÚÜ§"
        "~abcdefghijklmno"
        "pqrstuvwxyzãõ`üà"
    ),
}

#: Language -> code after an escape -> character of its single table (A.2).
SINGLE: Mapping[int, Mapping[int, str]] = {
    DEFAULT: _EXTENSION,
    TURKISH: _EXTENSION
    | {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
    SPANISH: _EXTENSION
    | {0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú"}
    | {0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú"},
    PORTUGUESE: _EXTENSION
    | {0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"}
    | {0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ"}
    | {0x1F: "Ê", 0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ"}
    | {0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â"},
}


def is_known(locking: int, single: int) -> bool:
    """Whether both tables are known here."""
    return locking in LOCKING and single in SINGLE


def decode(unpacked: bytes, locking: int, single: int) -> str:
    """The text of one octet per septet in two known tables.

    An escape before a code that the single table lacks shows the locking one's
    character, a doubled or last escape a space; an octet above 0x7F the replacement
    character.
    """
    basic, extension = LOCKING[locking], SINGLE[single]
    characters: list[str] = []
    escaped = False
    for code in unpacked:
        if code > 0x7F:
            characters.append("\N{REPLACEMENT CHARACTER}")
            escaped = False
        elif escaped:
            escaped = False
            is_doubled = code == ESCAPE
            characters.append(" " if is_doubled else extension.get(code, basic[code]))
        elif code == ESCAPE:
            escaped = True
        else:
            characters.append(basic[code])
    if escaped:
        characters.append(" ")
    return "".join(characters)
