"""One claim: how many messages of which campaign a trunk session may take now.

Everything that can forbid sending is asked inside the claim's own transaction:
the lease, the campaign's stop, the general stop, the schedule. What comes out is
committed, so it may be written to the wire.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain.numbers import Number
from ..domain.schedule import may_send
from ..domain.segments import split
from ..domain.settings import Settings
from ..errors import StoreError
from ..store import claims, trunk_sessions
from ..store.campaigns import read_stored_hours
from ..store.claims import Claimed
from ..store.db import CommitUnknown, Database, Row, Transaction
from ..store.trunk_sessions import Lease
from ..trunks.base import Submission
from .board import Work

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000  # messages of one claim


class LeaseLost(Exception):
    """Another service drives this session now: stop at once."""


class ClaimUnknown(Exception):
    """COMMIT was not answered and cannot be read again yet; nothing was written."""

    def __init__(self, wanted: Sequence[Sending]) -> None:
        super().__init__()
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Sending:
    """A claimed message, ready to be submitted; `fixed` = the trunk was named."""

    claimed: Claimed
    submission: Submission
    fixed: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a claim may take: free slots of the window, tokens of the pacing."""

    slots: int
    segments: int
    slots_of: Callable[[int], int]


class Claimer:
    """Claims for one trunk session."""

    def __init__(
        self,
        db: Database,
        lease: Lease,
        trunk: Row,
        now: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._lease = lease
        self._trunk = trunk
        self._now = now

    def claim(
        self, work: Work, fresh: bool, limits: Limits, settings: Settings
    ) -> list[Sending]:
        """Claims messages of one campaign.

        Raises LeaseLost, ClaimUnknown and StoreError; nothing is ours then.
        """
        wanted: list[Claimed] = []
        campaign: Row | None = None
        taken: dict[int, dict[int, str]] = {}

        def work_on(tx: Transaction) -> list[Claimed]:
            nonlocal wanted, campaign, taken
            wanted = []
            if not trunk_sessions.is_held(tx, self._lease):
                raise LeaseLost
            campaign = claims.claimable(tx, work.campaign_id)
            if campaign is None or not self._may_send(campaign, settings):
                return []
            wanted = self._choose(tx, work.campaign_id, fresh, limits)
            long = [c.message_id for c in wanted if c.segments > 1 and c.lane < 2]
            taken = claims.taken_segments(tx, long, self._lease.trunk_id)
            return claims.claim(tx, wanted, self._lease.trunk_id, self._lease.token)

        unknown = False
        try:
            ours = self._db.atomically(work_on)
        except CommitUnknown:
            unknown, ours = True, wanted
        if campaign is None or not ours:
            return []
        ready = [self._sending(c, campaign, settings, taken) for c in ours]
        return self._read_again(ready) if unknown else ready

    def _read_again(self, ready: Sequence[Sending]) -> list[Sending]:
        """The answer to COMMIT was lost: read which messages became ours."""
        ids = [sending.claimed.message_id for sending in ready]
        token = self._lease.token
        try:
            held = self._db.atomically(lambda tx: claims.still_held(tx, ids, token))
        except StoreError as error:
            raise ClaimUnknown(ready) from error
        return [sending for sending in ready if sending.claimed.message_id in held]

    def _may_send(self, campaign: Row, settings: Settings) -> bool:
        return may_send(
            self._now(),
            settings.time_zone,
            start_at=campaign["start_at"],
            hours=read_stored_hours(campaign),
            general_hours=settings.sending_hours,
        )

    def _choose(
        self, tx: Transaction, campaign_id: int, fresh: bool, limits: Limits
    ) -> list[Claimed]:
        """Candidates routed to this trunk first, then those of any trunk."""
        limit = min(limits.slots, limits.segments, MOST_AT_ONCE)
        found = claims.candidates(tx, campaign_id, self._lease.trunk_id, limit)
        if fresh and len(found) < limit:
            found += claims.candidates(tx, campaign_id, 0, limit - len(found))
        found.sort(key=lambda c: c.lane)
        return _within(found, limits)

    def _sending(
        self,
        claimed: Claimed,
        campaign: Row,
        settings: Settings,
        taken: dict[int, dict[int, str]],
    ) -> Sending:
        text = campaign["text"] if claimed.text is None else claimed.text
        number = Number(claimed.number, claimed.is_local)
        as_written = claimed.is_local and not self._trunk["append_country_code"]
        digits = number.national(settings.number_plan) if as_written else number.digits
        submission = Submission(
            message_id=claimed.message_id,
            campaign_id=claimed.campaign_id,
            destination=digits,
            is_international=digits == number.digits,
            sender_id=claimed.sender_id
            or campaign["sender_id"]
            or self._trunk["sender_id"],
            text=text,
            split=split(text),
            taken=taken.get(claimed.message_id, {}),
        )
        fixed = claimed.pinned or campaign["trunk_id"] is not None
        return Sending(claimed, submission, fixed)


def _within(found: Sequence[Claimed], limits: Limits) -> list[Claimed]:
    """The first messages that fit the free slots and tokens; one always may.

    A long message may overdraw both a little: the debt is waited for.
    """
    chosen: list[Claimed] = []
    slots = segments = 0
    for claimed in found:
        slots += limits.slots_of(claimed.segments)
        segments += claimed.segments
        if chosen and (slots > limits.slots or segments > limits.segments):
            break
        chosen.append(claimed)
    return chosen
