"""One claim: which messages a trunk session may take now, fairly.

Everything that can forbid sending is asked inside the claim's own transaction: the
lease, the campaign's stop, the general stop, the schedule, the trunk's caps, and
whether the number is blocked; what goes to such a one is skipped there.
What comes out may be written to the wire once the transaction is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..domain.http_kind import WINDOW_MINUTES, has_window
from ..domain.numbers import Number
from ..domain.routing import Candidate, choose_trunk
from ..domain.schedule import validity_s
from ..domain.segments import split
from ..domain.settings import Settings
from ..store import (
    blocked_numbers,
    claims,
    counts,
    inbound,
    recovery,
    trunk_sessions,
)
from ..store.campaigns import read_stored_hours
from ..store.claims import Claimed
from ..store.db import Row, Transaction
from ..trunks.base import Submission
from .board import Picture, Work
from .caps import CapBooks
from .post import Post
from .throttle import UNLIMITED

MOST_AT_ONCE = 1000  # messages of one claim
CROWDED_ROUNDS = 100  # claims that look past what others are about to take
BLOCKED_ROUNDS = 5  # further looks of one claim when all it found is blocked


class LeaseLost(Exception):
    """Another service drives this session now: stop at once."""


@dataclass(slots=True)
class Room:
    """What a claim may take: free slots of the window, segments of the pace.

    Of `strict_segments`, those of the caps, not even a single message takes more.
    """

    slots: int
    segments: int
    strict_segments: int = UNLIMITED

    def share(self, sharers: int) -> Room:
        """What one of several campaigns may take; always something."""
        slots = -(-self.slots // sharers)
        segments = -(-self.segments // sharers)
        return Room(max(0, slots), max(0, segments))


@dataclass(slots=True)
class Claim:
    """What one transaction has claimed, and what its messages need to go out."""

    messages: list[Claimed] = field(default_factory=list)
    campaigns: dict[int, Row] = field(default_factory=dict)
    taken: dict[int, dict[int, str]] = field(default_factory=dict)
    settings: Settings | None = None
    in_window: set[str] = field(default_factory=set)  # numbers; of trunks that ask


class Claiming:
    """Claims for one trunk session."""

    def __init__(self, post: Post) -> None:
        self._lease = post.lease
        self._trunk = post.trunk
        self._now = post.now
        self._slots_of = post.slots_of
        self._books = CapBooks(post)
        self._asks_window = has_window(post.trunk["kind"], post.trunk["settings"])
        self._turn = 0
        self._crowded = 0
        self.was_cut_short = False  # by the room: there may be more

    @property
    def is_full(self) -> bool:
        """Whether a cap is used up."""
        return self._books.is_full

    def claim(
        self, tx: Transaction, room: Room, picture: Picture, changes: counts.Changes
    ) -> Claim:
        """Claims up to the room, best campaigns first, equals in turn.

        Raises LeaseLost; nothing is ours then.
        """
        if not trunk_sessions.is_held(tx, self._lease):
            raise LeaseLost
        self.was_cut_short = False
        claim = Claim(settings=picture.settings)
        settings = picture.settings
        room.segments = self._books.left(tx, settings, room.segments)
        if room.segments <= 0:
            return claim
        if self._books.strict_left is not None:
            room.strict_segments = self._books.strict_left
        wanted: list[Claimed] = []
        for tier in picture.tiers:
            self._turn += 1
            for n in range(len(tier)):
                if room.slots <= 0 or room.segments <= 0:
                    self.was_cut_short = True
                    break
                work = tier[(self._turn + n) % len(tier)]
                share = room.share(len(tier) - n)
                wanted += self._choose(tx, work, share, room, picture, claim, changes)
        self._take(tx, wanted, claim, changes)
        segments = sum(c.segments for c in claim.messages)
        self._books.add(tx, settings, segments)
        return claim

    def submissions(self, claim: Claim) -> list[Submission]:
        """What the session is to send for a committed claim."""
        made: list[Submission] = []
        valid_s = self._validities(claim.campaigns)
        append, own_sender = (
            self._trunk["append_country_code"],
            self._trunk["sender_id"],
        )
        for c in claim.messages:
            campaign = claim.campaigns[c.campaign_id]
            text = campaign["text"] if c.text is None else c.text
            digits = c.number[1:]
            is_international = True
            if c.is_local and not append:
                assert claim.settings is not None
                plan = claim.settings.number_plan
                digits = Number(c.number, c.is_local).national(plan)
                is_international = digits == c.number[1:]
            made.append(
                Submission(
                    c.message_id,
                    c.campaign_id,
                    digits,
                    is_international,
                    c.sender_id or campaign["sender_id"] or own_sender,
                    text,
                    split(text),
                    claim.taken.get(c.message_id, {}),
                    valid_s.get(c.campaign_id),
                    c.number in claim.in_window,
                    c.number,
                )
            )
        return made

    def _validities(self, campaigns: dict[int, Row]) -> dict[int, int]:
        """For how long messages may be tried, of campaigns with a deadline."""
        now = self._now()
        return {
            campaign_id: validity_s(now, row["deadline_at"])
            for campaign_id, row in campaigns.items()
            if row["deadline_at"]
        }

    # --- inside the transaction -------------------------------------------

    def _choose(
        self,
        tx: Transaction,
        work: Work,
        share: Room,
        room: Room,
        picture: Picture,
        claim: Claim,
        changes: counts.Changes,
    ) -> list[Claimed]:
        """Messages of one campaign: those routed here first, then those of any."""
        campaign = claims.claimable(tx, work.campaign_id)
        if campaign is None:
            return []
        only_answers = not self._may_send(campaign, picture)
        if only_answers and not picture.answers_at_any_hour(work):
            return []
        claim.campaigns[work.campaign_id] = campaign
        limit = min(share.slots, share.segments, MOST_AT_ONCE)
        own = self._lease.trunk_id
        found = self._sendable(tx, campaign, own, limit, changes, only_answers)
        if picture.takes_fresh(own, work) and len(found) < limit:
            left = limit - len(found)
            fresh = self._sendable(tx, campaign, 0, left, changes, only_answers)
            if picture.by_number and work.trunk_id is None:
                fresh = self._route(tx, work, fresh, picture.candidates)
            found += fresh
        if any(c.lane != 2 for c in found):
            found.sort(key=lambda c: c.lane)
        self.was_cut_short |= len(found) >= limit
        return self._within(found, share, room)

    def _sendable(
        self,
        tx: Transaction,
        campaign: Row,
        route: int,
        limit: int,
        changes: counts.Changes,
        only_answers: bool,
    ) -> list[Claimed]:
        """Candidates on a route; those to blocked numbers are skipped at once.

        When a look finds nothing else it looks further, so that blocked numbers at
        the head of a campaign hold nobody up.
        """
        skip, checked = self._crowded > 0, bool(campaign["has_blocked"])
        found: list[Claimed] = []
        for _ in range(1 + BLOCKED_ROUNDS):
            found = claims.candidates(
                *(tx, campaign["id"], route, limit),
                skip=skip,
                checked=checked,
                only_answers=only_answers,
            )
            blocked = [c for c in found if c.is_blocked]
            if not blocked:
                break
            blocked_numbers.skip(tx, blocked, changes)
            self.was_cut_short = True
            found = [c for c in found if not c.is_blocked]
            if found:
                break
            limit = MOST_AT_ONCE
        return found

    def _may_send(self, campaign: Row, picture: Picture) -> bool:
        settings = picture.settings
        schedule = picture.calendar.schedule(
            {**campaign, "hours": read_stored_hours(campaign)},
            settings.time_zone,
            settings.sending_hours,
        )
        return schedule.allows(self._now())

    def _route(
        self,
        tx: Transaction,
        work: Work,
        fresh: Sequence[Claimed],
        candidates: Sequence[Candidate],
    ) -> list[Claimed]:
        """Those of fresh messages whose number is ours; the others go elsewhere."""
        ours: list[Claimed] = []
        others: dict[int, list[int]] = {}
        for c in fresh:
            trunk_id = choose_trunk(candidates, c.number, self._lease.trunk_id)
            if trunk_id == self._lease.trunk_id:
                ours.append(c)
            elif trunk_id is not None:
                others.setdefault(trunk_id, []).append(c.message_id)
            else:
                recovery.fail_waiting(
                    tx, work.campaign_id, c.message_id, "no_trunk_for_number"
                )
        for trunk_id, ids in others.items():
            recovery.reroute(tx, ids, 0, trunk_id)
        self.was_cut_short |= len(ours) < len(fresh)
        return ours

    def _within(
        self, found: Iterable[Claimed], share: Room, room: Room
    ) -> list[Claimed]:
        """The first messages that fit the free slots and segments; one always may.

        A long message may overdraw window and pace a little: the debt is waited for.
        """
        chosen: list[Claimed] = []
        for c in found:
            slots = self._slots_of(c.segments)
            if chosen and (slots > share.slots or c.segments > share.segments):
                break
            if c.segments > room.strict_segments:
                self._books.note_full()
                break
            chosen.append(c)
            share.slots -= slots
            share.segments -= c.segments
            room.slots -= slots
            room.segments -= c.segments
            room.strict_segments -= c.segments
        return chosen

    def _take(
        self,
        tx: Transaction,
        wanted: Sequence[Claimed],
        claim: Claim,
        changes: counts.Changes,
    ) -> None:
        lease = self._lease
        tried = [c.message_id for c in wanted if c.segments > 1 and c.lane < 2]
        claim.taken = claims.taken_segments(tx, tried, lease.trunk_id)
        claim.messages = claims.claim(tx, wanted, lease.trunk_id, lease.token, changes)
        if self._asks_window:
            numbers = [c.number for c in claim.messages]
            claim.in_window = inbound.wrote_lately(
                tx, lease.trunk_id, numbers, WINDOW_MINUTES
            )
        self._crowded = max(0, self._crowded - 1)
        if len(claim.messages) < len(wanted):
            self._crowded = CROWDED_ROUNDS
