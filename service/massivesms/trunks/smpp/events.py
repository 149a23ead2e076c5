"""What happens in an SMPP session, as values: the session says, the trunk acts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ..base import Settled
from . import codec


class State(Enum):
    """Where the session stands."""

    OPEN = auto()
    BINDING = auto()
    BOUND = auto()
    UNBINDING = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Bound:
    """The bind was accepted; `system_id` is what the SMSC calls itself."""

    system_id: str


@dataclass(frozen=True, slots=True)
class BindRefused:
    """The bind was answered with an error."""

    status: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A deliver_sm or data_sm came; answer it by `sequence`."""

    sequence: int
    command: int
    deliver: codec.Deliver
    body: bytes = b""

    @property
    def octets(self) -> bytes:
        """The PDU as it came."""
        return codec.encode(self.command, self.sequence, self.body)


@dataclass(frozen=True, slots=True)
class Unread:
    """A PDU, or octets that are none, that could not be read.

    `command` is that of a deliver_sm or data_sm that waits for its answer; else 0.
    """

    octets: bytes
    command: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Alive:
    """The SMSC answered our enquire_link."""


@dataclass(frozen=True, slots=True)
class Over:
    """The session has ended; everything unanswered was settled before."""

    code: str
    detail: str = ""


SessionEvent = Settled | Bound | BindRefused | Delivered | Unread | Alive | Over
