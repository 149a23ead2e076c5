"""The talk with Asterisk's manager interface: sign-in, actions, events, keepalive.

Owns which action is under way, what of it has left, and to whom each response
belongs (by its ActionID, never by order). Pure: octets, actions and moments in,
octets and events out; no socket, no clock.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from ...domain.inert_text import inert
from .events import Answered, Happened, LoggedIn, Over, SessionEvent, Unanswered
from .packets import Packet, Packets, Unreadable, encode

SIGN_IN_S = 15.0  # banner, challenge and login; Asterisk itself waits 30 s
ANSWER_S = 20.0
ALIVE_S = 30.0  # of silence, before Asterisk is asked whether it is there
ALIVE_ANSWER_S = 10.0
MOST_SHOWN = 160
ID = "massivesms-"  # what our ActionIDs begin with
Headers = Sequence[tuple[str, str]]


class Phase(Enum):
    """Where the talk is."""

    GREETING = auto()  # the banner is waited for
    CHALLENGE = auto()
    LOGIN = auto()
    READY = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """Who signs in, and how: md5 or plain."""

    user: str
    secret: str = field(repr=False)
    auth: str = "md5"
    events: str = "off"


@dataclass(slots=True)
class _Asked:
    """An action under way; `end` is how many octets had to leave for it."""

    end: int
    due_s: float
    is_list: bool
    response: Packet | None = None
    entries: list[Packet] = field(default_factory=list)


class Session:
    """One connection, from its banner to its end."""

    def __init__(self, access: Access, now_s: float) -> None:
        self._access = access
        self._packets = Packets()
        self._out = bytearray()
        self._made = self._left = 0  # octets
        self._asked: dict[int, _Asked] = {}
        self._key = 0
        self._ping = 0  # the action that asks whether Asterisk is there
        self._heard_s = now_s
        self._sign_in_due_s = now_s + SIGN_IN_S
        self.phase = Phase.GREETING

    @property
    def output(self) -> bytes:
        """What is to be written now; wrote() tells what was."""
        return bytes(self._out)

    @property
    def is_over(self) -> bool:
        """Whether nothing can be asked any more."""
        return self.phase is Phase.OVER

    @property
    def due_s(self) -> float:
        """The moment at which check() has something to do."""
        if self.phase is Phase.OVER:
            return math.inf
        if self.phase is not Phase.READY:
            return self._sign_in_due_s
        dues = [asked.due_s for asked in self._asked.values()]
        return min([*dues, *([] if self._ping else [self._heard_s + ALIVE_S])])

    def wrote(self, octets: int) -> None:
        """So many of `output` were handed to the kernel."""
        del self._out[:octets]
        self._left += octets

    def ask(
        self,
        action: str,
        headers: Headers,
        now_s: float,
        *,
        timeout_s: float | None = None,
        is_list: bool = False,
    ) -> int:
        """Puts an action; its key. Raises Unwritable, then nothing was put.

        A list is answered when its last event came.
        """
        key = self._key + 1
        octets = encode([("Action", action), ("ActionID", f"{ID}{key}"), *headers])
        self._key = key
        self._out += octets
        self._made += len(octets)
        self._asked[key] = _Asked(self._made, now_s + (timeout_s or ANSWER_S), is_list)
        return key

    def receive(self, data: bytes, now_s: float) -> list[SessionEvent]:
        """What Asterisk wrote; b"" is the end of the connection."""
        if not data:
            return self.lost("asterisk_closed")
        self._heard_s = now_s
        try:
            packets = self._packets.feed(data)
        except Unreadable as error:
            shown = inert(str(error))[:MOST_SHOWN]
            is_new = self.phase is Phase.GREETING
            return self.lost("asterisk_no_manager" if is_new else "asterisk_garbage",
                             shown)  # fmt: skip
        events: list[SessionEvent] = []
        if self.phase is Phase.GREETING and self._packets.banner:
            self._sign_in(now_s)
        for packet in packets:
            if not self.is_over:
                events += self._take(packet, now_s)
        return events

    def check(self, now_s: float) -> list[SessionEvent]:
        """Gives up what has taken too long, and asks whether Asterisk is there."""
        if now_s < self.due_s:
            return []
        if self.phase is not Phase.READY:
            return self.lost("asterisk_login_silent")
        if self._ping and self._asked[self._ping].due_s <= now_s:
            return self.lost("asterisk_silent")
        late = [key for key, asked in self._asked.items() if asked.due_s <= now_s]
        if any(self._asked[key].end > self._left for key in late):
            return self.lost("asterisk_silent")  # or it would leave after all
        events: list[SessionEvent] = [self._give_up(key) for key in late]
        if not self._ping and now_s >= self._heard_s + ALIVE_S:
            self._ping = self.ask("Ping", (), now_s, timeout_s=ALIVE_ANSWER_S)
        return events

    def lost(
        self, code: str, detail: str = "", *, needs_person: bool = False
    ) -> list[SessionEvent]:
        """The connection is gone, or is to be closed: everything ends now."""
        if self.is_over:
            return []
        self.phase = Phase.OVER
        self._out.clear()  # what has not left never does
        events: list[SessionEvent] = [self._give_up(key) for key in list(self._asked)]
        return [*events, Over(code, detail, needs_person)]

    def _give_up(self, key: int) -> Unanswered:
        """An action is carried out only when its last octet was read."""
        return Unanswered(key, self._asked.pop(key).end <= self._left)

    def _sign_in(self, now_s: float) -> None:
        if self._access.auth == "md5":
            self.phase = Phase.CHALLENGE
            self.ask("Challenge", [("AuthType", "MD5")], now_s)
        else:
            self._log_in([("Secret", self._access.secret)], now_s)

    def _log_in(self, proof: Headers, now_s: float) -> None:
        self.phase = Phase.LOGIN
        user, events = self._access.user, self._access.events
        self.ask("Login", [("Username", user), *proof, ("Events", events)], now_s)

    def _take(self, packet: Packet, now_s: float) -> list[SessionEvent]:
        key = _number(packet.get("ActionID"))
        asked = self._asked.get(key)
        if packet.event and (asked is None or not asked.is_list):
            return [Happened(packet)] if self.phase is Phase.READY else []
        if asked is None:
            return []  # the response to what was given up
        if self.phase is not Phase.READY:
            del self._asked[key]
            return self._signing_in(Answered(key, packet), now_s)
        if packet.event:
            if packet.get("EventList").lower() != "complete":
                asked.entries.append(packet)
                return []
        else:
            asked.response = packet
            is_begun = packet.get("EventList").lower() == "start"
            if asked.is_list and is_begun:
                return []
        del self._asked[key]
        if key == self._ping:
            self._ping = 0
            return []
        return [Answered(key, asked.response or packet, tuple(asked.entries))]

    def _signing_in(self, answered: Answered, now_s: float) -> list[SessionEvent]:
        if not answered.is_success:
            if "in use" in answered.said.lower():
                return self.lost("asterisk_in_use")
            return self.lost("asterisk_login", needs_person=True)
        if self.phase is Phase.CHALLENGE:
            mixed = answered.response.get("Challenge") + self._access.secret
            key = hashlib.md5(mixed.encode(), usedforsecurity=False).hexdigest()
            self._log_in([("AuthType", "MD5"), ("Key", key)], now_s)
            return []
        self.phase = Phase.READY
        return [LoggedIn(self._packets.banner)]


def _number(action_id: str) -> int:
    """The key of an action of ours; 0 of none."""
    text = action_id.removeprefix(ID)
    is_ours = text != action_id and text.isascii() and text.isdecimal()
    return int(text) if is_ours and len(text) < 12 else 0
