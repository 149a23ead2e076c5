"""The measure of call records, small: every caller is in the list."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.benchmark import calls
from scripts.benchmark.house import House

pytestmark = pytest.mark.long

RUN = {"ratio", "list_s", "missed_count_s", "bare_s", "rss_mb_max"}


def test_every_caller_is_accounted_for_and_the_keys_are_stable(tmp_path: Path) -> None:
    with ExitStack() as stack:
        result = calls.measure(House(tmp_path, stack), rows=2000, runs=1)
    assert set(result["calls"]) == RUN | {"rows", "numbers", "runs"}
    (run,) = result["calls"]["runs"]
    assert set(run) == RUN
    assert all(figure > 0 for figure in run.values())
    assert result["calls"]["numbers"] > 100
    assert list(tmp_path.iterdir()) == []
