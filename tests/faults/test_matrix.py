"""Every row of the fault matrix, reduced; `scripts/faults` plays it in full.

Most of the time is waiting: rows that leave the database alone are played ahead,
side by side, while the others are played one by one. A run that fails says its seed,
and where its schedule and its logs are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.matrix import ROWS
from tests.faults.report import replay
from tests.faults.run import Result, Scenario, play
from tests.faults.session import REDUCED_RUNS, Session

SIDE_BY_SIDE = 5
Played = Callable[[Scenario], list[Result]]


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    """The results of a row that this session has chosen."""
    module = request.module.__name__
    items = [i for i in request.session.items if getattr(i, "module", None)]
    chosen = [
        item.callspec.params["row"]  # type: ignore[attr-defined]
        for item in items
        if item.module.__name__ == module  # type: ignore[attr-defined]
    ]
    first = secrets.randbits(31)
    seeds = range(first, first + REDUCED_RUNS)
    pool = ThreadPoolExecutor(SIDE_BY_SIDE)
    with Session(Path(tmp_path_factory.mktemp("faults"))) as session:
        ahead = {
            row.name: [
                pool.submit(play, row, seed, session.ground(row), False)
                for seed in seeds
            ]
            for row in chosen
            if not row.hurts and not row.lacks()
        }

        def results(row: Scenario) -> list[Result]:
            if row.hurts:
                return list(session.play(row, seeds, full=False))
            return [future.result() for future in ahead[row.name]]

        try:
            yield results
        finally:
            pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_is_promised_holds_under(row: Scenario, played: Played) -> None:
    if row.lacks():
        pytest.skip(row.lacks())
    results = played(row)
    failed = [
        "\n  ".join([*one.problems, str(one.directory), replay(one)])
        for one in results
        if one.problems
    ]
    assert not failed, "\n".join(failed)
    assert len(results) == REDUCED_RUNS
