"""From what a modem writes to lines and prompts.

Owns the octets that are not a whole line yet. Modems end lines with CR, LF or both,
and a prompt with nothing at all.
"""

from __future__ import annotations

PROMPT = ">"
MOST_OCTETS = 8192  # of one line; more is noise
_BETWEEN = b" \r\n\0\x11\x13\x1a\x1b\xff"


class Lines:
    """Takes octets, gives lines."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, data: bytes) -> None:
        """Octets from the modem, in whatever pieces they come."""
        self._octets += data

    def take(self, expects_prompt: bool) -> str | None:
        """The next line without its end, or PROMPT; None when there is none yet."""
        while self._octets and self._octets[0] in _BETWEEN:
            del self._octets[0]
        if expects_prompt and self._octets[:1] == b">":
            del self._octets[0]
            return PROMPT
        ends = [at for at in map(self._octets.find, (b"\r", b"\n")) if at >= 0]
        if not ends:
            if len(self._octets) > MOST_OCTETS:
                self._octets.clear()
            return None
        line = self._octets[: min(ends)].decode("latin-1").strip()
        del self._octets[: min(ends)]
        return line
