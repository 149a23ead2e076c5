"""The contract between the engine and every kind of trunk.

A TrunkSession is one way out that is open: it takes submissions, and tells later
what came of each. It owns its wire and nothing else: it knows no database, no
campaign and no other trunk. Whatever goes wrong on the wire leaves it as an
Outcome (of a message) or as TrunkUnavailable (of the session), never as an
exception of a library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from ..domain.incoming_text import Octets
from ..domain.modem_live import ModemSeen
from ..domain.outcomes import Outcome
from ..domain.own_hosts import OwnHosts
from ..domain.segments import Split
from ..domain.user_data import Place
from .pins import OF_THIS_PROCESS, PinBook

NONE_TAKEN: Mapping[int, str] = MappingProxyType({})

#: Called with (result code, detail) at each step of opening, for people to see.
Note = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """A trunk as its session needs it; secrets are in `values`, in the clear.

    `own_hosts` tells those of one's own that it may be sent to over HTTP; it is asked
    each time, so that what is allowed or forbidden holds at once. `awaiting` tells
    those it took earlier whose receipt has not come: id, number, age in seconds.
    """

    trunk_id: int
    name: str
    kind: str
    values: Mapping[str, str] = field(repr=False)
    scripts_dir: Path = Path()
    own_hosts: Callable[[], OwnHosts] = OwnHosts
    pins: PinBook = OF_THIS_PROCESS
    awaiting: Callable[[], Sequence[tuple[str, str, float]]] = tuple

    def number(self, key: str) -> int:
        """An integer setting."""
        return int(self.values[key])

    def is_on(self, key: str) -> bool:
        """A yes/no setting."""
        return self.values[key] == "yes"


class Submission(NamedTuple):
    """One message on its way out.

    `destination` is digits as they go on the wire; `is_international` says that
    they begin with a country code. `taken` maps positions (from 1) of segments
    that this trunk accepted on an earlier try: only the others are sent. Whoever
    takes it must not deliver it later than `validity_s` from now, if that is set.
    `in_window`: the recipient has written to this trunk in the last 24 hours; only
    told to trunks that ask for it (domain.http_kind.has_window). `e164` is the number
    with its + and country code, whatever the trunk's operator wants.
    """

    message_id: int
    campaign_id: int
    destination: str
    is_international: bool
    sender_id: str
    text: str
    split: Split
    taken: Mapping[int, str] = NONE_TAKEN
    validity_s: int | None = None
    in_window: bool = False
    e164: str = ""


class Settled(NamedTuple):
    """What came of one submission."""

    message_id: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ReceiptCame:
    """A delivery receipt; answer it with acknowledge() once it is committed.

    `number` is the recipient as the operator writes it, digits only; `text_start`
    the beginning of our text, as far as the receipt repeats it. `other_number` is
    where the receipt goes to: some operators do not turn the two round. `message_id`
    is ours, when the receipt repeats it.
    """

    smsc_message_id: str
    state: str
    error: str
    reference: int  # the session's own, for acknowledge()
    number: str = ""
    text_start: str = ""
    other_number: str = ""
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnreadableCame:
    """What came and was not understood, as it came; it is kept and counted.

    `kind` is receipt, message or pdu. Answer it with acknowledge() once it is
    committed, unless its `reference` is 0: then nobody waits for an answer.
    """

    kind: str
    octets: bytes
    reference: int = 0


class InboundPart(NamedTuple):
    """One part of a long message: where it stands, and its octets."""

    place: Place
    octets: Octets


@dataclass(frozen=True, slots=True)
class InboundCame:
    """A message from a person; answer it with acknowledge() once it is committed.

    `sender` and `recipient` are as the operator writes them; of a message of
    several `parts` some may be missing (`incomplete`), and of what is no text the
    octets stand in hexadecimal (`unreadable`). Of a part of a long message only
    `part` is given, without a text.
    """

    reference: int  # the session's own, for acknowledge()
    sender: str
    recipient: str
    text: str
    parts: int = 1
    incomplete: bool = False
    unreadable: bool = False
    part: InboundPart | None = None
    digest: bytes = b""  # of all that came: the same again has the same
    is_call: bool = False  # somebody called, and wrote nothing
    mark: bytes = b""  # a hash of the operator's own id of it: told once, for days
    came_at: datetime | None = None  # UTC; None = now


@dataclass(frozen=True, slots=True)
class StopWanted:
    """The trunk says that it must not be used until a person has helped."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class BalanceCame:
    """What came of a balance that was asked for: the network's words, or why not.

    `code` is a result code, '' when it was answered with `answer`.
    """

    balance_id: int
    answer: str
    code: str = ""
    detail: str = ""


#: What the operator waits to hear that it is stored.
Came = ReceiptCame | InboundCame | UnreadableCame
Event = Came | Settled | StopWanted | ModemSeen | BalanceCame


class Pace(Protocol):
    """The speed limit of a trunk, shared by all its sessions; safe in any thread.

    A session asks it for each segment, right before the segment is written.
    """

    def take(self, wanted: int, now_s: float) -> int:
        """Grants 0 to `wanted` segments to be written now."""

    def wait_s(self, now_s: float) -> float:
        """Seconds until at least one segment may be written; 0 = now."""


class Unpaced:
    """No limit at all: for trying a trunk out, and for tests."""

    def take(self, wanted: int, now_s: float) -> int:
        """Everything."""
        return wanted

    def wait_s(self, now_s: float) -> float:
        """Never."""
        return 0.0


class TrunkUnavailable(Exception):
    """The session cannot be opened, or is over.

    `needs_person`: trying again by itself would be useless or harmful (a wrong
    password). `wait_s`: the least wait before the next try.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        needs_person: bool = False,
        wait_s: float = 0,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.needs_person = needs_person
        self.wait_s = wait_s


class TrunkSession(Protocol):
    """One open way out. All calls come from one thread."""

    @property
    def window(self) -> int:
        """Slots: what may be unanswered at once."""

    @property
    def unwritten(self) -> int:
        """Segments that were submitted and wait to be written."""

    def slots(self, segments: int) -> int:
        """How many slots a message of so many segments takes."""

    def open(self, note: Note) -> None:
        """Connects and signs in. Raises TrunkUnavailable."""

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Takes submissions; each is answered by one Settled of poll().

        What the window or the pace does not allow yet waits inside the session.
        """

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """What happened, waiting at most timeout_s, or until wake_fd is readable.

        When the session ends, everything unanswered has been settled by earlier
        events; the call after them raises TrunkUnavailable.
        """

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """Answers what came: stored for good, or please keep it.

        With `more` another one follows at once: the answers go out together.
        """

    def check(self, note: Note) -> bool:
        """Tries the open session out for a person; False when it does not work."""

    def close(self, drain_s: float) -> list[Event]:
        """Signs out: waits for answers at most drain_s, settles all that is left.

        What was not written yet is given back as TrunkDown.
        """


@runtime_checkable
class ModemSession(Protocol):
    """What a session of a modem can do besides."""

    @property
    def seen(self) -> ModemSeen | None:
        """What it said of itself when it was opened, as far as that went."""

    def ask_balance(self, balance_id: int) -> None:
        """Asks for the balance of its SIM card; answered by one BalanceCame."""
