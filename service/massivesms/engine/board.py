"""What the dispatcher tells the trunk workers: one immutable picture of the work.

Replaced as a whole several times a second, so that workers read it without a
lock. It only says where to look: every claim is checked in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.routing import Candidate, best_trunks
from ..domain.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """A campaign with something queued; `trunk_id` is a person's wish."""

    campaign_id: int
    priority: int  # 0 is the best
    trunk_id: int | None
    queued: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The work, the trunks and the settings at one moment."""

    settings: Settings
    work: Sequence[Work] = ()
    candidates: Sequence[Candidate] = ()

    def takes_fresh(self, trunk_id: int, work: Work) -> bool:
        """Whether a trunk may take a campaign's messages that are routed nowhere."""
        if work.trunk_id is not None:
            return work.trunk_id == trunk_id
        return trunk_id in best_trunks(self.candidates)

    def tiers(self) -> list[list[Work]]:
        """Campaigns by priority, the best first; those of a tier share fairly."""
        by_priority: dict[int, list[Work]] = {}
        for work in self.work:
            by_priority.setdefault(work.priority, []).append(work)
        return [by_priority[priority] for priority in sorted(by_priority)]


class Board:
    """Holds the present picture."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
