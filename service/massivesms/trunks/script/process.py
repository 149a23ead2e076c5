"""One run of a trunk script: started without a shell, watched, drained, ended.

Owns the process and its pipe. A run that lasts too long is asked to end and then
killed with everything it started; what it prints beyond the cap is thrown away.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

OUTPUT_CAP = 64 * 1024
DRAINS_AT_ONCE = 64
KILL_AFTER_S = 2.0  # between TERM and KILL
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIMITS = {
    resource.RLIMIT_CPU: 120,  # seconds
    resource.RLIMIT_AS: 2 * 1024**3,  # octets
    resource.RLIMIT_FSIZE: 512 * 1024**2,
    resource.RLIMIT_CORE: 0,
}


class Run:
    """A script while it runs. Raises OSError when it cannot be started."""

    def __init__(
        self,
        script: Path,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        timeout_s: float,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - argv, never a shell
            [str(script), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/", **variables},
            start_new_session=True,
            close_fds=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        os.set_blocking(self._pipe.fileno(), False)
        self._limit()
        self.output = b""
        self.timed_out = False
        self.is_at_end = False  # of its output: it has closed the pipe
        self._ends_by_s = time.monotonic() + timeout_s
        self._kill_at_s: float | None = None

    def fileno(self) -> int:
        """The pipe, for poll()."""
        return self._pipe.fileno()

    @property
    def signal_number(self) -> int:
        """The signal that ended it, 0 when it ended by itself."""
        code = self._process.returncode
        return -code if code is not None and code < 0 else 0

    def is_over(self) -> bool:
        """Reads what is there, keeps the time limit; True when the run has ended."""
        self._drain()
        if self._process.poll() is not None:
            self._drain()
            self._signal_group(signal.SIGKILL)  # whatever it left behind
            self._pipe.close()
            return True
        now_s = time.monotonic()
        if self._kill_at_s is not None:
            if now_s >= self._kill_at_s:
                self._signal_group(signal.SIGKILL)
        elif now_s >= self._ends_by_s:
            self.timed_out = True
            self._kill_at_s = now_s + KILL_AFTER_S
            self._signal_group(signal.SIGTERM)
        return False

    def end(self) -> None:
        """Kills it now, with all that it started."""
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        self._pipe.close()

    def _drain(self) -> None:
        for _ in range(DRAINS_AT_ONCE):  # a quick writer must not hold up the rest
            try:
                data = os.read(self._pipe.fileno(), OUTPUT_CAP)
            except (BlockingIOError, ValueError):
                return
            if not data:
                self.is_at_end = True
                return
            room = OUTPUT_CAP - len(self.output)
            self.output += data[:room]
            if len(data) < OUTPUT_CAP:
                return

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _limit(self) -> None:
        with suppress(ProcessLookupError, PermissionError, ValueError):
            for limit, value in LIMITS.items():
                resource.prlimit(self._process.pid, limit, (value, value))
