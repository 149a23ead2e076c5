"""The packets of Asterisk's manager interface, from octets and to octets. Pure.

Lines end with CR LF, a packet with an empty one; the first line of all is the banner.
Nothing that is written can end a line early: whatever could is refused here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BANNER = b"Asterisk Call Manager/"
MOST_OCTETS = 256 * 1024  # of one packet
#: Asterisk reads lines into a buffer of 1025 octets; longer ones are dumped.
MOST_LINE = 1000


class Unreadable(Exception):
    """What came is no packet."""


class Unwritable(Exception):
    """A value that no line can carry; `is_long`: only because of its length."""

    def __init__(self, name: str, *, is_long: bool = False) -> None:
        super().__init__(name)
        self.is_long = is_long


@dataclass(frozen=True, slots=True)
class Packet:
    """A response or an event: names and values, as they came."""

    lines: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The first value of a name, however that is written; '' without one."""
        wanted = name.lower()
        return next((v for n, v in self.lines if n.lower() == wanted), "")

    @property
    def event(self) -> str:
        """The event's name, '' of a response."""
        return self.get("Event")


class Packets:
    """Takes octets in whatever pieces they come, gives packets."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self.banner = ""

    def feed(self, data: bytes) -> list[Packet]:
        """Packets that are whole now. Raises Unreadable."""
        self._octets += data
        if not self.banner and not self._take_banner():
            return []
        packets = []
        while (packet := self._take()) is not None:
            if packet.lines:
                packets.append(packet)
        return packets

    def _take_banner(self) -> bool:
        line, end, rest = bytes(self._octets).partition(b"\n")
        if not BANNER.startswith(line[: len(BANNER)]) or len(line) > MOST_LINE:
            raise Unreadable(line[:80].decode("latin-1"))
        if not end:
            return False
        self.banner = line.decode("latin-1").strip()
        self._octets[:] = rest
        return True

    def _take(self) -> Packet | None:
        while self._octets[:2] == b"\r\n":  # drivers write one too many
            del self._octets[:2]
        end = self._octets.find(b"\r\n\r\n")
        if end < 0:
            if len(self._octets) > MOST_OCTETS:
                raise Unreadable(bytes(self._octets[:80]).decode("latin-1"))
            return None
        text = bytes(self._octets[:end]).decode("utf-8", "replace")
        del self._octets[: end + 4]
        lines = []
        for line in text.split("\r\n"):
            name, colon, value = line.partition(":")
            if colon:
                lines.append((name.strip(), value.removeprefix(" ")))
        return Packet(tuple(lines))


def encode(headers: Sequence[tuple[str, str]]) -> bytes:
    """An action's octets. Raises Unwritable."""
    lines = []
    for name, value in headers:
        if any(c in value for c in "\r\n\0"):
            raise Unwritable(name)
        line = f"{name}: {value}".encode()
        if len(line) > MOST_LINE:
            raise Unwritable(name, is_long=True)
        lines.append(line)
    return b"\r\n".join(lines) + b"\r\n\r\n"
