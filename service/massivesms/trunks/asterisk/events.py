"""What happens in the talk with Asterisk's manager interface, as values."""

from __future__ import annotations

from dataclasses import dataclass

from .packets import Packet


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The user is signed in; `banner` is what Asterisk calls itself."""

    banner: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The response to an action, and for lists the events that belong to it."""

    key: int
    response: Packet
    entries: tuple[Packet, ...] = ()

    @property
    def is_success(self) -> bool:
        """Whether Asterisk did it."""
        return self.response.get("Response").lower() == "success"

    @property
    def said(self) -> str:
        """Asterisk's words."""
        return self.response.get("Message")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No response came. `has_left`: Asterisk may have read the action."""

    key: int
    has_left: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that nobody asked for."""

    packet: Packet


@dataclass(frozen=True, slots=True)
class Over:
    """The talk has ended; `needs_person`: trying again would be of no use."""

    code: str
    detail: str = ""
    needs_person: bool = False


SessionEvent = LoggedIn | Answered | Unanswered | Happened | Over
