"""The real service as a process of its own, for faults that only a process has."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from massivesms.config import Config

END_S = 15.0


class Service:
    """`massivesms run` with one configuration; killed at the end if need be."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.log = Path(config.file).with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).with_name("massivesms")), "run"],
                env={**os.environ, "MASSIVESMS_CONFIG": str(self._config.file)},
                stdout=log,
                stderr=log,
            )
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        """SIGKILL: it cannot say goodbye."""
        self.process.kill()
        self.process.wait(END_S)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> tuple[int, float]:
        """(exit status, seconds) once it has ended by itself."""
        began_s = time.monotonic()
        return self.process.wait(END_S), time.monotonic() - began_s

    def said(self) -> str:
        return self.log.read_text()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
