"""Errors in a row of one modem: when it had better rest, and when it is stopped. Pure.

Counted by number, so that one bad number never holds up the others, and across its
sessions: a modem that goes away at each message begins a new one each time. What is
surely the message's own fault does not count, unless all messages have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...domain.modem_errors import Treatment
from ...domain.outcomes import InDoubt, Outcome, Rejected
from ..base import StopWanted, TrunkUnavailable
from .events import CMS, SILENT, Ended
from .verdicts import treatment_of

REST_S = 3600.0
MOST_UNREACHABLE = 6  # different numbers in a row that "cannot be reached": not theirs
MOST_REFUSED = 6  # different numbers in a row with one of these errors: not theirs
#: Told of a message, and usual for a SIM card without credit; 304: of every PDU.
GENERAL = frozenset({21, 50, 69, 111, 127, 304})
_COUNTS = frozenset(
    {Treatment.AGAIN, Treatment.ONCE_MORE, Treatment.WAIT, Treatment.DOUBT}
)


@dataclass(slots=True)
class _Numbers:
    """Those of one trunk, each since its last success."""

    failed: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    refused_with: int = 0  # all of them with this one error


_of_trunk: dict[int, _Numbers] = {}


class Streak:
    """What went wrong since the last message that was taken."""

    def __init__(self, trunk_id: int, rest_after: int) -> None:
        self._trunk_id = trunk_id
        self._rest_after = rest_after  # 0 = never

    def taken(self) -> None:
        """The network took a message: all is well."""
        _of_trunk.pop(self._trunk_id, None)

    def failed(
        self, number: str, ended: Ended, outcome: Outcome
    ) -> TrunkUnavailable | StopWanted | None:
        """A message to a number was not taken; whether the modem must not go on."""
        numbers = _of_trunk.setdefault(self._trunk_id, _Numbers())
        reason = getattr(outcome, "reason", "")
        treatment = treatment_of(ended)
        if treatment is Treatment.GIVE_UP:
            return self._refused(numbers, number, ended, reason)
        if treatment not in _COUNTS and not _is_untold(ended, outcome):
            return None
        if treatment is Treatment.ONCE_MORE:
            numbers.unreachable.add(number)
            if len(numbers.unreachable) >= MOST_UNREACHABLE:
                numbers.unreachable.clear()
                return StopWanted("modem_reaches_nobody", reason)
        if not self._rest_after:
            return None
        numbers.failed.add(number)
        if len(numbers.failed) < self._rest_after:
            return None
        numbers.failed.clear()
        code = "modem_rests" if reason else "modem_rests_silent"
        return TrunkUnavailable(code, reason, wait_s=REST_S)

    def _refused(
        self, numbers: _Numbers, number: str, ended: Ended, reason: str
    ) -> StopWanted | None:
        kind, error, _ = ended.final
        if error != numbers.refused_with:
            numbers.refused.clear()
            numbers.refused_with = error
        if kind != CMS or error not in GENERAL:
            return None
        numbers.refused.add(number)
        if len(numbers.refused) < MOST_REFUSED:
            return None
        numbers.refused.clear()
        return StopWanted("modem_refuses_all", reason)


def _is_untold(ended: Ended, outcome: Outcome) -> bool:
    """Whether the modem told no error that says whose fault it is, and should have."""
    if treatment_of(ended) is not None:
        return False
    if isinstance(outcome, InDoubt | Rejected):
        return outcome.code != "service_died"  # we closed its port
    return ended.final.kind == SILENT and not ended.is_written
