"""How arrivals become figures: held to cases that can be counted by hand."""

from __future__ import annotations

import pytest

from scripts.benchmark.express import percentile
from scripts.benchmark.pacing import Reads, fullest_second, judge
from scripts.demonstration.place import DemoFailed

MS = 1_000_000


def evenly(every_ms: int, n: int, first_ms: int = 5000) -> list[tuple[int, int]]:
    return [((first_ms + i * every_ms) * MS, 1) for i in range(n)]


@pytest.mark.parametrize(
    ("reads", "most"),
    [
        (evenly(20, 200), 50),
        ([*evenly(20, 200), (9000 * MS, 7)], 56),
        ([(0, 30), (999 * MS, 30), (1000 * MS, 5)], 60),
        ([(0, 3)], 3),
    ],
    ids=["even", "a burst at the end", "the end is not included", "one read"],
)
def test_the_fullest_second_slides(reads: Reads, most: int) -> None:
    assert fullest_second(reads) == most


@pytest.mark.parametrize(
    ("reads", "percent", "over"),
    [
        (evenly(20, 700), 100, 0),
        (evenly(25, 700), 80, -10),
        ([(5000 * MS, 10), *evenly(20, 700)], 102, 10),
    ],
    ids=["exact", "too slow", "ten at once at the start"],
)
def test_the_time_begins_with_the_first_arrival(
    reads: Reads, percent: float, over: int
) -> None:
    told = judge(reads, rate_per_s=50, seconds=10)
    assert told["percent_of_allowance"] == pytest.approx(percent)
    assert told["most_over_in_a_second"] == over


def test_nothing_is_no_figure() -> None:
    with pytest.raises(DemoFailed):
        judge([], 50, 10)


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 100), (99, 198), (100, 200), (0, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(percent: int, value: int) -> None:
    assert percentile([float(n) for n in range(200, 0, -1)], percent) == value
