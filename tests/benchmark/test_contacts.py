"""The measures of contacts, growing campaigns and jobs, small: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scripts.benchmark import contacts, growing, jobs
from scripts.benchmark.house import House
from scripts.benchmark.table import FIGURES

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("contacts", contacts.measure),
        ("growing", growing.measure),
        ("jobs", jobs.measure),
    ],
)
def test_every_row_is_accounted_for_and_each_figure_is_there(
    tmp_path: Path, name: str, measure: Callable[[House, int], dict[str, Any]]
) -> None:
    with ExitStack() as stack:
        result = measure(House(tmp_path, stack), 1000)
    assert set(result) == {name}
    assert all(figure > 0 for figure in result[name].values())
    for figure in FIGURES[name]:
        assert figure.of(result[name]) > 0
    assert list(tmp_path.iterdir()) == []
