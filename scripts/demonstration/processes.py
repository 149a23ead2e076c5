"""Owns the demo's child processes: each starts, is waited for, and ends in order.

A child has a session of its own, so that Ctrl-C reaches only the demo, and dies
with it even when the demo is killed.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from scripts.demonstration.place import ROOT, DemoFailed

STOP_WAIT_S = 20.0
LOOK_S = 0.05
LOG_LINES = 8


class Child:
    """One process that runs as long as the demo; its output goes to a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        *,
        death: str = "KILL",
    ) -> None:
        self.name = name
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", death, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env=environment,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Until it has ended, however."""
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, fact: Callable[[], bool], wait_s: float) -> None:
        """Until `fact()`. Raises DemoFailed when it ends first, or takes too long."""
        until_s = time.monotonic() + wait_s
        while not fact():
            self.must_run()
            if time.monotonic() > until_s:
                raise DemoFailed(f"{self.name} is not ready after {wait_s:.0f} s")
            time.sleep(LOOK_S)

    def must_run(self) -> None:
        """Raises DemoFailed with its last words when it has ended."""
        if not self.is_running:
            said = "\n  ".join(self.output.strip().splitlines()[-LOG_LINES:])
            code = self._process.returncode
            raise DemoFailed(
                f"{self.name} has ended (status {code}). It said:\n  {said}"
            )

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to all of its session when that is not enough."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_WAIT_S)
        if self.is_running:
            print(f"{self.name} does not end; it is killed.")
            self._process.kill()
            self._process.wait()


@contextmanager
def ending_in_order() -> Iterator[ExitStack]:
    """What is pushed ends in reverse order, and no second Ctrl-C comes between."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    stack = ExitStack()
    try:
        yield stack
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stack.close()
