"""The processes of a run: the service with its fault, and the SMSC simulator.

The simulator is a process of its own, so that no fault of the service touches its
receive log; it is asked through that log only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from massivesms.config import Config
from tests.engine.process import Service
from tests.fakes.smsc import Received, Submission, assemble, read_log

REPOSITORY = Path(__file__).parents[2]
LOOK_S = 0.02
END_S = 15.0


class FaultyService(Service):
    """`massivesms run` with arguments of tests/faults/service.py."""

    def __init__(
        self, config: Config, *arguments: str, log: Path | None = None
    ) -> None:
        super().__init__(config)
        self._arguments = arguments
        if log is not None:
            self.log = log

    def start(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.service"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--config", str(self._config.file), *self._arguments],
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
            )
        return self

    def wait_killed(self, timeout_s: float) -> None:
        """Until it has killed itself; fails when it does not, or ends otherwise."""
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise AssertionError("the kill point was never reached") from error
        assert status == -signal.SIGKILL, f"it ended with {status}:\n{self.end()}"

    def freeze(self) -> None:
        """SIGSTOP."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    def end(self) -> str:
        """Its last words."""
        return self.log.read_text(errors="replace")[-1500:]


class Operator:
    """One SMSC simulator: its port, its receive log, and ways to hurt it."""

    def __init__(self, log: Path, behaviour: Mapping[str, Any]) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.log = log
        self._behaviour = dict(behaviour)
        self._process: subprocess.Popen[str] | None = None
        self._read_to = 0
        self._arrived = 0

    def start(self, **behaviour: Any) -> Self:
        """Listens, on the same port as before; the log is appended to."""
        self._behaviour |= behaviour
        settings = self.log.with_suffix(".json")
        settings.write_text(json.dumps(self._behaviour))
        command = [sys.executable, "-m", "tests.fakes.smsc", "--port", str(self.port)]
        with self.log.with_suffix(".err").open("ab") as errors:
            self._process = subprocess.Popen(
                [*command, "--log", str(self.log), "--behaviour", str(settings)],
                cwd=REPOSITORY,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("listening"), f"the simulator said {line!r}"
        self.port = int(line.rpartition(":")[2])
        return self

    def stop(self) -> None:
        """Ends it; every link is closed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.communicate(timeout=END_S)
            self._process = None

    def freeze(self) -> None:
        """Links stay open, and nobody is there."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def arrived(self) -> int:
        """Submissions in the log, accepted or not."""
        if self.log.exists():
            with self.log.open("rb") as log:
                log.seek(self._read_to)
                new = log.read()
            whole = new[: new.rfind(b"\n") + 1]
            self._read_to += len(whole)
            self._arrived += whole.count(b'"body"')
        return self._arrived

    def wait_for(self, n: int, timeout_s: float = 30) -> None:
        """Until n submissions have arrived."""
        until_s = time.monotonic() + timeout_s
        while self.arrived() < n:
            if time.monotonic() > until_s:
                raise AssertionError(f"{self.arrived()} of {n} came in {timeout_s} s")
            time.sleep(LOOK_S)

    def submissions(self) -> list[Submission]:
        """The receive log."""
        if not self.log.exists():
            return []
        text = self.log.read_text("ascii")
        return read_log(text[: text.rfind("\n") + 1].splitlines())

    def messages(self) -> list[Received]:
        """What the handsets would show."""
        return assemble(self.submissions())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
