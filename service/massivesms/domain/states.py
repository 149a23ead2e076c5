"""The states of a message and of a campaign, and how one leads to another.

This room owns the words and the legal transitions. It decides nothing and
stores nothing: every UPDATE of a message names the state that it leaves, and a
test holds those against TRANSITIONS.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .words import N_


class MessageState(StrEnum):
    """Where one message is on its way; the values are those of the database."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


S = MessageState

#: state -> the states it may become. queued comes back from submitting only
#: when an answer said "not accepted" or nothing left us.
TRANSITIONS: Mapping[MessageState, frozenset[MessageState]] = {
    S.QUEUED: frozenset({S.SUBMITTING, S.SKIPPED, S.CANCELLED, S.FAILED}),
    S.SUBMITTING: frozenset({S.QUEUED, S.SUBMITTED, S.REJECTED, S.FAILED, S.IN_DOUBT}),
    S.SUBMITTED: frozenset({S.DELIVERED, S.UNDELIVERED, S.EXPIRED, S.REJECTED}),
    S.IN_DOUBT: frozenset(
        {
            S.QUEUED,
            S.SUBMITTED,
            S.DELIVERED,
            S.UNDELIVERED,
            S.EXPIRED,
            S.REJECTED,
            S.FAILED,
        }
    ),
    S.DELIVERED: frozenset(),
    S.UNDELIVERED: frozenset(),
    S.EXPIRED: frozenset(),
    S.REJECTED: frozenset(),
    S.SKIPPED: frozenset(),
    S.CANCELLED: frozenset(),
    S.FAILED: frozenset(),
}

#: While one of these is left, a campaign is not finished.
OPEN_STATES = (S.QUEUED, S.SUBMITTING)

STATE_LABELS: Mapping[MessageState, str] = {
    S.QUEUED: N_("Queued"),
    S.SUBMITTING: N_("Sending"),
    S.SUBMITTED: N_("Sent"),
    S.DELIVERED: N_("Delivered"),
    S.UNDELIVERED: N_("Not delivered"),
    S.EXPIRED: N_("Expired"),
    S.REJECTED: N_("Rejected"),
    S.SKIPPED: N_("Skipped"),
    S.CANCELLED: N_("Cancelled"),
    S.FAILED: N_("Failed"),
    S.IN_DOUBT: N_("In doubt"),
}


class CampaignState(StrEnum):
    """What a campaign is doing, worked out and never stored."""

    PAUSED = "paused"
    PENDING = "pending"
    RUNNING = "running"
    FINISHED = "finished"


CAMPAIGN_LABELS: Mapping[CampaignState, str] = {
    CampaignState.PAUSED: N_("Paused"),
    CampaignState.PENDING: N_("Pending"),
    CampaignState.RUNNING: N_("Running"),
    CampaignState.FINISHED: N_("Finished"),
}


def campaign_state(
    counts: Mapping[str, int],
    *,
    paused: bool,
    may_send_now: bool,
    permanent: bool,
    ending: bool = False,
) -> CampaignState:
    """The state of a campaign from its counts of messages by state.

    `permanent` are the output queue and a campaign that grows with its list: they
    finish by a deadline alone. A campaign whose messages wait only for its start or
    its hours is pending. `ending`: what is left of it is being skipped or discarded,
    paused or not.
    """
    left = sum(counts.get(state, 0) for state in OPEN_STATES)
    if not left and (ending or not permanent):
        return CampaignState.FINISHED
    if ending:
        return CampaignState.RUNNING
    if paused:
        return CampaignState.PAUSED
    return CampaignState.RUNNING if may_send_now else CampaignState.PENDING
