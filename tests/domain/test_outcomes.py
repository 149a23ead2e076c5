"""Outcomes are values: what a trunk says is compared, kept and never changed."""

from __future__ import annotations

import copy

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    Deferred,
    InDoubt,
    Outcome,
    Rejected,
    TrunkDown,
)

ALL: list[Outcome] = [
    Accepted(("7",)),
    Rejected("smpp_0000000B", "RINVDSTADR", Decision.FAIL),
    Deferred(1.0, "smpp_00000058"),
    TrunkDown("link_lost"),
    InDoubt("answer_timeout"),
]


@pytest.mark.parametrize("outcome", ALL, ids=lambda o: type(o).__name__)
def test_an_outcome_cannot_be_changed(outcome: Outcome) -> None:
    name = "ids" if isinstance(outcome, Accepted) else "code"
    before = repr(outcome)
    with pytest.raises(AttributeError):  # a FrozenInstanceError is one
        setattr(outcome, name, None)
    assert repr(outcome) == before
    assert outcome == copy.deepcopy(outcome)


@pytest.mark.parametrize("outcome", ALL[1:3] + ALL[4:], ids=lambda o: type(o).__name__)
def test_nothing_is_accepted_unless_it_is_said(outcome: Outcome) -> None:
    assert not getattr(outcome, "accepted")  # noqa: B009


def test_a_message_that_was_taken_has_an_id_even_if_it_is_empty() -> None:
    assert Accepted().ids == ("",)
