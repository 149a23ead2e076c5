"""Owns the SMSC's process as the measures see it: a port, and what arrived."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from scripts.demonstration.place import ROOT, DemoFailed

END_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came to the SMSC since the last look; times are of CLOCK_MONOTONIC."""

    submissions: int
    reads: list[tuple[int, int]]  # ns, submissions in one read
    marked: dict[str, int]  # number -> ns
    cpu_s: float

    @property
    def cpu_us_per_message(self) -> float:
        """What the SMSC took from the machine that both sides share."""
        return self.cpu_s / self.submissions * 1e6 if self.submissions else 0.0


class Peer:
    """The SMSC as a process; dies with us."""

    def __init__(self, mark: str = "") -> None:
        self._process = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL"),
                *(sys.executable, "-m", "scripts.benchmark.smsc", "--mark", mark),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        self.port = int(self._line().rpartition(" ")[2])

    def arrived(self) -> Arrived:
        """What came since the last call."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        told = json.loads(self._line())
        reads = [(ns, n) for ns, n in told.pop("reads")]
        return Arrived(reads=reads, **told)

    def tell(self, word: str) -> None:
        """What it is to do with receipts."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(END_WAIT_S)

    def _line(self) -> str:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise DemoFailed("the benchmark's SMSC has ended")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
