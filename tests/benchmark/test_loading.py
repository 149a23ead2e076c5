"""The measure of imports, small: every row of the file is accounted for."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.benchmark import loading
from scripts.benchmark.house import House

pytestmark = pytest.mark.long

RUN = {
    *("ratio", "per_second", "bare_per_second", "rss_mb_max"),
    *("campaign_ratio", "campaign_per_second", "bare_campaign_per_second"),
}


def test_every_row_is_accounted_for_and_the_keys_are_stable(tmp_path: Path) -> None:
    with ExitStack() as stack:
        result = loading.measure(House(tmp_path, stack), rows=1000, runs=1)
    assert set(result["import"]) == RUN | {"rows", "runs"}
    (run,) = result["import"]["runs"]
    assert set(run) == RUN
    assert all(figure > 0 for figure in run.values())
    assert list(tmp_path.iterdir()) == []
