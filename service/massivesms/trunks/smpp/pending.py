"""One message on its way: its segments' bodies and what was answered to each.

Turns the answers to all segments into one Outcome. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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


@dataclass(slots=True)
class Pending:
    """A message until each of its segments is answered or given up.

    `bodies` are submit_sm bodies in order; `taken` maps positions (from 1) that
    were accepted on an earlier try to their ids.
    """

    message_id: int
    bodies: Sequence[bytes]
    taken: Mapping[int, str] = field(default_factory=dict)
    accepted: dict[int, str] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    doubts: dict[int, tuple[str, str]] = field(default_factory=dict)
    unsent: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self.accepted.update(self.taken)

    @property
    def missing(self) -> list[int]:
        """Positions to send."""
        return [n for n in range(1, len(self.bodies) + 1) if n not in self.taken]

    @property
    def is_complete(self) -> bool:
        """Whether every segment is answered or in doubt."""
        decided = len(self.accepted) + len(self.refused) + len(self.doubts)
        return decided == len(self.bodies)

    def answer(self, position: int, status: int, smsc_message_id: str) -> None:
        """Books the SMSC's answer to one segment; a late one ends its doubt."""
        self.doubts.pop(position, None)
        if status:
            self.refused[position] = status
        else:
            self.accepted[position] = smsc_message_id

    def outcome(self) -> Outcome:
        """What came of the message, by the worst of its segments."""
        if self.doubts:
            code, detail = next(iter(self.doubts.values()))
            return InDoubt(code, detail, dict(self.accepted))
        if self.refused:
            return self._refusal(next(iter(self.refused.values())))
        if self.unsent:
            code, detail = self.unsent
            if self.accepted:
                return Deferred(0.0, "trunk_down", detail, dict(self.accepted))
            return TrunkDown(code, detail)
        return Accepted(tuple(self.accepted[n] for n in sorted(self.accepted)))

    def _refusal(self, status: int) -> Outcome:
        code = smpp_status.result_code(status)
        detail = smpp_status.detail(status)
        accepted = dict(self.accepted)
        if status == smpp_status.NOT_BOUND:
            return Deferred(0.0, "trunk_down", detail, accepted)
        decision = smpp_status.status_of(status).decision
        if decision is Decision.PAUSE_TRUNK:
            full = status == smpp_status.QUEUE_FULL
            wait_s = QUEUE_FULL_WAIT_S if full else THROTTLED_WAIT_S
            return Deferred(wait_s, code, detail, accepted)
        return Rejected(code, detail, decision, accepted)


def convert_ids(outcome: Outcome, convert: Callable[[str], str]) -> Outcome:
    """The outcome with its ids in the form in which receipts are matched."""
    if convert is str:
        return outcome
    if isinstance(outcome, Accepted):
        return replace(outcome, ids=tuple(map(convert, outcome.ids)))
    if isinstance(outcome, TrunkDown):
        return outcome
    accepted = {n: convert(i) for n, i in outcome.accepted.items()}
    return replace(outcome, accepted=accepted)
