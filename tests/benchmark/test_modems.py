"""The measure of twenty modems, small: nothing is lost and all of them send."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.benchmark import modems
from scripts.benchmark.house import House
from scripts.benchmark.table import FIGURES

pytestmark = pytest.mark.long


def test_every_message_is_accounted_for_and_each_figure_is_there(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        result = modems.measure(House(tmp_path, stack), seconds=2, messages=400)
    assert set(result) == {"modems"}
    assert all(figure >= 0 for figure in result["modems"].values())
    for figure in FIGURES["modems"]:
        assert figure.of(result["modems"]) >= 0
    assert list(tmp_path.iterdir()) == []
