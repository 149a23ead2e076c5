"""Which trunk may take a message, and which is next."""

from __future__ import annotations

import pytest

from massivesms.domain.routing import (
    Candidate,
    best_trunks,
    format_tried,
    next_trunk,
    parse_tried,
)


def c(trunk_id: int, priority: int, available: bool = True) -> Candidate:
    return Candidate(trunk_id, priority, available)


@pytest.mark.parametrize(
    ("candidates", "best"),
    [
        ([], set()),
        ([c(1, 1)], {1}),
        ([c(1, 1), c(2, 2)], {1}),
        ([c(1, 1), c(2, 1), c(3, 2)], {1, 2}),
        ([c(1, 1, False), c(2, 2)], {2}),
        ([c(1, 1, False), c(2, 1), c(3, 2)], {2}),
        ([c(1, 1, False)], set()),
        ([c(9, 5), c(8, 3)], {8}),
    ],
    ids=["none", "one", "first", "equal share", "first down", "one of two down",
         "all down", "order of the list does not matter"],
)  # fmt: skip
def test_fresh_messages_go_to_the_best_that_can(
    candidates: list[Candidate], best: set[int]
) -> None:
    assert best_trunks(candidates) == best


@pytest.mark.parametrize(
    ("candidates", "tried", "found"),
    [
        ([], [], None),
        ([c(1, 1), c(2, 2), c(3, 3)], [1], 2),
        ([c(1, 1), c(2, 2), c(3, 3)], [1, 2], 3),
        ([c(1, 1), c(2, 2)], [2, 1], None),
        ([c(1, 1), c(2, 2, False), c(3, 3)], [1], 3),
        ([c(1, 1), c(2, 2, False)], [1], 2),
        ([c(1, 2), c(2, 1)], [1], 2),
        ([c(5, 1), c(4, 1), c(6, 1)], [6], 4),
    ],
    ids=["none", "second", "third", "all tried", "one that can is preferred",
         "one that cannot is better than none", "a better one too", "lowest id"],
)  # fmt: skip
def test_the_next_trunk(
    candidates: list[Candidate], tried: list[int], found: int | None
) -> None:
    assert next_trunk(candidates, tried) == found


@pytest.mark.parametrize("tried", [(), (3,), (3, 7), (12, 3, 456)])
def test_tried_trunks_survive_being_stored(tried: tuple[int, ...]) -> None:
    assert parse_tried(format_tried(tried)) == tried


def test_the_stored_form_is_plain() -> None:
    assert format_tried([3, 7]) == "3,7"
    assert parse_tried("") == ()
