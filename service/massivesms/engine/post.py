"""What the threads of one session share, besides the tray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..store.db import Database, Row
from ..store.trunk_sessions import Lease
from .board import Board
from .throttle import Throttle

DATABASE_WAIT_S = 0.5  # until it is tried again


@dataclass(frozen=True, slots=True)
class Post:
    """The database, the trunk and its lease, the pace, the board, the clock.

    `window` is in slots; `slots_of` says how many a message of n segments takes.
    `cautious`: the last session got no answers, so begin with one message.
    """

    db: Database
    board: Board
    trunk: Row
    lease: Lease
    throttle: Throttle
    now: Callable[[], datetime]
    window: int
    slots_of: Callable[[int], int]
    cautious: bool = False
