"""The pid file: held with a lock, so that the daemon runs once.

The lock goes away with the process, however it dies; a stale file means nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from ..domain.words import N_, Problem
from ..errors import ConfigError

LOCK_TRIES, LOCK_WAIT_S = 5, 0.02


class PidFile:
    """The lock of a running service."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def hold(self) -> bool:
        """Takes the lock and writes our pid; False when another service has it.

        Raises ConfigError when the file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+", encoding="ascii")
        except OSError as error:
            raise ConfigError(_unwritable(self.path, error)) from error
        if not _lock(file):
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self.file = file
        return True

    def release(self) -> None:
        """Empties the file and gives the lock up; the file itself stays.

        Deleting it could leave two services each with a lock on a file of its own.
        """
        if self.file is not None:
            self.file.truncate(0)
            self.file.close()
            self.file = None

    def running_pid(self) -> int | None:
        """The pid of the service that holds the lock, None when none does."""
        try:
            with self.path.open(encoding="ascii") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    return None
                except BlockingIOError:
                    text = file.read().strip()
        except OSError:
            return None
        return int(text) if text.isdecimal() else None


def _lock(file: IO[str]) -> bool:
    """Takes the lock; tries again a few times, as running_pid() holds it a moment."""
    for attempt in range(LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if attempt + 1 < LOCK_TRIES:
                time.sleep(LOCK_WAIT_S)
    return False


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "pid_file_unwritable",
        N_("The pid file %(file)s cannot be written: %(error)s"),
        file=path,
        error=error.strerror or error,
    )
