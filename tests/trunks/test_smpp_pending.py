"""From the answers to a message's segments to its one outcome."""

from __future__ import annotations

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
from massivesms.trunks.smpp.pending import Pending, convert_ids

Answers = dict[int, int | str | None]  # position -> status, id, or None for none

CASES: list[tuple[str, Answers, Outcome]] = [
    ("all taken", {1: "a", 2: "b"}, Accepted(("a", "b"))),
    ("taken in another order", {2: "b", 1: "a"}, Accepted(("a", "b"))),
    ("empty ids", {1: "", 2: ""}, Accepted(("", ""))),
    ("no answer to one", {1: "a", 2: None}, InDoubt("timeout", "", {1: "a"})),
    ("no answer to one, one refused", {1: 0x0B, 2: None}, InDoubt("timeout")),
    (
        "one refused for good",
        {1: "a", 2: 0x0B},
        Rejected("smpp_0000000B", "RINVDSTADR 0x0000000B", Decision.FAIL, {1: "a"}),
    ),
    (
        "one throttled",
        {1: "a", 2: 0x58},
        Deferred(1.0, "smpp_00000058", "RTHROTTLED 0x00000058", {1: "a"}),
    ),
    (
        "queue full",
        {1: 0x14, 2: 0x14},
        Deferred(30.0, "smpp_00000014", "RMSGQFUL 0x00000014"),
    ),
    (
        "unknown status",
        {1: 0x4FF, 2: 0x4FF},
        Rejected("smpp_000004FF", "UNKNOWN 0x000004FF", Decision.NEXT_ONCE),
    ),
]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_segments_decide_about_the_message(
    answers: Answers, outcome: Outcome
) -> None:
    pending = Pending(1, [b"x", b"y"])
    for position, said in answers.items():
        assert not pending.is_complete
        if said is None:
            pending.doubts[position] = ("timeout", "")
        elif isinstance(said, str):
            pending.answer(position, 0, said)
        else:
            pending.answer(position, said, "")
    assert pending.is_complete
    assert pending.outcome() == outcome


def test_only_what_is_missing_is_sent_again() -> None:
    pending = Pending(1, [b"x", b"y", b"z"], {2: "b"})
    assert pending.missing == [1, 3]
    pending.answer(1, 0, "a")
    assert not pending.is_complete
    pending.answer(3, 0, "c")
    assert pending.outcome() == Accepted(("a", "b", "c"))


def test_a_late_answer_ends_the_doubt() -> None:
    pending = Pending(1, [b"x"])
    pending.doubts[1] = ("timeout", "")
    pending.answer(1, 0, "late")
    assert pending.outcome() == Accepted(("late",))


@pytest.mark.parametrize(
    ("accepted", "outcome"),
    [
        ({}, TrunkDown("link_lost", "reset")),
        ({1: "a"}, Deferred(0.0, "trunk_down", "reset", {1: "a"})),
    ],
    ids=["nothing left us", "half is there"],
)
def test_what_was_never_written_goes_back(
    accepted: dict[int, str], outcome: Outcome
) -> None:
    pending = Pending(1, [b"x", b"y"], accepted)
    pending.unsent = ("link_lost", "reset")
    assert pending.outcome() == outcome


@pytest.mark.parametrize(
    ("outcome", "converted"),
    [
        (Accepted(("a", "b")), Accepted(("A", "B"))),
        (InDoubt("x", "y", {1: "a"}), InDoubt("x", "y", {1: "A"})),
        (Deferred(1.0, "x", "", {2: "b"}), Deferred(1.0, "x", "", {2: "B"})),
        (TrunkDown("x", "y"), TrunkDown("x", "y")),
    ],
)
def test_ids_are_converted_wherever_they_are(
    outcome: Outcome, converted: Outcome
) -> None:
    assert convert_ids(outcome, str.upper) == converted
