"""What the simulated SMSC decides on a submission, and the ids that it gives.

Pure but for the random numbers and the clock it is handed. How and when the
verdict is told is the business of answers.py.
"""

from __future__ import annotations

import random
import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tests.fakes.smsc.behaviour import Behaviour
from tests.fakes.smsc.pdu import Status
from tests.fakes.smsc.record import Submission

_UUID_ROOM = uuid.UUID("5d6c2a5e-3f0b-4b36-9e6b-6d6173736976")


class Verdict(NamedTuple):
    """command_status, and whether a generic_nack tells it."""

    status: int
    nacked: bool = False


class Verdicts:
    """The verdicts of one Behaviour, with what they remember of the past."""

    def __init__(
        self,
        behaviour: Behaviour,
        rng: random.Random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._behaviour = behaviour
        self._rng = rng
        self._clock = clock
        self._reject = [
            (re.compile(pattern), status)
            for pattern, status in behaviour.reject.items()
        ]
        self._taken_at_s: deque[float] = deque()

    def judge(self, submission: Submission) -> Verdict:
        """The fixed rules first, so that a share never hides them."""
        for pattern, status in self._reject:
            if pattern.search(submission.number):
                return Verdict(status)
        if is_drawn(self._behaviour.nack_share, self._rng):
            return Verdict(self._behaviour.nack_status, nacked=True)
        if is_drawn(self._behaviour.throttle_share, self._rng) or self._is_too_fast():
            return Verdict(Status.THROTTLED)
        return Verdict(Status.OK)

    def _is_too_fast(self) -> bool:
        """Over the limit in the second that ends now; counts what is taken."""
        limit = self._behaviour.throttle_above_per_s
        if limit is None:
            return False
        now_s = self._clock()
        while self._taken_at_s and self._taken_at_s[0] <= now_s - 1.0:
            self._taken_at_s.popleft()
        if len(self._taken_at_s) >= limit:
            return True
        self._taken_at_s.append(now_s)
        return False


def is_drawn(share: float, rng: random.Random) -> bool:
    """True for about that share of the calls; a share of 0 draws no number, so
    that one behaviour does not shift the random numbers of another."""
    return share > 0 and rng.random() < share


def written_id(id_number: int, form: str) -> str:
    """A message_id in one of the forms of Behaviour.message_id_form."""
    if form == "hex":
        return f"{id_number:x}"
    if form == "decimal":
        return str(id_number)
    if form == "uuid":
        return str(uuid.uuid5(_UUID_ROOM, str(id_number)))
    if form == "empty":
        return ""
    raise ValueError(f"no such form of message_id: {form!r}")
