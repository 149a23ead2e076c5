"""Messages on their way: their segments' bodies and what was answered to each.

Turns the answers to all segments of a message into one Outcome. Pure. A message
of one segment, which nearly all are, has a kind of its own that keeps no books:
whatever happens to its segment is its outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ...domain import smpp_status
from ...domain.outcomes import (
    Accepted,
    Decision,
    Deferred,
    InDoubt,
    Outcome,
    Rejected,
    TrunkDown,
)

QUEUE_FULL_WAIT_S = 30.0
THROTTLED_WAIT_S = 1.0
Overrides = Mapping[int, Decision]
NO_OVERRIDES: Overrides = MappingProxyType({})


class Single:
    """A message of one segment; its position is 1."""

    __slots__ = ("body", "message_id")

    def __init__(self, message_id: int, body: bytes) -> None:
        self.message_id = message_id
        self.body = body

    def answer(
        self, position: int, status: int, smsc_message_id: str, overrides: Overrides
    ) -> Outcome | None:
        """The outcome, now that its segment is answered."""
        if status:
            return refusal(status, {}, overrides)
        return Accepted((smsc_message_id,))

    def doubt(self, position: int, code: str, detail: str) -> Outcome | None:
        """The outcome, now that no answer came."""
        return InDoubt(code, detail)

    def give_back(self, position: int, code: str, detail: str) -> Outcome | None:
        """The outcome, now that it is certain that it never left."""
        return TrunkDown(code, detail)


class Pending:
    """A long message until each of its segments is decided.

    `bodies` are submit_sm bodies in order; `taken` maps positions (from 1) that
    were accepted on an earlier try to their ids. Each call that decides a segment
    returns the outcome once all are decided, and None before.
    """

    __slots__ = (
        "accepted",
        "bodies",
        "doubts",
        "message_id",
        "refused",
        "taken",
        "unsent",
    )

    def __init__(
        self,
        message_id: int,
        bodies: Sequence[bytes],
        taken: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        self.message_id = message_id
        self.bodies = bodies
        self.taken = taken
        self.accepted: dict[int, str] = dict(taken)
        self.refused: dict[int, tuple[int, Overrides]] = {}
        self.doubts: dict[int, tuple[str, str]] = {}
        self.unsent: dict[int, tuple[str, str]] = {}

    @property
    def missing(self) -> list[int]:
        """Positions to send."""
        return [n for n in range(1, len(self.bodies) + 1) if n not in self.taken]

    def answer(
        self, position: int, status: int, smsc_message_id: str, overrides: Overrides
    ) -> Outcome | None:
        """Books the SMSC's answer to one segment; a late one ends its doubt."""
        self.doubts.pop(position, None)
        if status:
            self.refused[position] = (status, overrides)
        else:
            self.accepted[position] = smsc_message_id
        return self.outcome()

    def doubt(self, position: int, code: str, detail: str) -> Outcome | None:
        """Books that no answer to one segment came."""
        self.doubts[position] = (code, detail)
        return self.outcome()

    def give_back(self, position: int, code: str, detail: str) -> Outcome | None:
        """Books that one segment never left us."""
        self.unsent[position] = (code, detail)
        return self.outcome()

    def outcome(self) -> Outcome | None:
        """What came of the message, by the worst of its segments."""
        answered = len(self.accepted) + len(self.refused)
        if answered + len(self.doubts) + len(self.unsent) < len(self.bodies):
            return None
        accepted = dict(self.accepted)
        if self.doubts:
            code, detail = next(iter(self.doubts.values()))
            return InDoubt(code, detail, accepted)
        if self.refused:
            status, overrides = next(iter(self.refused.values()))
            return refusal(status, accepted, overrides)
        if self.unsent:
            code, detail = next(iter(self.unsent.values()))
            if accepted:
                return Deferred(0.0, "trunk_down", detail, accepted)
            return TrunkDown(code, detail)
        return Accepted(tuple(accepted[n] for n in sorted(accepted)))


Message = Single | Pending


def refusal(
    status: int, accepted: Mapping[int, str], overrides: Overrides = NO_OVERRIDES
) -> Outcome:
    """What an error answer means; `overrides` are the trunk's own decisions."""
    code = smpp_status.result_code(status)
    detail = smpp_status.detail(status)
    if status == smpp_status.NOT_BOUND:
        return Deferred(0.0, "trunk_down", detail, accepted)
    decision = overrides.get(status) or smpp_status.status_of(status).decision
    if decision is Decision.PAUSE_TRUNK:
        full = status == smpp_status.QUEUE_FULL
        wait_s = QUEUE_FULL_WAIT_S if full else THROTTLED_WAIT_S
        return Deferred(wait_s, code, detail, accepted)
    return Rejected(code, detail, decision, accepted)
