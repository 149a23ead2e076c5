"""A message on its way through a modem: which of its parts the network has taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..base import Submission
from .tpdu import Part


@dataclass(slots=True)
class Way:
    """A message while it is sent."""

    submission: Submission
    parts: tuple[Part, ...]
    taken: dict[int, str] = field(default_factory=dict)
    is_under_way: bool = False  # one of its parts

    def next_position(self) -> int | None:
        """The first part (from 1) that was not taken yet."""
        positions = range(1, len(self.parts) + 1)
        return next((n for n in positions if n not in self.taken), None)
