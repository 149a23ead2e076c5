"""The token bucket: exact over time, never above the rate in any second."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.pacing import CATCH_UP_S, TokenBucket


def grants(
    bucket: TokenBucket, seconds: float, lateness: random.Random, start_s: float = 0.0
) -> list[float]:
    """When each segment went out, asking a little late each time."""
    now_s, sent = start_s, []
    while now_s < start_s + seconds:
        sent += [now_s] * bucket.take(1_000_000, now_s)
        now_s += max(bucket.wait_s(now_s), 0.0005) + lateness.expovariate(1000)
    return sent


def most_in_a_second(sent: list[float]) -> int:
    most = first = 0
    for n, at_s in enumerate(sent):
        while sent[first] <= at_s - 1.0:
            first += 1
        most = max(most, n - first + 1)
    return most


@pytest.mark.parametrize("rate_per_s", [0.5, 2.5, 50.0, 500.0, 5000.0])
def test_a_minute_gets_its_share_and_no_second_more(rate_per_s: float) -> None:
    sent = grants(TokenBucket(rate_per_s, 0.0), 60.0, random.Random(3))
    assert 0.98 <= len(sent) / (60 * rate_per_s) <= 1.0
    assert most_in_a_second(sent) <= rate_per_s + 1


def test_it_begins_with_one_and_not_with_a_burst() -> None:
    assert TokenBucket(1000.0, 0.0).take(1000, 0.0) == 1


def test_after_a_pause_it_grants_no_more_than_a_late_wake_up() -> None:
    bucket = TokenBucket(1000.0, 0.0)
    assert bucket.take(10_000, 60.0) == 1000 * CATCH_UP_S


@given(
    rate_per_s=st.floats(0.1, 2000),
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(0, 3000)), max_size=60),
)
def test_whoever_asks_how_often_no_second_has_too_many(
    rate_per_s: float, steps: list[tuple[float, int]]
) -> None:
    bucket, now_s, sent = TokenBucket(rate_per_s, 0.0), 0.0, []
    for wait_s, wanted in steps:
        now_s += wait_s
        sent += [now_s] * bucket.take(wanted, now_s)
    assert most_in_a_second(sent) <= rate_per_s + 1


def test_after_the_wait_it_grants_at_least_one() -> None:
    bucket, now_s = TokenBucket(50.0, 0.0), 0.0
    for _ in range(200):
        now_s += bucket.wait_s(now_s) + 1e-9
        assert bucket.take(1, now_s) == 1


def test_what_is_granted_soon_may_be_claimed_now() -> None:
    bucket = TokenBucket(50.0, 0.0)
    assert bucket.take(1, 0.0) == 1
    assert bucket.until(0.0, 0.2) == 9
    assert TokenBucket(0.01, 0.0).until(0.0, 0.2) == 1


def test_a_changed_rate_holds_from_then_on() -> None:
    bucket, late = TokenBucket(100.0, 0.0), random.Random(1)
    grants(bucket, 2.0, late)
    bucket.rate_per_s = 10.0
    later = grants(bucket, 10.0, late, start_s=3.0)
    assert 95 <= len(later) <= 101
