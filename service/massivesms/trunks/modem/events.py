"""What a modem's session is asked to do and what happens in it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .tpdu import Pdu

OK, ERROR, CMS, CME, SILENT, GONE = "ok", "error", "cms", "cme", "silent", "gone"
ANSWER_S = 10.0  # for a command, and for the prompt
SENT_S = 120.0  # from the end of a text to its result


class Final(NamedTuple):
    """How a command ended: a kind of the names above; a number with cms and cme."""

    kind: str
    number: int = 0
    words: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the modem did it."""
        return self.kind == OK


@dataclass(frozen=True, slots=True)
class Ask:
    """A command without a text, as "AT+CSQ"; answered by one Answered.

    `secret`: it is never to be shown or logged.
    """

    line: str
    timeout_s: float = ANSWER_S
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """One short message; answered by one Ended with the same key."""

    key: int
    pdu: Pdu
    timeout_s: float = SENT_S


@dataclass(frozen=True, slots=True)
class Answered:
    """A command has ended; `lines` are those that belong to it."""

    ask: Ask
    lines: tuple[str, ...]
    final: Final


@dataclass(frozen=True, slots=True)
class Ended:
    """A short message has ended: with its reference when the network took it.

    `is_written`: the text was handed over, so without a reference and without an
    error the network may have it.
    """

    key: int
    reference: int | None
    final: Final
    is_written: bool


@dataclass(frozen=True, slots=True)
class Came:
    """A message or a report, whole, in hex (+CMT, +CDS)."""

    pdu: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A message or a report lies in a storage (+CMTI, +CDSI)."""

    storage: str
    index: int


@dataclass(frozen=True, slots=True)
class Ussd:
    """The network's answer to a USSD command, as it came."""

    status: int
    text: str
    data_coding: int | None


@dataclass(frozen=True, slots=True)
class Rings:
    """Somebody calls: who, '' when the network hides it, None until it is told."""

    number: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Any other line that nobody asked for."""

    line: str


@dataclass(frozen=True, slots=True)
class Over:
    """The modem does not answer: the session must begin anew."""


SessionEvent = Answered | Ended | Came | Stored | Ussd | Rings | Notice | Over
