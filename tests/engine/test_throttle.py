"""How a trunk slows down when the operator complains, and recovers."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

import pytest

from massivesms.engine.backoff import Backoff
from massivesms.engine.throttle import CALM_S, STEPS, Throttle


@dataclass
class Operator:
    """Takes so many in any second, and refuses a share of everything."""

    per_s: int | None = None
    share: float = 0.0
    per_minute: int | None = None
    randomness: random.Random = field(default_factory=lambda: random.Random(7))
    _taken: deque[float] = field(default_factory=deque)

    def takes(self, now_s: float) -> bool:
        remembered_s = 60 if self.per_minute else 1
        while self._taken and self._taken[0] <= now_s - remembered_s:
            self._taken.popleft()
        most = self.per_minute or self.per_s
        is_full = most is not None and len(self._taken) >= most
        if is_full or self.randomness.random() < self.share:
            return False
        self._taken.append(now_s)
        return True


def taken_per_s(
    throttle: Throttle, operator: Operator, window: int, seconds: float
) -> float:
    """What gets through with answers after 20 ms."""
    on_way: deque[tuple[float, bool]] = deque()
    now_s, taken = 0.0, 0
    while now_s < seconds:
        while on_way and on_way[0][0] <= now_s:
            _, is_taken = on_way.popleft()
            if is_taken:
                throttle.accepted(1, now_s)
                taken += 1
            else:
                throttle.complain(1.0, now_s)
        free = window - len(on_way)
        granted = throttle.take(free, now_s) if free else 0
        on_way.extend((now_s + 0.02, operator.takes(now_s)) for _ in range(granted))
        now_s += 0.005
    return taken / seconds


def test_a_complaint_pauses_and_others_of_the_same_pause_do_nothing() -> None:
    throttle = Throttle(100.0, 0.0)
    throttle.complain(1.0, 10.0)
    throttle.complain(1.0, 10.5)
    assert throttle.take(1, 10.9) == 0
    assert throttle.claimable(10.5) == 0
    assert throttle.wait_s(10.5) == pytest.approx(0.5)
    assert throttle.take(1, 11.0) == 1
    assert throttle.rate_per_s == pytest.approx(47.5)  # nothing was taken: half


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
    assert throttle.take(1, 7.99) == 0
    assert throttle.take(1, 8.01) > 0


def test_a_full_queue_pauses_for_as_long_as_it_asks() -> None:
    throttle = Throttle(None, 0.0)
    throttle.complain(30.0, 0.0)
    assert throttle.take(1, 29.9) == 0
    assert throttle.take(1, 30.1) > 0


def test_without_a_rate_it_learns_one_from_what_was_taken() -> None:
    throttle = Throttle(None, 0.0)
    for n in range(40):
        throttle.accepted(1, n / 100)
    throttle.complain(1.0, 0.5)
    throttle.take(1, 1.6)
    assert throttle.rate_per_s == pytest.approx(38.0)


def test_the_learned_rate_never_falls_below_one() -> None:
    throttle = Throttle(None, 0.0)
    for n in range(20):
        throttle.complain(1.0, n * 100.0)
        throttle.take(1, n * 100.0 + 99)
    assert throttle.rate_per_s is not None
    assert throttle.rate_per_s >= 1.0


def test_it_recovers_faster_and_faster_up_to_its_own_rate() -> None:
    throttle = Throttle(100.0, 0.0)
    throttle.complain(1.0, 0.0)
    rates, now_s = [], 1.0
    for _ in range(9):
        now_s += CALM_S + 0.1
        throttle.take(1, now_s)
        rates.append(throttle.rate_per_s)
    assert rates[:2] == pytest.approx([47.5 * STEPS[0], 47.5 * STEPS[0] * STEPS[1]])
    assert rates == sorted(rates)
    assert rates[-1] == 100.0


def test_a_rate_below_one_is_left_as_it_is() -> None:
    throttle = Throttle(0.5, 0.0)
    throttle.complain(1.0, 0.0)
    throttle.take(1, 2.0)
    assert throttle.rate_per_s == 0.5


@pytest.mark.parametrize(
    ("operator", "rate_per_s", "window", "allowed_per_s"),
    [
        (Operator(per_s=100), None, 100, 100),
        (Operator(per_s=100), 200.0, 100, 100),
        (Operator(per_s=20), None, 10, 20),
        (Operator(per_s=300), None, 1000, 300),
        (Operator(share=0.5), 200.0, 100, 100),
        (Operator(share=0.05), 200.0, 100, 190),
    ],
    ids=[
        "counts by the second",
        "counts by the second, and our rate is double",
        "slow, small window",
        "large window",
        "refuses every other one, however slow we are",
        "refuses one in twenty",
    ],
)
def test_four_fifths_of_what_is_allowed_gets_through(
    operator: Operator, rate_per_s: float | None, window: int, allowed_per_s: int
) -> None:
    throttle = Throttle(rate_per_s, 0.0)
    reached = taken_per_s(throttle, operator, window, 90.0)
    assert 0.8 * allowed_per_s <= reached <= 1.05 * allowed_per_s


def test_an_operator_who_takes_nothing_for_the_rest_of_a_minute_is_left_alone() -> None:
    """60 at once, then refusals: what is asked in vain stays few."""
    operator = Operator(per_minute=60)
    asked = 0
    takes = operator.takes

    def counted(now_s: float) -> bool:
        nonlocal asked
        asked += 1
        return takes(now_s)

    operator.takes = counted  # type: ignore[method-assign]
    taken_per_s(Throttle(None, 0.0), operator, 10, 58.0)
    assert asked < 60 + 60


def test_waits_between_tries_double_with_jitter_up_to_a_minute() -> None:
    backoff = Backoff(random.Random(1))
    waits = [backoff.next_s() for _ in range(9)]
    for wait_s, middle_s in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert 0.8 * middle_s <= wait_s <= 1.2 * middle_s
    backoff.reset()
    assert backoff.next_s() <= 1.2
