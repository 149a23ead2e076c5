"""A set of millions of numbers behaves as Python's own does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.number_sets import NumberSet

NUMBERS = st.integers(min_value=1, max_value=2**64 - 1)


@given(st.lists(NUMBERS), st.lists(NUMBERS))
def test_it_holds_what_was_put_in_and_nothing_else(
    added: list[int], asked: list[int]
) -> None:
    ours, theirs = NumberSet(), set(added)
    for number in added:
        ours.add(number)
    assert len(ours) == len(theirs)
    assert all(number in ours for number in added)
    assert [number in ours for number in asked] == [n in theirs for n in asked]


@pytest.mark.parametrize(
    "step", [1, 1 << 20, 1 << 40, 10_000], ids=["next", "20 bits", "40 bits", "10000"]
)
def test_it_grows_whatever_the_numbers_have_in_common(step: int) -> None:
    numbers = [34600000000 + step * n for n in range(5000)]
    ours = NumberSet()
    for number in numbers + numbers:
        ours.add(number)
    assert len(ours) == 5000
    assert all(number in ours for number in numbers)
    assert not any(number + 1 in ours for number in numbers if step > 1)
