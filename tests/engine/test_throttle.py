"""How a trunk slows down when the operator complains, and recovers."""

from __future__ import annotations

import random

import pytest

from massivesms.engine.backoff import Backoff
from massivesms.engine.throttle import CALM_S, Throttle


def test_a_complaint_pauses_and_others_of_the_same_pause_do_nothing() -> None:
    throttle = Throttle(100.0, 0.0)
    throttle.complain(1.0, 10.0)
    throttle.complain(1.0, 10.5)
    assert throttle.available(10.9) == 0
    assert throttle.wait_s(10.5) == pytest.approx(0.5)
    assert throttle.available(11.0) >= 1
    assert throttle.bucket.rate_per_s == 75.0


def test_pauses_grow_while_nothing_is_taken() -> None:
    throttle, now_s, pauses = Throttle(None, 0.0), 0.0, []
    for _ in range(8):
        throttle.complain(1.0, now_s)
        pauses.append(throttle.wait_s(now_s))
        now_s += pauses[-1]
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_something_taken_makes_the_pause_short_again() -> None:
    throttle = Throttle(None, 0.0)
    for now_s in (0.0, 1.0, 3.0):
        throttle.complain(1.0, now_s)
    throttle.accepted(1, 7.0)
    throttle.complain(1.0, 7.0)
    assert throttle.available(7.99) == 0
    assert throttle.available(8.01) > 0


def test_a_full_queue_pauses_for_as_long_as_it_asks() -> None:
    throttle = Throttle(None, 0.0)
    throttle.complain(30.0, 0.0)
    assert throttle.available(29.9) == 0
    assert throttle.available(30.1) > 0


def test_without_a_rate_it_learns_one_from_what_was_taken() -> None:
    throttle = Throttle(None, 0.0)
    for n in range(40):
        throttle.accepted(1, n / 100)
    throttle.complain(1.0, 0.5)
    assert throttle.bucket.rate_per_s == pytest.approx(30.0)


def test_the_learned_rate_never_falls_below_one() -> None:
    throttle = Throttle(None, 0.0)
    for n in range(20):
        throttle.complain(1.0, n * 100.0)
    assert throttle.bucket.rate_per_s == 1.0


def test_it_recovers_slowly_up_to_its_own_rate() -> None:
    throttle = Throttle(100.0, 0.0)
    throttle.complain(1.0, 0.0)
    rates = []
    for n in range(1, 6):
        throttle.available(n * (CALM_S + 0.1))
        rates.append(throttle.bucket.rate_per_s)
    assert rates == pytest.approx([82.5, 90.75, 99.825, 100.0, 100.0])


def test_a_rate_below_one_is_left_as_it_is() -> None:
    throttle = Throttle(0.5, 0.0)
    throttle.complain(1.0, 0.0)
    assert throttle.bucket.rate_per_s == 0.5


def test_waits_between_tries_double_with_jitter_up_to_a_minute() -> None:
    backoff = Backoff(random.Random(1))
    waits = [backoff.next_s() for _ in range(9)]
    for wait_s, middle_s in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert 0.8 * middle_s <= wait_s <= 1.2 * middle_s
    backoff.reset()
    assert backoff.next_s() <= 1.2
