"""What came of one submission, as values; and what each trunk kind decided.

A trunk turns whatever happened on its wire into one of these, at its edge and
once. The engine acts on them and never reads an error text.

The golden rule: an error answer means *not accepted*, so it is safe to send
again; no answer means *in doubt*, because it may have been accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Decision(StrEnum):
    """What the engine does with a message that a trunk refused."""

    FAIL = "fail"  # for good: the fault is the message's
    RETRY = "retry"  # the same trunk again, after a wait; then the next
    NEXT_TRUNK = "next_trunk"  # the fault is the trunk's; many in a row stop it
    NEXT_ONCE = "next_once"  # nobody knows whose fault: another trunk may succeed
    ONCE_MORE = "once_more"  # the same; without another trunk this one, once
    STOP_TRUNK = "stop_trunk"  # the trunk can send nothing until a person helps
    PAUSE_TRUNK = "pause_trunk"  # too fast: all of the trunk waits, costs no try


class Accepted(NamedTuple):
    """The trunk took the message; `ids` has one smsc_message_id per segment.

    The one outcome that comes by the million, so it is a tuple.
    """

    ids: tuple[str, ...] = ("",)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The trunk answered that it does not take the message.

    `code` is a stable key of domain.results; `reason` the operator's or the
    script's own words. `accepted` maps the positions (from 1) of segments that
    were taken nevertheless to their ids; only the others may be sent again.
    """

    code: str
    reason: str
    decision: Decision
    accepted: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not accepted, and the trunk asks for a wait; costs the message no try."""

    seconds: float
    code: str
    reason: str = ""
    accepted: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrunkDown:
    """Nothing of the message left us, because the trunk cannot send."""

    code: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The message left us, or may have, and no answer came."""

    code: str
    reason: str = ""
    accepted: Mapping[int, str] = field(default_factory=dict)


Outcome = Accepted | Rejected | Deferred | TrunkDown | InDoubt
