"""The balance of a SIM card by USSD (3GPP 27.007 §7.15): a code out, words back.

Pure: what is to be asked, what came, and moments in; commands and results out. Modems
differ in how a code and its answer are written, and what they say of it is not to be
trusted: each way is tried.
"""

from __future__ import annotations

import re
from collections import deque

from ...domain import gsm7
from ..base import BalanceCame
from . import septets
from .events import GONE, OK, SILENT, Answered, Ask, Ussd

COMMAND_S = 30.0  # until the modem says OK
ANSWER_S = 30.0  # from the modem's OK to the network's answer
HOLD_S = 10.0  # so long no message is begun meanwhile: they share one channel
CLOSE = "AT+CUSD=2"
MENU, ENDED, UNSUPPORTED, TIMED_OUT = 1, 2, 4, 5
MOST_WAITING = 5
_HEX = re.compile(r"(?:[0-9A-F]{2}){2,}", re.IGNORECASE)


def written(code: str, make: str) -> list[str]:
    """A code in all ways in which modems take it, the likeliest first."""
    packed = septets.pack(gsm7.encode(code)).hex().upper()
    ways = [code, packed, code.encode("utf-16-be").hex().upper()]
    if "huawei" in make.lower():
        ways[:2] = [packed, code]
    return ways


def read(text: str) -> str:
    """The words of an answer that came as they are, as UCS-2 or as packed septets."""
    text = text.strip()
    if not _HEX.fullmatch(text):
        return _clean(text)
    octets = bytes.fromhex(text)
    if len(octets) % 2 == 0:
        wide = octets.decode("utf-16-be", "replace")
        if _is_text(wide) and 2 * sum(ord(c) < 0x250 for c in wide) >= len(wide):
            return _clean(wide)
    packed = gsm7.decode(septets.unpack(octets, 8 * len(octets) // 7))
    packed = packed.rstrip("\r@\0")
    has_word = re.search(r"[A-Za-z]{2}|\d{2}", packed)
    if has_word and _is_text(packed) and _is_common(packed):
        return _clean(packed)
    return _clean(text)


def _is_text(text: str) -> bool:
    return bool(text) and all(c.isprintable() or c in "\r\n\t" for c in text)


def _is_common(text: str) -> bool:
    """Whether it looks like a sentence and not like octets that are something else."""
    common = sum(c.isascii() and (c.isalnum() or c in " .,:;*#$%/-+\r\n") for c in text)
    return common >= 0.8 * len(text)


def _clean(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class Asking:
    """One balance after another; `make` decides how its code is written."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._waiting: deque[int] = deque()
        self._asked: int | None = None
        self._ways: list[str] = []
        self._line = ""  # of the command that is under way
        self._hold_until_s = 0.0
        self._due_s: float | None = None
        self._must_close = False

    @property
    def due_s(self) -> float | None:
        """When check() has something to do."""
        return self._due_s

    @property
    def is_eager(self) -> bool:
        """Whether next() has a command as soon as the modem does nothing else."""
        is_refused = self._asked is not None and self._due_s is None
        is_next = self._asked is None and bool(self._waiting)
        return not self._line and (self._must_close or is_refused or is_next)

    def ask(self, balance_id: int) -> list[BalanceCame]:
        """Asks when its turn comes."""
        if not self._code:
            return [BalanceCame(balance_id, "", "ussd_no_code")]
        if len(self._waiting) >= MOST_WAITING:
            return [BalanceCame(balance_id, "", "ussd_none")]
        self._waiting.append(balance_id)
        return []

    def next(self, make: str, now_s: float) -> Ask | None:
        """The command to be written now, when the modem does nothing else."""
        if self._line:
            return None
        if self._must_close:
            self._must_close = False
            return Ask(CLOSE)
        if self._asked is None and self._waiting:
            self._asked = self._waiting.popleft()
            self._ways = written(self._code, make)
            return self._write(now_s)
        if self._asked is not None and self._due_s is None:
            return self._write(now_s)  # the last way was refused
        return None

    def _write(self, now_s: float) -> Ask:
        self._line = f'AT+CUSD=1,"{self._ways.pop(0)}",15'
        self._hold_until_s = now_s + HOLD_S
        return Ask(self._line, COMMAND_S)

    @property
    def holds_until_s(self) -> float:
        """Until when a message had better wait; a moment of the past otherwise."""
        return self._hold_until_s if self._asked is not None else 0.0

    def answered(self, came: Answered, now_s: float) -> list[BalanceCame]:
        """The modem took the code, or not: then the next way is tried."""
        if not self._line or came.ask.line != self._line:
            return []
        self._line = ""
        if self._asked is None:
            return []  # the network was quicker
        if came.final.kind == OK:
            self._due_s = now_s + ANSWER_S
            return []
        if came.final.kind in (SILENT, GONE):
            return self._end("", "ussd_gone")
        if self._ways:
            return []
        said = f"+{came.final.kind.upper()} ERROR: {came.final.number}"
        return self._end("", "ussd_refused", came.final.words or said)

    def came(self, ussd: Ussd) -> list[BalanceCame]:
        """The network's answer; what nobody asked for is left."""
        if self._asked is None:
            return []
        text = read(ussd.text)
        if ussd.status == MENU:
            self._must_close = True
        if text:
            return self._end(text)
        if ussd.status == UNSUPPORTED:
            return self._end("", "ussd_unsupported")
        if ussd.status == TIMED_OUT:
            return self._end("", "ussd_none")
        return self._end("", "ussd_empty")

    def check(self, now_s: float) -> list[BalanceCame]:
        """Waits no longer for an answer."""
        if self._due_s is None or now_s < self._due_s:
            return []
        self._must_close = True
        return self._end("", "ussd_none")

    def end(self) -> list[BalanceCame]:
        """The modem is gone or is let go: nothing more will come."""
        open_ones = [
            *([self._asked] if self._asked is not None else []),
            *self._waiting,
        ]
        self._waiting.clear()
        self._asked, self._due_s = None, None
        return [BalanceCame(one, "", "ussd_gone") for one in open_ones]

    def _end(self, answer: str, code: str = "", detail: str = "") -> list[BalanceCame]:
        assert self._asked is not None
        done = BalanceCame(self._asked, answer, code, detail)
        self._asked, self._due_s, self._ways = None, None, []
        return [done]
