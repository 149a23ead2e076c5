"""Errors in a row of one modem: when it had better rest, and when it is stopped. Pure.

Counted by number, so that one bad number never holds up the others. What is surely
the message's own fault does not count.
"""

from __future__ import annotations

from ...domain.modem_errors import Treatment
from ...domain.outcomes import Outcome
from ..base import StopWanted, TrunkUnavailable
from .events import SILENT, Ended
from .verdicts import treatment_of

REST_S = 3600.0
MOST_UNREACHABLE = 6  # different numbers in a row that "cannot be reached": not theirs
_COUNTS = frozenset(
    {Treatment.AGAIN, Treatment.ONCE_MORE, Treatment.WAIT, Treatment.DOUBT}
)

#: trunk -> numbers out of reach without one success between, across its sessions.
_unreachable: dict[int, set[str]] = {}


class Streak:
    """What went wrong since the last message that was taken."""

    def __init__(self, trunk_id: int, rest_after: int) -> None:
        self._trunk_id = trunk_id
        self._rest_after = rest_after  # 0 = never
        self._failed: set[str] = set()

    def taken(self) -> None:
        """The network took a message: all is well."""
        self._failed.clear()
        _unreachable.pop(self._trunk_id, None)

    def failed(
        self, number: str, ended: Ended, outcome: Outcome
    ) -> TrunkUnavailable | StopWanted | None:
        """A message to a number was not taken; whether the modem must not go on."""
        treatment = treatment_of(ended)
        is_silent = ended.final.kind == SILENT and not ended.is_written
        if treatment not in _COUNTS and not is_silent:
            return None
        self._failed.add(number)
        reason = getattr(outcome, "reason", "")
        if treatment is Treatment.ONCE_MORE:
            unreachable = _unreachable.setdefault(self._trunk_id, set())
            unreachable.add(number)
            if len(unreachable) >= MOST_UNREACHABLE:
                del _unreachable[self._trunk_id]
                return StopWanted("modem_reaches_nobody", reason)
        if self._rest_after and len(self._failed) >= self._rest_after:
            return TrunkUnavailable("modem_rests", reason, wait_s=REST_S)
        return None
