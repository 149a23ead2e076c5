"""What the dispatcher tells the trunk workers: one immutable picture of the work.

Replaced as a whole several times a second, so that workers read it without a
lock. It only says where to look: every claim is checked in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..domain.calendars import Calendar
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.routing import Candidate, best_trunks, is_by_number
from ..domain.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """A campaign with something queued; `trunk_id` is a person's wish."""

    campaign_id: int
    priority: int  # 0 is the best
    trunk_id: int | None
    queued: int


@dataclass(frozen=True)
class Picture:
    """The work, the trunks and the settings at one moment."""

    settings: Settings
    work: Sequence[Work] = ()
    candidates: Sequence[Candidate] = ()
    calendar: Calendar = field(default_factory=Calendar)
    #: Whether a message's number decides about its trunk.
    by_number: bool = field(init=False)
    #: Campaigns by priority, the best first; those of a tier share fairly.
    tiers: Sequence[Sequence[Work]] = field(init=False)
    _best: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        by_priority: dict[int, list[Work]] = {}
        for work in self.work:
            by_priority.setdefault(work.priority, []).append(work)
        tiers = [by_priority[priority] for priority in sorted(by_priority)]
        object.__setattr__(self, "tiers", tiers)
        object.__setattr__(self, "by_number", is_by_number(self.candidates))
        object.__setattr__(self, "_best", best_trunks(self.candidates))

    def answers_at_any_hour(self, work: Work) -> bool:
        """Whether answers among a campaign's messages leave outside its hours too."""
        return work.campaign_id == OUTPUT_QUEUE_ID and self.settings.answers.at_any_hour

    def takes_fresh(self, trunk_id: int, work: Work) -> bool:
        """Whether a trunk may take a campaign's messages that are routed nowhere."""
        if work.trunk_id is not None:
            return work.trunk_id == trunk_id
        return self.by_number or trunk_id in self._best


class Board:
    """Holds the present picture."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
