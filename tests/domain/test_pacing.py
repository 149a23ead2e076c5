"""The token bucket keeps the mean rate, whatever the sizes and the pauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.pacing import BURST_S, TokenBucket


def test_without_a_rate_there_is_no_limit() -> None:
    bucket = TokenBucket(None, 0.0)
    bucket.take(10_000)
    assert bucket.available(0.0) >= 1000
    assert bucket.wait_s(0.0) == 0.0


def test_it_begins_with_one_and_not_with_a_burst() -> None:
    assert TokenBucket(1000.0, 0.0).available(0.0) == 1


@pytest.mark.parametrize(
    ("rate", "idle_s", "granted"),
    [(10.0, 1.0, 1), (100.0, 5.0, 10), (1000.0, 0.05, 51), (0.5, 60.0, 1)],
    ids=["small", "capped", "not yet capped", "less than one a second"],
)
def test_after_a_pause_it_grants_no_more_than_the_burst(
    rate: float, idle_s: float, granted: int
) -> None:
    assert TokenBucket(rate, 0.0).available(idle_s) == granted


def test_a_long_message_overdraws_and_the_debt_is_waited_for() -> None:
    bucket = TokenBucket(10.0, 0.0)
    bucket.take(6)
    assert bucket.available(0.0) == 0
    assert bucket.wait_s(0.0) == pytest.approx(0.6)
    assert bucket.available(0.61) == 1


def test_what_was_not_sent_is_given_back() -> None:
    bucket = TokenBucket(10.0, 0.0)
    bucket.take(1)
    bucket.take(-1)
    assert bucket.available(0.0) == 1


@pytest.mark.parametrize(
    ("rate", "factor", "then"), [(10.0, 0.5, 5.0), (0.15, 0.5, 0.1), (10.0, 1.25, 12.5)]
)
def test_it_can_be_slowed_down(rate: float, factor: float, then: float) -> None:
    bucket = TokenBucket(rate, 0.0)
    bucket.slow_down(factor)
    assert bucket.rate_per_s == pytest.approx(then)


def test_a_clock_that_goes_back_grants_nothing_extra() -> None:
    bucket = TokenBucket(10.0, 100.0)
    bucket.take(1)
    assert bucket.available(50.0) == 0


@given(
    rate=st.floats(0.5, 500.0),
    sizes=st.lists(st.integers(1, 10), min_size=5, max_size=60),
)
def test_the_mean_rate_is_never_exceeded(rate: float, sizes: list[int]) -> None:
    bucket, now_s, sent = TokenBucket(rate, 0.0), 0.0, 0
    for size in sizes:
        now_s += bucket.wait_s(now_s) + 1e-6
        assert bucket.available(now_s) >= 1
        bucket.take(size)
        sent += size
    allowed = 1 + rate * (now_s + BURST_S) + sizes[-1]
    assert sent <= allowed + 1
