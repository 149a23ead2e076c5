"""What a modem is asked while it works: its signal, its network, its operator. Pure.

Also how it is noticed that it has lost its network: once may be a moment's weakness.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ...domain.modem_live import REGISTERED, ModemSeen
from .events import Answered, Ask

ANSWER_S = 5.0
OPERATOR_S = 30.0
TELL_S = 120.0  # what has not changed is told again after so long
LOST_LOOKS = 2
SIGNAL, NETWORK, PACKETS, OPERATOR = "AT+CSQ", "AT+CREG?", "AT+CEREG?", "AT+COPS?"
_SIGNAL = re.compile(r"\+CSQ: *(\d+)")
_STATE = re.compile(r"\+CE?REG: *\d+, *(\d+)")
_VALUE = re.compile(r'"([^"]*)"')


def signal_dbm(lines: tuple[str, ...]) -> int | None:
    """The signal in an answer to AT+CSQ (27.007 §8.5); 99 is "not known"."""
    found = _SIGNAL.search(" ".join(lines))
    if not found or int(found[1]) > 31:
        return None
    return -113 + 2 * int(found[1])


def registration(lines: tuple[str, ...]) -> int | None:
    """<stat> in an answer to AT+CREG? or AT+CEREG?."""
    found = _STATE.search(" ".join(lines))
    return int(found[1]) if found and len(found[1]) < 3 else None


def better(one: int | None, other: int | None) -> int | None:
    """Of two kinds of networks: in either it is registered."""
    for state in REGISTERED:
        if state in (one, other):
            return state
    return other if one is None or (one == 0 and other) else one


def operator(lines: tuple[str, ...]) -> str:
    """The name in an answer to AT+COPS?."""
    found = _VALUE.search(" ".join(lines))
    return "".join(c for c in found[1] if c.isprintable())[:40] if found else ""


class Watch:
    """Looks now and then; what it saw is in `seen`."""

    def __init__(self, seen: ModemSeen, now_s: float) -> None:
        self.seen = seen
        self._told = seen
        self._told_at_s = now_s
        self._network: int | None = None
        self._lost = 0
        self._open = 0  # questions without an answer yet

    def questions(self) -> list[Ask]:
        """What to ask now; nothing while the last look is under way."""
        if self._open:
            return []
        lines = {SIGNAL: ANSWER_S, NETWORK: ANSWER_S, PACKETS: ANSWER_S}
        lines[OPERATOR] = OPERATOR_S
        self._open = len(lines)
        return [Ask(line, timeout_s) for line, timeout_s in lines.items()]

    def answered(self, came: Answered, now_s: float) -> list[ModemSeen]:
        """An answer; with the last one of a look, what is worth telling."""
        lines, line = came.lines if came.final.is_ok else (), came.ask.line
        if line == SIGNAL:
            self.seen = replace(self.seen, signal_dbm=signal_dbm(lines))
        elif line == NETWORK:
            self._network = registration(lines)
        elif line == PACKETS:
            found = better(self._network, registration(lines))
            self.seen = replace(self.seen, registration=found)
            self._lost = 0 if self.seen.is_registered else self._lost + 1
        elif line == OPERATOR:
            self.seen = replace(self.seen, operator=operator(lines))
        else:
            return []
        self._open = max(0, self._open - 1)
        is_new = self.seen != self._told or now_s - self._told_at_s >= TELL_S
        if self._open or not is_new:
            return []
        self._told, self._told_at_s = self.seen, now_s
        return [self.seen]

    @property
    def has_lost_network(self) -> bool:
        """Whether it has been without a network for more than a look."""
        return self._lost >= LOST_LOOKS
