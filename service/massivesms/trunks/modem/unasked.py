"""Lines that a modem writes unasked (3GPP 27.005 §3.4.1, 27.007 §7.15): what they say.

Pure: a line in, an event out. Never raises; what is not understood is a Notice.
"""

from __future__ import annotations

import re

from .events import Notice, Rings, SessionEvent, Stored, Ussd

#: These come unasked even when a command with that name is under way.
ALWAYS = ("+CMTI:", "+CDSI:", "+CMT:", "+CDS:", "+CBM:", "+CUSD:", "+CLIP:", "+CRING:")
WITH_PDU = ("+CMT:", "+CDS:")
#: A whole line each; nothing that a command answers with.
WORDS = frozenset({"RING", "RDY", "NO CARRIER", "SMS READY", "CALL READY", "SYSSTART"})
MARKS = "+^*$%#"
_STORED = re.compile(r'\+C(?:MT|DS)I: *"?(\w+)"?, *(\d{1,5})')
_CALLER = re.compile(r'\+CLIP: *"([+*#0-9]*)"(?:, *(\d+))?')
INTERNATIONAL = "145"
_USSD = re.compile(r'\+CUSD: *(\d)(?:, *"(.*)"(?:, *(\d{1,3}))?)?', re.DOTALL)


def read(line: str) -> SessionEvent:
    """The event of a line, or of several that belong together."""
    if line.startswith(("+CMTI:", "+CDSI:")) and (found := _STORED.match(line)):
        return Stored(found[1], int(found[2]))
    if line.startswith("+CUSD:") and (found := _USSD.match(line)):
        coding = int(found[3]) if found[3] else None
        return Ussd(int(found[1]), found[2] or "", coding)
    if line == "RING" or line.startswith("+CRING:"):
        return Rings(None)
    if line.startswith("+CLIP:") and (found := _CALLER.match(line)):
        lacks_plus = found[2] == INTERNATIONAL and found[1][:1].isdigit()
        return Rings(f"+{found[1]}" if lacks_plus else found[1])
    return Notice(line)


def is_open(line: str) -> bool:
    """Whether a text in quotes goes on in the next line."""
    return line.startswith("+CUSD:") and line.count('"') == 1
