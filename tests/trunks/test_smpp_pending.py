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
from massivesms.trunks.smpp.pending import NO_OVERRIDES, Pending, Single, refusal

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
    found = None
    for position, said in answers.items():
        assert found is None
        if said is None:
            found = pending.doubt(position, "timeout", "")
        elif isinstance(said, str):
            found = pending.answer(position, 0, said, NO_OVERRIDES)
        else:
            found = pending.answer(position, said, "", NO_OVERRIDES)
    assert found == outcome


def test_only_what_is_missing_is_sent_again() -> None:
    pending = Pending(1, [b"x", b"y", b"z"], {2: "b"})
    assert pending.missing == [1, 3]
    assert pending.answer(1, 0, "a", NO_OVERRIDES) is None
    assert pending.answer(3, 0, "c", NO_OVERRIDES) == Accepted(("a", "b", "c"))


@pytest.mark.parametrize(
    "message", [Pending(1, [b"x"]), Single(1, b"x")], ids=["long", "single"]
)
def test_a_late_answer_ends_the_doubt(message: Pending | Single) -> None:
    assert message.doubt(1, "timeout", "") == InDoubt("timeout", "")
    assert message.answer(1, 0, "late", NO_OVERRIDES) == Accepted(("late",))


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
    found = [pending.give_back(n, "link_lost", "reset") for n in pending.missing]
    assert found[-1] == outcome


@pytest.mark.parametrize("status", [0x04, 0x0B, 0x14, 0x58, 0x4FF])
def test_a_short_message_is_judged_like_a_long_one(status: int) -> None:
    long = Pending(1, [b"x"]).answer(1, status, "", NO_OVERRIDES)
    assert Single(1, b"x").answer(1, status, "", NO_OVERRIDES) == long


def test_a_trunks_own_decision_wins() -> None:
    overrides = {0x45: Decision.FAIL, 0x0B: Decision.PAUSE_TRUNK}
    code, detail = "smpp_00000045", "RSUBMITFAIL 0x00000045"
    assert refusal(0x45, {}) == Rejected(code, detail, Decision.NEXT_ONCE)
    assert refusal(0x45, {}, overrides) == Rejected(code, detail, Decision.FAIL)
    assert refusal(0x0B, {1: "a"}, overrides) == Deferred(
        1.0, "smpp_0000000B", "RINVDSTADR 0x0000000B", {1: "a"}
    )
    unchanged = refusal(0x08, {}, overrides)
    assert isinstance(unchanged, Rejected)
    assert unchanged.decision is Decision.RETRY
