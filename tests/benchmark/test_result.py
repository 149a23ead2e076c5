"""What scripts/bench prints: names that scripts of others rely on, aims in words."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from scripts.benchmark.table import Figure, key, table

BENCH = Path(__file__).resolve().parents[2] / "scripts" / "bench"
MACHINE = {
    *("cpu", "cores", "memory_gb", "kernel", "mariadb", "python", "load_1_minute"),
    *("file_system", "buffer_pool_gb"),
}
DRAIN = {
    *("ratio", "per_second", "straight_per_second", "cpu_us_per_message"),
    *("rss_mb_start", "rss_mb_at_10_percent", "rss_mb_end", "rss_mb_max"),
    *("smsc_cpu_us_per_message", "straight_cpu_us_per_message"),
    *("straight_smsc_cpu_us_per_message", "messages", "wall_s"),
}


@pytest.fixture(scope="module")
def drained() -> dict[str, dict[str, object]]:
    """A drain that is too small to say anything."""
    command = [BENCH, "--only", "drain", "--quick", "--json", "--runs", "1"]
    done = subprocess.run(
        [*command, "--messages", "2000"], capture_output=True, text=True, check=True
    )
    result: dict[str, dict[str, object]] = json.loads(done.stdout)
    return result


def test_the_keys_of_a_drain_are_stable(
    drained: dict[str, dict[str, object]],
) -> None:
    assert set(drained) == {"machine", "drain"}
    assert set(drained["machine"]) == MACHINE
    assert set(drained["drain"]) == DRAIN | {"runs"}
    (run,) = drained["drain"].pop("runs")  # type: ignore[misc]
    assert run == drained["drain"]
    assert run["messages"] == 2000


def test_the_table_has_a_line_for_each_figure_and_names_the_machine(
    drained: dict[str, dict[str, object]],
) -> None:
    lines = table(drained).splitlines()
    assert [line for line in lines if line.startswith("| drain | service to straight")]
    assert "MariaDB" in lines[-1]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (0.6, "at least 0.60, at most 1.00"),
        (0.59, "at least 0.60, at most 1.00: missed"),
        (1.01, "at least 0.60, at most 1.00: missed"),
    ],
)
def test_an_aim_that_is_missed_says_so(found: float, said: str) -> None:
    figure = Figure("ratio", key("ratio"), least=0.6, most=1.0)
    assert figure.aim(found) == said


@pytest.mark.parametrize(
    "wrong",
    [["--runs", "0"], ["--messages", "0"], ["--pages-messages", "9999"]],
    ids=lambda wrong: wrong[0],
)
def test_a_number_that_makes_no_sense_is_wrong_usage(wrong: list[str]) -> None:
    done = subprocess.run([BENCH, *wrong], capture_output=True, text=True)
    assert done.returncode == 2
    assert f"{wrong[0]} is at least" in done.stderr
