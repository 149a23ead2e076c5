"""From a trunk's outcome to what the message becomes. Pure.

The whole retry policy is here: what is refused for good, what is tried again and
where. Nothing that is in doubt is ever sent again from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.outcomes import (
    Accepted,
    Decision,
    Deferred,
    InDoubt,
    Outcome,
    Rejected,
    TrunkDown,
)
from ..domain.routing import (
    Candidate,
    format_tried,
    next_trunk,
    parse_tried,
    serving,
)
from ..store.claims import Claimed
from ..store.messages import LANE_AGAIN, LANE_EXPRESS
from ..store.settlements import Settlement

RETRY_WAIT_S = 30.0
UNKNOWN_FAULT = (Decision.NEXT_ONCE, Decision.ONCE_MORE)
RETRIES = 2  # on the same trunk, after the first try


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message may go: the trunk that answered and the others.

    `fixed` = a person named the trunk, for the message or its campaign.
    """

    trunk_id: int
    fixed: bool
    candidates: Sequence[Candidate]


def decide(claimed: Claimed, outcome: Outcome, route: Route) -> Settlement:
    """What one claimed message becomes."""
    if isinstance(outcome, Accepted):
        code = "script_sent" if outcome.detail else None
        return Settlement(
            claimed.message_id,
            claimed.campaign_id,
            claimed.segments,
            "submitted",
            code,
            outcome.detail,
            outcome.ids,
        )
    if isinstance(outcome, InDoubt):
        return _settled(
            claimed, "in_doubt", outcome.code, outcome.reason, partly=outcome.accepted
        )
    if isinstance(outcome, Deferred):
        return _again(claimed, outcome, route, outcome.seconds, claimed.attempts)
    if isinstance(outcome, TrunkDown):
        return _back(claimed, outcome, route)
    return _refused(claimed, outcome, route)


def _refused(claimed: Claimed, outcome: Rejected, route: Route) -> Settlement:
    decision = outcome.decision
    if decision is Decision.FAIL:
        return _end(claimed, "rejected", outcome)
    if decision is Decision.STOP_TRUNK:
        if outcome.accepted:  # the rest of it waits for this trunk
            return _again(claimed, outcome, route, 0.0, claimed.attempts)
        return _back(claimed, outcome, route)
    if decision is Decision.PAUSE_TRUNK:
        return _again(claimed, outcome, route, RETRY_WAIT_S, claimed.attempts)
    if decision is Decision.RETRY and claimed.attempts < RETRIES:
        return _again(claimed, outcome, route, RETRY_WAIT_S, claimed.attempts + 1)
    return _next(claimed, outcome, route)


def _next(claimed: Claimed, outcome: Rejected, route: Route) -> Settlement:
    """The next trunk, or the end when a person named this one or none is left."""
    before = parse_tried(claimed.tried_trunks)
    tried = (*before, route.trunk_id)
    is_last = bool(before) and outcome.decision in UNKNOWN_FAULT
    stays = route.fixed or outcome.accepted or is_last
    other = None if stays else _other(route, claimed, tried)
    if other is None:
        is_first = not before and not claimed.attempts
        if outcome.decision is Decision.ONCE_MORE and is_first:
            return _again(claimed, outcome, route, RETRY_WAIT_S, 1)
        return _end(claimed, "failed", outcome)
    return Settlement(
        claimed.message_id,
        claimed.campaign_id,
        claimed.segments,
        "queued",
        code=outcome.code,
        detail=outcome.reason,
        route_trunk_id=other,
        lane=_lane(claimed),
        tried_trunks=format_tried(tried),
    )


def _again(
    claimed: Claimed,
    outcome: Rejected | Deferred,
    route: Route,
    due_in_s: float,
    attempts: int,
) -> Settlement:
    """The same trunk again; a message that went half out stays with it."""
    half_out = bool(outcome.accepted)
    return Settlement(
        claimed.message_id,
        claimed.campaign_id,
        claimed.segments,
        "queued",
        code=outcome.code,
        detail=outcome.reason,
        partly=outcome.accepted,
        due_in_s=due_in_s,
        route_trunk_id=route.trunk_id,
        pinned=claimed.pinned or half_out,
        lane=_lane(claimed),
        tried_trunks=claimed.tried_trunks,
        attempts=attempts,
    )


def _back(claimed: Claimed, outcome: TrunkDown | Rejected, route: Route) -> Settlement:
    """Nothing left us: back in the queue, for whichever trunk can send it."""
    tried = parse_tried(claimed.tried_trunks)
    back_to = 0
    if claimed.pinned:
        back_to = route.trunk_id
    elif tried:
        back_to = _other(route, claimed, tried) or route.trunk_id
    return Settlement(
        claimed.message_id,
        claimed.campaign_id,
        claimed.segments,
        "queued",
        code=outcome.code,
        detail=outcome.reason,
        route_trunk_id=back_to,
        pinned=claimed.pinned,
        lane=_lane(claimed),
        tried_trunks=claimed.tried_trunks,
        attempts=claimed.attempts,
    )


def _other(route: Route, claimed: Claimed, tried: Sequence[int]) -> int | None:
    return next_trunk(serving(route.candidates, claimed.number), tried)


def _end(claimed: Claimed, state: str, outcome: Rejected) -> Settlement:
    return _settled(
        claimed, state, outcome.code, outcome.reason, partly=outcome.accepted
    )


def _settled(
    claimed: Claimed, state: str, code: str, detail: str, **more: object
) -> Settlement:
    return Settlement(
        claimed.message_id,
        claimed.campaign_id,
        claimed.segments,
        state,
        code=code or None,
        detail=detail,
        **more,  # type: ignore[arg-type]
    )


def _lane(claimed: Claimed) -> int:
    """A message for which a person waits stays in the express lane."""
    return LANE_EXPRESS if claimed.lane == LANE_EXPRESS else LANE_AGAIN
