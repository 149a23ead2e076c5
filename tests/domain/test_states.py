"""How states lead to one another, and what a campaign is doing."""

from __future__ import annotations

import pytest

from massivesms.domain.states import (
    CAMPAIGN_LABELS,
    OPEN_STATES,
    STATE_LABELS,
    TRANSITIONS,
    CampaignState,
    MessageState,
    campaign_state,
)

S, C = MessageState, CampaignState
FINAL = {S.DELIVERED, S.UNDELIVERED, S.EXPIRED, S.REJECTED, S.SKIPPED, S.CANCELLED,
         S.FAILED}  # fmt: skip


def test_every_state_has_a_label_and_its_transitions() -> None:
    assert set(STATE_LABELS) == set(TRANSITIONS) == set(MessageState)
    assert set(CAMPAIGN_LABELS) == set(CampaignState)


def test_what_is_final_leads_nowhere() -> None:
    assert {state for state, after in TRANSITIONS.items() if not after} == FINAL


def test_everything_that_left_us_came_through_submitting() -> None:
    before = {s for s, after in TRANSITIONS.items() if S.SUBMITTED in after}
    assert before == {S.SUBMITTING, S.IN_DOUBT}
    assert S.SUBMITTED not in TRANSITIONS[S.QUEUED]
    assert S.IN_DOUBT not in TRANSITIONS[S.QUEUED]


def test_every_state_can_be_reached() -> None:
    reached = {S.QUEUED}
    while True:
        more = set().union(*(TRANSITIONS[s] for s in reached)) - reached
        if not more:
            break
        reached |= more
    assert reached == set(MessageState)


def test_doubt_does_not_hold_a_campaign() -> None:
    assert set(OPEN_STATES) == {S.QUEUED, S.SUBMITTING}


@pytest.mark.parametrize(
    ("counts", "paused", "may_send_now", "permanent", "state"),
    [
        ({}, True, True, False, C.FINISHED),
        ({"submitted": 5, "in_doubt": 1}, False, True, False, C.FINISHED),
        ({"queued": 1}, True, True, False, C.PAUSED),
        ({"queued": 1}, False, True, False, C.RUNNING),
        ({"queued": 1}, False, False, False, C.PENDING),
        ({"submitting": 1}, False, True, False, C.RUNNING),
        ({"submitting": 1}, True, True, False, C.PAUSED),
        ({}, False, True, True, C.RUNNING),
        ({}, False, False, True, C.PENDING),
        ({}, True, True, True, C.PAUSED),
    ],
    ids=["empty", "done", "paused", "running", "pending", "the last one",
         "paused with one on its way", "queue", "queue outside hours", "queue paused"],
)  # fmt: skip
def test_a_campaign_is(
    counts: dict[str, int],
    paused: bool,
    may_send_now: bool,
    permanent: bool,
    state: CampaignState,
) -> None:
    found = campaign_state(
        counts, paused=paused, may_send_now=may_send_now, permanent=permanent
    )
    assert found is state


def test_one_that_grows_is_finished_by_its_deadline() -> None:
    found = campaign_state(
        {}, paused=False, may_send_now=True, permanent=True, ending=True
    )
    assert found is C.FINISHED
