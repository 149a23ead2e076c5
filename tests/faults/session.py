"""Plays the runs of rows on shared servers, several side by side where they may."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.faults.ground import Ground
from tests.faults.run import Result, Scenario, play

REDUCED_RUNS = 3
SIDE_BY_SIDE = 3


class Session:
    """Use it from the main thread: the servers die with the thread that starts
    them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._grounds: dict[tuple[int, bool], Ground] = {}
        self._open = ExitStack()

    def play(
        self,
        scenario: Scenario,
        seeds: Iterable[int],
        *,
        full: bool,
        size: int | None = None,
        until_s: float | None = None,
    ) -> Iterator[Result]:
        """The results as they come; no run begins after `until_s`."""
        ground = self.ground(scenario)
        if scenario.hurts:
            for seed in seeds:
                if until_s is None or time.monotonic() < until_s:
                    yield play(scenario, seed, ground, full, size)
            return
        running: set[Future[Result]] = set()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for seed in seeds:
                if until_s is not None and time.monotonic() >= until_s:
                    break
                running.add(pool.submit(play, scenario, seed, ground, full, size))
                if len(running) == SIDE_BY_SIDE:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            yield from (one.result() for one in wait(running).done)

    def ground(self, scenario: Scenario) -> Ground:
        """Its servers: those that rows hurt are not those of the others."""
        key = (scenario.disk_mb, scenario.hurts)
        if key not in self._grounds:
            ground = Ground(self._directory, scenario.disk_mb)
            self._grounds[key] = self._open.enter_context(ground)
        return self._grounds[key]

    def __enter__(self) -> Self:
        self._directory.mkdir(exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()
        if not any(self._directory.iterdir()):
            self._directory.rmdir()
